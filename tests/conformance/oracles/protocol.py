"""What all oracles in Python share: a line of JSON in, a line of JSON out; and a server that records calls."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from urllib.parse import parse_qsl, unquote, urlsplit


def serve(package, tasks):
    """Answers requests until there are no more; `tasks` maps what is to be done to functions of the request."""
    tasks = {"about": lambda _: {"name": package, "version": version(package)}, **tasks}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": True, **tasks[request["do"]](request)}
        except Exception as error:  # whatever it is, whoever asked has to know
            answer = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


class Recorder:
    """A server on loopback that answers every call alike and keeps it."""

    def __init__(self, answer):
        """`answer` gives the body for a call."""
        self.calls = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                parts = urlsplit(self.path)
                call = {
                    "method": self.command,
                    "path": unquote(parts.path),
                    "query": dict(parse_qsl(parts.query)),
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "fields": decoded(self.headers.get("content-type") or "", body),
                }
                recorder.calls.append(call)
                payload = json.dumps(answer(call)).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            do_GET = do_PUT = do_DELETE = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def last(self):
        """The call that came last; the earlier ones are forgotten."""
        call = self.calls[-1]
        self.calls.clear()
        return call


def decoded(content_type, body):
    """The fields of a body, whatever it is written in."""
    # Some clients leave it to the server to see what they send.
    if content_type.startswith("application/json") or (not content_type and body.startswith(b"{")):
        return json.loads(body)
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    if not body:
        return {}
    raise ValueError(f"a body of type {content_type}")
