"""python-telegram-bot: models of updates, and a client of the Bot API."""

import asyncio
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import Recorder, serve

from telegram import (
    Bot,
    CallbackQuery,
    Chat,
    ChatMemberBanned,
    ChatMemberMember,
    ChatMemberUpdated,
    Contact,
    Document,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Location,
    Message,
    MessageEntity,
    PhotoSize,
    Update,
    User,
    Voice,
)

NOW = datetime(2027, 1, 15, 8, tzinfo=timezone.utc)


def message(user, **fields):
    sender = User(user, "A", False, language_code="zh-hans")
    return Message(7, NOW, Chat(user, "private", first_name="A"), from_user=sender, **fields)


def parts(request):
    user, text = request["user"], request.get("text")
    sender, bot = User(user, "A", False), User(123456, "B", True)
    match request["kind"]:
        case "text":
            return {"message": message(user, text=text)}
        case "photo":
            sizes = [PhotoSize("SMALL", "s", 9, 9, file_size=900), PhotoSize("LARGE", "l", 99, 99, file_size=9000)]
            return {"message": message(user, photo=sizes)}
        case "voice":
            return {"message": message(user, voice=Voice("VOICE", "v", 3, mime_type="audio/ogg", file_size=4000))}
        case "document":
            given = {"file_name": "发票.pdf", "mime_type": "application/pdf", "file_size": 7000}
            return {"message": message(user, document=Document("DOC", "d", **given))}
        case "location":
            return {"message": message(user, location=Location(longitude=121.5, latitude=31.25))}
        case "contact":
            return {"message": message(user, contact=Contact("+8613800138000", "A"))}
        case "callback":
            return {"callback_query": CallbackQuery("1", sender, "c", message=message(user, text="?"), data=text)}
        case "blocked":
            chat = Chat(user, "private", first_name="A")
            there, gone = ChatMemberMember(bot), ChatMemberBanned(bot, NOW)
            return {"my_chat_member": ChatMemberUpdated(chat, sender, NOW, there, gone)}


def update(request):
    return {"body": Update(7, **parts(request)).to_json()}


recorder = Recorder(
    lambda _: {
        "ok": True,
        "result": {"message_id": 8, "date": 1_800_000_000, "chat": {"id": 42, "type": "private"}},
    }
)


MARKS = {"bold": "bold", "italic": "italic", "code": "code", "link": "text_link"}


def html(runs):
    """The library's own HTML of runs: each a mark, a text and, of links, an address."""
    said, entities = "", []
    for mark, text, *url in runs:
        # Offsets count UTF-16.
        place, length = (len(part.encode("utf-16-le")) // 2 for part in (said, text))
        if mark:
            entities.append(MessageEntity(MARKS[mark], place, length, url=url[0] if url else None))
        said += text
    # It escapes quotation marks as well, which a text may hold as they are.
    return message(1, text=said, entities=entities).text_html.replace("&quot;", '"')


async def call(request):
    bot = Bot(request["token"], base_url=f"{recorder.url}/bot")
    rows = [[InlineKeyboardButton(**button)] for button in request.get("buttons", [])]
    markup = InlineKeyboardMarkup(rows) if rows else None
    chat = request["chat"]
    match request["method"]:
        case "sendMessage":
            await bot.send_message(chat, html(request["runs"]), parse_mode="HTML", reply_markup=markup)
        case "sendPhoto":
            await bot.send_photo(chat, request["file"])
        case "sendAudio":
            await bot.send_audio(chat, request["file"])
        case "sendVideo":
            await bot.send_video(chat, request["file"])
        case "sendDocument":
            await bot.send_document(chat, request["file"])


def record(request):
    asyncio.run(call(request))
    return recorder.last()


serve("python-telegram-bot", {"update": update, "record": record})
