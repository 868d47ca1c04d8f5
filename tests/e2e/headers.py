"""Mails of a JSON list as Python's `email` package reads them: their headers, and what is wrong with them."""

import json
import sys
from email import message_from_bytes, policy

NAMES = ["Message-ID", "In-Reply-To", "References", "Subject", "Reply-To", "Auto-Submitted", "X-Frontdesk-Loop"]


def read(raw):
    mail = message_from_bytes(raw.encode(), policy=policy.default)
    read = {name: str(mail[name] or "") for name in NAMES}
    read["defects"] = [str(defect) for part in mail.walk() for defect in part.defects]
    read["defects"] += [f"{name}: {defect}" for name, value in mail.items() for defect in value.defects]
    read["reply_to"] = mail["Reply-To"].addresses[0].addr_spec
    read["text"] = mail.get_body(("plain",)).get_content()
    return read


json.dump([read(raw) for raw in json.load(sys.stdin)], sys.stdout)
