"""standardwebhooks, the specification's own library: signs and verifies."""

import sys
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import serve

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def sign(request):
    at = datetime.fromtimestamp(request["at"], tz=timezone.utc)
    return {"signature": Webhook(request["secret"]).sign(request["id"], at, request["body"])}


def accepts(request):
    try:
        Webhook(request["secret"]).verify(request["body"], request["headers"])
    except WebhookVerificationError:
        return {"accepts": False}
    return {"accepts": True}


serve("standardwebhooks", {"sign": sign, "accepts": accepts})
