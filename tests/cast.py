"""The cast: Alice owns data, Bob holds a token of hers, Carol owns another account."""

import json
from dataclasses import dataclass
from typing import Any

import msgspec
from django.test import Client

from tests import contract

PASSWORD = "correct-horse"
DESCRIBED = ("GET", "POST", "PUT", "DELETE")


@dataclass
class Answer:
    """A response with its decoded body."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def error(self) -> str | None:
        return self.body["error"]["id"] if isinstance(self.body, dict) and "error" in self.body else None

    @property
    def data(self) -> Any:
        return self.body["error"].get("data")

    def __getitem__(self, key: str) -> Any:
        return self.body[key]


class Api:
    """Calls below one account with one token."""

    def __init__(self, username: str, token: str | None = None) -> None:
        self.username = username
        self.token = token
        self.http = Client()

    def call(self, verb: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"Accept": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.token and "Authorization" not in sent:
            sent["Authorization"] = self.token
        url = path if path.startswith("/") else f"/{self.username}/{path}"
        data = "" if body is None else body if isinstance(body, str | bytes) else json.dumps(body)
        response = self.http.generic(verb, url, data, content_type="application/json", headers=sent)
        answer = answer_of(response)
        if verb in DESCRIBED:
            contract.check(verb, url.partition("?")[0], answer.status, answer.body)
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, {} if body is None else body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PUT", path, {} if body is None else body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.call("DELETE", path, **headers)

    def form(self, path: str, fields: dict[str, Any]) -> Answer:
        """A multipart POST."""
        sent = {"Authorization": self.token} if self.token else {}
        return answer_of(self.http.post(f"/{self.username}/{path}", fields, headers=sent))

    def trees(self, query: str = "") -> list[dict[str, Any]]:
        """The trees of streams, without that of the account's fields."""
        return [tree for tree in self.get(f"streams{query}")["streams"] if not tree["id"].startswith(":")]

    def events(self, query: str = "") -> list[dict[str, Any]]:
        """The events of a listing, without the account's fields."""
        return [event for event in self.get(f"events{query}")["events"] if not event["id"].startswith(":")]

    def stream(self, stream_id: str, parent: str | None = None, name: str | None = None) -> str:
        """Create a stream; its id."""
        made = self.post("streams", {"id": stream_id, "name": name or stream_id, "parentId": parent})
        assert made.status == 201, made.body
        return stream_id

    def event(self, *stream_ids: str, **fields: Any) -> dict[str, Any]:
        """Create an event, a note unless told otherwise."""
        body = {"streamIds": list(stream_ids), "type": "note/txt", "content": "hello", **fields}
        made = self.post("events", body)
        assert made.status == 201, made.body
        return made["event"]

    def share(self, *permissions: dict[str, str], **fields: Any) -> "Api":
        """A guest with a token of these permissions."""
        count = len(self.get("accesses")["accesses"])
        made = self.post("accesses", {"name": f"guest {count}", "permissions": permissions, **fields})
        assert made.status == 201, made.body
        return Api(self.username, made["access"]["token"])

    def guest(self, level: str, stream_id: str = "diary") -> "Api":
        """A guest with one level on one stream."""
        return self.share({"streamId": stream_id, "level": level})


def answer_of(response: Any) -> Answer:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    json_like = response.headers.get("Content-Type", "").startswith("application/json")
    body = msgspec.json.decode(content) if json_like and content else content
    return Answer(response.status_code, body, dict(response.headers))


def register(username: str, **fields: Any) -> Api:
    """A new account with its personal token."""
    body = {"appId": "test-app", "username": username, "password": PASSWORD, **fields}
    made = Api(username).call("POST", "/users", body)
    assert made.status == 201, made.body
    token = made["apiEndpoint"].split("//")[1].split("@")[0]
    return Api(username, token)
