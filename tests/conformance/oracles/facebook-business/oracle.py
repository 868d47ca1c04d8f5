"""facebook-business: the vendor's own SDK. It proves that it is the app that calls."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import serve

from facebook_business.session import FacebookSession


def proof(request):
    session = FacebookSession(app_id="1", app_secret=request["secret"], access_token=request["token"])
    return {"proof": session._gen_appsecret_proof()}


serve("facebook-business", {"proof": proof})
