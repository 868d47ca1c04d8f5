"""twilio-python: Twilio's own check of webhooks, and its client of the Messaging API."""

import logging
import sys
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import serve

from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client


def sign(request):
    validator = RequestValidator(request["token"])
    return {"signature": validator.compute_signature(request["url"], request["fields"], request.get("algorithm"))}


def accepts(request):
    validator = RequestValidator(request["token"])
    told = request["url"], request["fields"], request["signature"], request.get("algorithm")
    return {"accepts": validator.validate(*told)}


class Kept(HttpClient):
    """Keeps the call instead of making it."""

    def __init__(self):
        super().__init__(logging.getLogger("twilio"), is_async=False)
        self.call = None

    def request(self, method, url, params=None, data=None, headers=None, auth=None, **_):
        fields = {name: value for name, value in data.items() if value is not None}
        self.call = {"method": method, "path": urlsplit(url).path, "fields": fields, "auth": list(auth)}
        return Response(201, '{"sid": "SM1", "status": "queued"}')


def record(request):
    http = Kept()
    fields = request["fields"]
    Client(request["account"], request["token"], http_client=http).messages.create(
        to=fields["To"],
        body=fields["Body"],
        **({"from_": fields["From"]} if "From" in fields else {}),
        **({"messaging_service_sid": fields["MessagingServiceSid"]} if "MessagingServiceSid" in fields else {}),
        **({"status_callback": fields["StatusCallback"]} if "StatusCallback" in fields else {}),
    )
    return http.call


serve("twilio", {"sign": sign, "accepts": accepts, "record": record})
