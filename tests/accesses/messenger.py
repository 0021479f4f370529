"""A message service over HTTP, which remembers what it was asked to send."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Messenger:
    """What was received, and what is answered."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, str], str]] = []
        self.status = 200
        self.code = "4711"  # the right one, of /verify
        self.url = ""

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(body) for where, _, body in self.received if where.startswith(path)]

    def answer(self, path: str, body: str) -> int:
        if path.startswith("/verify") and self.status == 200:
            return 200 if json.loads(body)["code"] == self.code else 403
        return self.status


@contextmanager
def messenger() -> Iterator[Messenger]:
    """A service that runs for the block."""
    service = Messenger()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            service.received.append((self.path, dict(self.headers), body))
            self.send_response(service.answer(self.path, body))
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def endpoints(url: str) -> dict[str, Any]:
    """The setting that leads to the service."""
    headers = {"Content-Type": "application/json", "X-To": "{{ phone }}"}

    def call(name: str) -> dict[str, Any]:
        body = '{"phone": "{{ phone }}", "code": "{{ code }}", "name": "{{ name }}"}'
        return {"url": f"{url}/{name}?to={{{{ phone }}}}", "method": "POST", "headers": headers, "body": body}

    return {name: call(name) for name in ("single", "challenge", "verify")}
