"""WeRoBot: a second reader of messages, and a third implementation of the ciphering."""

import base64
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import serve

import xmltodict
from werobot.crypto import MessageCrypt, PrpCrypto
from werobot.parser import parse_user_msg
from werobot.utils import get_signature


def cipher(request):
    crypto = PrpCrypto(base64.b64decode(request["key"] + "="))
    encrypt = crypto.encrypt(request["text"], request["app_id"]).decode()
    made = get_signature(request["token"], request["timestamp"], request["nonce"], encrypt)
    return {"encrypt": encrypt, "signature": made}


def read(request):
    outer = xmltodict.parse(request["body"])["xml"]
    crypt = MessageCrypt(request["token"], request["key"], request["app_id"])
    proof = outer["TimeStamp"], outer["Nonce"], outer["MsgSignature"]
    inner = xmltodict.parse(crypt.decrypt_message(*proof, outer["Encrypt"]))["xml"]
    said = {"type": inner["MsgType"], "to": inner["ToUserName"], "from": inner["FromUserName"]}
    return {"reply": {**said, "time": int(inner["CreateTime"]), "content": inner["Content"]}}


def parse(request):
    message = parse_user_msg(request["body"])
    said = {"kind": message.type, "from": message.source, "to": message.target}
    for name in ("content", "media_id", "recognition", "label", "title", "url", "key"):
        value = getattr(message, name, None)
        if value:
            said[name] = str(value)
    if message.type == "location":
        said["place"] = [float(number) for number in message.location]
    if not message.type.endswith("_event"):
        said["id"] = str(message.message_id)
    return {"message": said}


serve("WeRoBot", {"cipher": cipher, "read": read, "parse": parse})
