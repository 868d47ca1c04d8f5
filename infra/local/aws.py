"""AWS calls (and, as service `http`, plain requests) for `cargo local`: each line of stdin a list of {service, operation, arguments}, each line of stdout their answers.

boto3 comes with the SAM CLI, so these calls use the same credentials (profiles, SSO, ...) as `sam deploy`.
A call with `at` is not made before that second of the list. The first failure ends the list:
{"error": {"code", "message"}} takes its place.
"""

import functools
import json
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.exceptions import BotoCoreError, ClientError


def plain(value):
    if hasattr(value, "read"):
        return value.read().decode("utf-8")
    return str(value)


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def asked(method, url, headers, body, seconds):
    """A plain HTTP request. Status 0: nobody answered, for that reason."""
    request = urllib.request.Request(url, method=method, headers=headers, data=body.encode() if body else None)
    try:
        answer = urllib.request.build_opener(NoRedirect).open(request, timeout=seconds)
    except urllib.error.HTTPError as error:
        answer = error
    except (OSError, ValueError) as error:
        return {"status": 0, "reason": str(getattr(error, "reason", error))}
    text = answer.read(65536).decode("utf-8", "replace")
    return {"status": answer.status, "body": text, "headers": {k.lower(): v for k, v in answer.headers.items()}}


def answered(calls, client):
    answers = []
    started = time.monotonic()
    for call in calls:
        time.sleep(max(0.0, call.get("at", 0.0) - (time.monotonic() - started)))
        try:
            # What writes a file answers nothing.
            if call["service"] == "http":
                answer = asked(**call["arguments"])
            else:
                answer = getattr(client(call["service"]), call["operation"])(**call["arguments"]) or {}
                answer.pop("ResponseMetadata", None)
            answers.append(answer)
        except ClientError as error:
            answers.append({"error": {"code": error.response["Error"]["Code"], "message": str(error)}})
            break
        except BotoCoreError as error:
            answers.append({"error": {"code": type(error).__name__, "message": str(error)}})
            break
    return answers


def main():
    client = functools.cache(boto3.client)
    for line in sys.stdin:
        print(json.dumps(answered(json.loads(line), client), default=plain), flush=True)


main()
