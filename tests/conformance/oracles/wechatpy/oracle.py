"""wechatpy: WeChat's own side (it signs and ciphers pushes), a reader of messages and passive answers, and a client."""

import base64
import json
import secrets
import string
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import Recorder, serve

import xmltodict
from wechatpy import WeChatClient, parse_message
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.enterprise.crypto import WeChatCrypto as EnterpriseCrypto
from wechatpy.replies import deserialize_reply
from wechatpy.utils import WeChatSigner, check_signature

LETTERS = string.ascii_letters + string.digits


def drawn(_):
    """A console's token and EncodingAESKey, and a nonce, all drawn at random."""
    some = lambda length: "".join(secrets.choice(LETTERS) for _ in range(length))
    return {"token": some(24), "key": some(43), "nonce": str(secrets.randbelow(10**10))}


def signature(*parts):
    signer = WeChatSigner()
    signer.add_data(*parts)
    return signer.signature


def sign(request):
    """The signature of an address: the token over time and nonce."""
    made = signature(request["token"], request["timestamp"], request["nonce"])
    check_signature(request["token"], made, request["timestamp"], request["nonce"])
    return {"signature": made}


def cipher(request):
    """A ciphered text and its signature."""
    crypto = PrpCrypto(base64.b64decode(request["key"] + "="))
    encrypt = crypto.encrypt(request["text"], request["app_id"]).decode()
    parts = request["token"], request["timestamp"], request["nonce"], encrypt
    return {"encrypt": encrypt, "signature": signature(*parts)}


def enterprise(request):
    return EnterpriseCrypto(request["token"], request["key"], request["app_id"])


def enterprise_cipher(request):
    """A text of WeCom's, ciphered and signed."""
    made = enterprise(request).encrypt_message(request["text"], request["nonce"], request["timestamp"])
    outer = xmltodict.parse(made)["xml"]
    return {"encrypt": outer["Encrypt"], "signature": outer["MsgSignature"]}


def enterprise_echo(request):
    """WeCom's check of an address, answered as a company does."""
    proof = request["signature"], request["timestamp"], request["nonce"], request["encrypt"]
    echo = enterprise(request).check_signature(*proof)
    return {"text": echo.decode() if isinstance(echo, bytes) else echo}


def read(request):
    """A passive answer: opened, if it is ciphered, and read."""
    body = request["body"]
    if "key" in request:
        outer = json.loads(body) if body.startswith("{") else xmltodict.parse(body)["xml"]
        if outer["Nonce"] != request["nonce"]:
            raise ValueError("another nonce")
        crypto = WeChatCrypto(request["token"], request["key"], request["app_id"])
        proof = outer["MsgSignature"], str(outer["TimeStamp"]), outer["Nonce"]
        body = crypto.decrypt_message(outer, *proof)
    if body.startswith("{"):
        return {"reply": json.loads(body)}
    reply = deserialize_reply(body)
    said = {"type": reply.type, "to": reply.target, "from": reply.source, "time": reply.time}
    if reply.type == "news":
        said["articles"] = [dict(article) for article in reply.articles]
    else:
        said["content"] = reply.content
    return {"reply": said}


def parse(request):
    """What a push says."""
    message = parse_message(request["body"])
    kind = message.type if message.type != "event" else f"event:{message.event}"
    said = {"kind": kind, "from": message.source, "to": message.target}
    for name in ("content", "media_id", "recognition", "label", "title", "url", "key", "scene_id"):
        value = getattr(message, name, None)
        if value:
            said[name] = str(value)
    if message.type == "location":
        said["place"] = [float(message.location_x), float(message.location_y)]
    if message.type != "event":
        said["id"] = str(message.id)
    return {"message": said}


recorder = Recorder(lambda _: {"errcode": 0, "errmsg": "ok"})


class Client(WeChatClient):
    API_BASE_URL = f"{recorder.url}/cgi-bin/"


def record(request):
    message = Client("wx0123456789abcdef", "secret", access_token=request["token"]).message
    user, account = request["user"], request.get("kf_account")
    match request["method"]:
        case "text":
            message.send_text(user, request["text"], account)
        case "news":
            message.send_articles(user, [request["article"]], account)
        case "link":
            message.send_link(user, request["article"], account)
        case "msgmenu":
            message.send_msg_menu(user, request["menu"], account)
    return recorder.last()


tasks = {"draw": drawn, "sign": sign, "cipher": cipher, "read": read, "parse": parse, "record": record}
tasks |= {"enterprise_cipher": enterprise_cipher, "enterprise_echo": enterprise_echo}
serve("wechatpy", tasks)
