"""pywa: checks and reads WhatsApp's webhooks, and makes the Cloud API's calls."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import Recorder, serve

from pywa import WhatsApp, types, utils
from pywa.types import templates

recorder = Recorder(
    lambda _: {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "8613800138000", "wa_id": "8613800138000", "user_id": "CN.1"}],
        "messages": [{"id": "wamid.A"}],
    }
)


def client(request):
    wa = WhatsApp(phone_id=request["account"], token=request.get("token", "T"), server=None)
    wa.api._session.base_url = f"{recorder.url}/{request.get('version', 'v26.0')}"
    return wa


def said(update):
    """What an update says, in few words."""
    who = {"account": update.metadata.phone_number_id, "user": update.from_user.wa_id, "id": update.id}
    match update:
        case types.CallbackButton() | types.CallbackSelection():
            return who | {"kind": "choice", "payload": update.data, "title": update.title}
        case types.MessageStatus():
            code = update.error.code if update.error else None
            return who | {"kind": update.status.value, "mark": update.tracker, "code": code}
    media = update.media
    if media:
        name = getattr(media, "filename", None)
        return who | {
            "kind": update.type.value,
            "media": media.id,
            "mime": media.mime_type,
            "name": name,
            "caption": update.caption,
        }
    if update.location:
        place = update.location
        return who | {"kind": "location", "place": [place.latitude, place.longitude], "name": place.name}
    if update.contacts:
        return who | {"kind": "contacts", "phones": [phone.phone for card in update.contacts for phone in card.phones]}
    return who | {"kind": update.type.value, "text": update.text}


def read(request):
    body = request["body"].encode()
    if not utils.webhook_updates_validator(request["secret"], body, request["header"]):
        raise ValueError("the signature is wrong")
    wa, heard = client(request), []
    for kind in ("message", "callback_button", "callback_selection", "message_status"):
        getattr(wa, f"on_{kind}")(lambda _, update: heard.append(said(update)))
    text, status = wa.webhook_update_handler(body)
    if status != 200 or len(heard) != 1:
        raise ValueError(f"{status} {text}: {len(heard)} updates")
    return {"said": heard[0]}


def record(request):
    wa, user, mark = client(request), request["user"], request["mark"]
    kind, *words = request["send"]
    match kind:
        case "text":
            wa.send_message(user, words[0], tracker=mark)
        case "buttons":
            buttons = [types.Button(title, payload) for payload, title in words[1]]
            wa.send_message(user, words[0], buttons=buttons, tracker=mark)
        case "list":
            text, opens, choices = words
            rows = [types.SectionRow(title, payload) for payload, title in choices]
            buttons = types.SectionList(opens, [types.Section("", rows)])
            wa.send_message(user, text, buttons=buttons, tracker=mark)
        case "template":
            name, language, text = words
            params = [templates.BodyText.params(text)]
            wa.send_template(user, name, templates.TemplateLanguage(language), params, tracker=mark)
        case "image" | "video" | "audio":
            getattr(wa, f"send_{kind}")(user, words[0], tracker=mark)
        case "document":
            wa.send_document(user, words[0], filename=words[1], tracker=mark)
    call = recorder.last()
    return {"path": call["path"], "token": call["headers"]["authorization"], "fields": call["fields"]}


serve("pywa", {"read": read, "record": record})
