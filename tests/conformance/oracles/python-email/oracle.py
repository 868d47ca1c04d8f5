"""Python's `email` package: writes mails as programs do, and reads ours."""

import sys
from base64 import b64decode, b64encode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import protocol

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import getaddresses, make_msgid


def part(kind, text, charset, declared):
    made = MIMENonMultipart("text", kind, charset=declared)
    made["Content-Transfer-Encoding"] = "base64"
    made.set_payload(b64encode(text.encode(charset)).decode())
    return made


def write(request):
    charset = request["charset"]
    declared = request.get("declared", charset)
    parts = [part(kind, request[name], charset, declared) for kind, name in (("plain", "text"), ("html", "html")) if name in request]
    if len(parts) == 1:
        mail = parts[0]
    else:
        mail = MIMEMultipart("alternative")
        for one in parts:
            mail.attach(one)
    mail["From"] = request["from"]
    mail["To"] = request["to"]
    mail["Message-ID"] = make_msgid(domain="example.com")
    return {"raw": b64encode(mail.as_bytes()).decode()}


def read(request):
    raw = b64decode(request["raw"])
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    leaves = [one for one in mail.walk() if not one.is_multipart()]
    defects = [str(defect) for one in mail.walk() for defect in one.defects]
    defects += [f"{name}: {defect}" for name, value in mail.items() for defect in value.defects]
    return {
        "defects": defects,
        "longest": max(len(line) for line in raw.split(b"\r\n")),
        "subject": mail["Subject"],
        "from": getaddresses([mail["From"]]),
        "to": getaddresses([mail["To"]]),
        "reply_to": mail["Reply-To"],
        "in_reply_to": mail["In-Reply-To"],
        "references": (mail["References"] or "").split(),
        "auto_submitted": mail["Auto-Submitted"],
        "precedence": mail["Precedence"],
        "parts": [one.get_content_type() for one in leaves],
        "text": mail.get_body(("plain",)).get_content(),
        "html": mail.get_body(("html",)).get_content(),
    }


protocol.version = lambda _: ".".join(str(number) for number in sys.version_info[:3])
protocol.serve("Python's email", {"write": write, "read": read})
