"""twilio-python: signs webhooks, builds TwiML by its own classes, and makes the calls of its client."""

import inspect
import pathlib
import re
import sys
import xml.etree.ElementTree as ET
from urllib.parse import parse_qsl

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from protocol import serve
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import HttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse


def sign(request):
    """The signature of a form."""
    params = dict(parse_qsl(request["body"], keep_blank_values=True))
    return {"signature": RequestValidator(request["token"]).compute_signature(request["url"], params)}


def snake(name):
    """The name of a Python parameter for an attribute."""
    return re.sub(r"([A-Z])", lambda found: "_" + found.group(1).lower(), name)


# The parameter that is an element's text.
WORDS = {"Say": "message", "Play": "url", "Redirect": "url", "Enqueue": "name", "Number": "phone_number"}


def build(parent, element):
    """Adds what an element says, by the method of its name, which must know each of its attributes."""
    method = getattr(parent, snake(element.tag[0].lower() + element.tag[1:]))
    parameters = inspect.signature(method).parameters
    arguments = {snake(name): value for name, value in element.attrib.items()}
    for name in arguments:
        if name not in parameters:
            raise ValueError(f"{element.tag} has no attribute {name}")
    words = element.text or ""
    if element.tag in WORDS:
        arguments[WORDS[element.tag]] = words
    elif words:
        raise ValueError(f"{element.tag} holds no text")
    made = method(**arguments)
    for inner in element:
        build(made, inner)


def twiml(request):
    """Whether the classes build the same document."""
    ours = ET.fromstring(request["document"])
    response = VoiceResponse()
    for verb in ours:
        build(response, verb)
    theirs = ET.canonicalize(str(response))
    same = ET.canonicalize(request["document"])
    if theirs != same:
        raise ValueError(f"{theirs} instead of {same}")
    return {"verbs": len(list(ours.iter())) - 1}


class Recorder(HttpClient):
    """Keeps a call instead of making it."""

    def __init__(self):
        self.call = None

    def request(self, method, url, params=None, data=None, headers=None, auth=None, timeout=None, allow_redirects=False, **_):
        self.call = {"method": method, "url": url, "fields": data, "auth": list(auth or [])}
        return Response(200, "{}")


def record(request):
    """The update of a call under way."""
    recorder = Recorder()
    client = Client(request["account"], request["token"], http_client=recorder)
    try:
        client.calls(request["call"]).update(twiml=request["document"])
    except (TwilioException, KeyError, TypeError):
        pass  # the recorded answer holds no call
    return recorder.call


serve("twilio", {"sign": sign, "twiml": twiml, "record": record})
