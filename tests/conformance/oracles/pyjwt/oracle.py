"""PyJWT: reads and writes session tokens."""

import sys
from base64 import b64decode
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from protocol import serve

import jwt


def read(request):
    # When the suite happens is not now.
    options = {"verify_exp": False, "verify_aud": False}
    secret = b64decode(request["secret"])
    return {"claims": jwt.decode(request["token"], secret, algorithms=["HS256"], options=options)}


def sign(request):
    secret = b64decode(request["secret"])
    return {"token": jwt.encode(request["claims"], secret, "HS256", headers={"kid": request["kid"]})}


serve("PyJWT", {"read": read, "sign": sign})
