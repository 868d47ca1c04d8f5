"""aiogram: strict models of updates, and a client of the Bot API."""

import asyncio
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import Recorder, serve

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.utils.formatting import Bold, Code, Italic, Text, TextLink
from aiogram.types import (
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
    PhotoSize,
    Update,
    User,
    Voice,
)

NOW = datetime(2027, 1, 15, 8, tzinfo=timezone.utc)


def message(user, **fields):
    sender = User(id=user, is_bot=False, first_name="A", language_code="zh-hans")
    chat = Chat(id=user, type="private", first_name="A")
    return Message(message_id=7, date=NOW, chat=chat, from_user=sender, **fields)


def parts(request):
    user, text = request["user"], request.get("text")
    size = {"width": 9, "height": 9}
    sender = User(id=user, is_bot=False, first_name="A")
    bot = User(id=123456, is_bot=True, first_name="B")
    match request["kind"]:
        case "text":
            return {"message": message(user, text=text)}
        case "photo":
            small = PhotoSize(file_id="SMALL", file_unique_id="s", file_size=900, **size)
            large = PhotoSize(file_id="LARGE", file_unique_id="l", file_size=9000, **size)
            return {"message": message(user, photo=[small, large])}
        case "voice":
            voice = Voice(file_id="VOICE", file_unique_id="v", duration=3, mime_type="audio/ogg", file_size=4000)
            return {"message": message(user, voice=voice)}
        case "document":
            given = {"file_name": "发票.pdf", "mime_type": "application/pdf", "file_size": 7000}
            return {"message": message(user, document=Document(file_id="DOC", file_unique_id="d", **given))}
        case "location":
            return {"message": message(user, location=Location(latitude=31.25, longitude=121.5))}
        case "contact":
            return {"message": message(user, contact=Contact(phone_number="+8613800138000", first_name="A"))}
        case "callback":
            below = message(user, text="?")
            query = CallbackQuery(id="1", from_user=sender, chat_instance="c", message=below, data=text)
            return {"callback_query": query}
        case "blocked":
            chat = Chat(id=user, type="private", first_name="A")
            gone = ChatMemberBanned(user=bot, until_date=NOW)
            there = ChatMemberMember(user=bot)
            changed = {"chat": chat, "from_user": sender, "date": NOW}
            return {"my_chat_member": ChatMemberUpdated(**changed, old_chat_member=there, new_chat_member=gone)}


def update(request):
    made = Update(update_id=7, **parts(request))
    return {"body": made.model_dump_json(by_alias=True, exclude_none=True)}


recorder = Recorder(
    lambda _: {
        "ok": True,
        "result": {"message_id": 8, "date": 1_800_000_000, "chat": {"id": 42, "type": "private"}},
    }
)


MARKS = {"": Text, "bold": Bold, "italic": Italic, "code": Code, "link": TextLink}


def html(runs):
    """The library's own HTML of runs: each a mark, a text and, of links, an address."""
    return Text(*(MARKS[mark](text, **({"url": url[0]} if url else {})) for mark, text, *url in runs)).as_html()


async def call(request):
    session = AiohttpSession(api=TelegramAPIServer.from_base(recorder.url))
    async with Bot(request["token"], session=session) as bot:
        rows = [[InlineKeyboardButton(**button)] for button in request.get("buttons", [])]
        markup = InlineKeyboardMarkup(inline_keyboard=rows) if rows else None
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


serve("aiogram", {"update": update, "record": record})
