"""A small client of the API for benchmarks."""

import http.client
import json
import time
from typing import Any
from urllib.parse import urlsplit

PASSWORD = "bench-password-1"  # noqa: S105 (of a database that is thrown away)
IDLE = 1.0  # seconds after which the server may have closed the connection


class Client:
    """Calls below one account over one connection."""

    def __init__(self, base: str, username: str, token: str = "") -> None:
        self.base, self.username, self.token = base, username, token
        self.http = http.client.HTTPConnection(str(urlsplit(base).netloc), timeout=600)
        self.used = 0.0

    def raw(self, verb: str, path: str, body: bytes | None = None) -> http.client.HTTPResponse:
        """Send a call; the answer is still to be read."""
        headers = {"Authorization": self.token} if self.token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if time.monotonic() - self.used > IDLE:
            self.http.close()  # opens again by itself
        self.http.request(verb, f"/{self.username}/{path}", body, headers)
        response = self.http.getresponse()
        self.used = time.monotonic()
        return response

    def call(self, verb: str, path: str, body: Any = None) -> Any:
        """The decoded answer of a call that must succeed."""
        response = self.raw(verb, path, None if body is None else json.dumps(body).encode())
        content = response.read()
        if response.status not in (200, 201):
            raise RuntimeError(f"{verb} {path}: {response.status} {content[:300]!r}")
        return json.loads(content)

    def app(self, *permissions: dict[str, str]) -> "Client":
        """A client with an app's token."""
        made = self.call("POST", "accesses", {"name": "bench", "type": "app", "permissions": permissions})
        return Client(self.base, self.username, made["access"]["token"])


def register(base: str, username: str) -> Client:
    """A new account's owner."""
    client = Client(base, username)
    body = {"appId": "bench-app", "username": username, "password": PASSWORD, "hosting": "default"}
    client.http.request("POST", "/users", json.dumps(body), {"Content-Type": "application/json"})
    made = json.loads(client.http.getresponse().read())
    client.token = made["apiEndpoint"].split("//")[1].split("@")[0]
    return client
