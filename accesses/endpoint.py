"""What the token generator does with a fresh API endpoint: test it, try it, end it (ui §2.4).

Endpoints of this platform are called without a request, those of others over HTTP.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accesses.generator import Trouble
from pryvsite.api.execute import execute
from pryvsite.api.platform import public_url
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError
from pryvsite.kernel.ports import ports
from pryvsite.web.fetch import FetchError, fetch_json

WRITABLE = ("manage", "contribute", "create-only")


@dataclass(frozen=True)
class Endpoint:
    """An API endpoint in its parts."""

    scheme: str
    token: str
    place: str  # host, and path with its final slash

    @classmethod
    def parse(cls, text: str) -> "Endpoint":
        """The parts of `https://token@host/path/`. Raises Trouble."""
        match = re.fullmatch(r"(https?://)([^@/]+)@([^/]+)(/[^?#]*)?", text)
        if match is None:
            raise Trouble("This is not an API endpoint.")
        scheme, token, host, path = match.groups()
        return cls(scheme, token, f"{host}/{(path or '').strip('/')}".rstrip("/") + "/")

    @property
    def base(self) -> str:
        """Without the token."""
        return f"{self.scheme}{self.place}"

    @property
    def whole(self) -> str:
        """As it is used."""
        return f"{self.scheme}{self.token}@{self.place}"

    @property
    def mask(self) -> str:
        """The token, recognisable only for who knows it."""
        return f"••••••••{self.token[-3:]}"

    @property
    def is_own(self) -> bool:
        """Whether the account is on this platform."""
        return self.base.startswith(f"{public_url()}/")

    def actor(self) -> Actor:
        """Who has the token, on this platform. Raises Trouble, ApiError."""
        account = ports.authenticator.account(self.base.strip("/").rsplit("/", 1)[-1])
        if account is None:
            raise Trouble("This account does not exist.")
        return ports.authenticator.actor(*account, self.token, "")


def test(endpoint: Endpoint) -> dict[str, Any]:
    """What `access-info` says. Raises Trouble."""
    status, body = _call(endpoint, "getAccessInfo", "GET", "access-info", None)
    if status != 200:
        raise Trouble(f"The token was refused: {_reason(status, body)}")
    return body


def create_event(endpoint: Endpoint, text: str) -> dict[str, Any]:
    """Send an event; status, what was sent and what came back. Raises Trouble."""
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        raise Trouble("The event is not valid JSON.") from None
    if not isinstance(sent, dict):
        raise Trouble("The event must be a JSON object.")
    status, body = _call(endpoint, "events.create", "POST", "events", sent)
    event = body.get("event") if status == 201 else None
    return {
        "status": status,
        "body": json.dumps(body, indent=2, ensure_ascii=False),
        "event": event if isinstance(event, dict) else None,
    }


def revoke(endpoint: Endpoint) -> None:
    """End the access of the token. Raises Trouble."""
    access_id = str(test(endpoint)["id"])
    path = f"accesses/{access_id}"
    status, body = _call(endpoint, "accesses.delete", "DELETE", path, {"id": access_id})
    if status != 200:
        raise Trouble(f"The token can’t revoke itself: {_reason(status, body)}")


def _call(endpoint: Endpoint, method: str, verb: str, path: str, raw: Any) -> tuple[int, dict[str, Any]]:
    if endpoint.is_own:
        try:
            return 201 if verb == "POST" else 200, execute(method, endpoint.actor(), raw or {}, via="http")
        except ApiError as error:
            return error.status, {"error": {"id": error.id, "message": error.message}}
    try:
        body = raw if verb == "POST" else None
        status, found = fetch_json(f"{endpoint.base}{path}", body=body, token=endpoint.token, verb=verb)
    except FetchError as error:
        raise Trouble(f"The platform can’t be reached: {error}.") from None
    return status, found if isinstance(found, dict) else {}


def _reason(status: int, body: dict[str, Any]) -> str:
    error = body.get("error")
    text = error.get("message") if isinstance(error, dict) else None
    return str(text or f"status {status}.")


def example_event(permissions: Sequence[Any]) -> str:
    """An event to try, in the first stream that takes one."""
    stream_id = next(
        (
            entry["streamId"]
            for entry in permissions
            if isinstance(entry, dict) and entry.get("level") in WRITABLE and entry.get("streamId")
        ),
        "diary",
    )
    event = {"streamIds": ["diary" if stream_id == "*" else stream_id], "type": "note/txt",
             "content": "Hello from the token generator"}  # fmt: skip
    return json.dumps(event, indent=2)


SNIPPETS = {
    "curl": """curl -X POST {base}events \\
  -H "Authorization: {token}" \\
  -H "Content-Type: application/json" \\
  -d '{event}'""",
    "JavaScript": """import pryv from "pryv";

const connection = new pryv.Connection("{whole}");
const [result] = await connection.api([
  { method: "events.create", params: {event} },
]);
console.log(result.event);""",
    "Python": """import json, urllib.request

request = urllib.request.Request(
    "{base}events",
    data=json.dumps({event}).encode(),
    headers={"Authorization": "{token}", "Content-Type": "application/json"},
)
print(json.load(urllib.request.urlopen(request)))""",
    "Postman": """POST {base}events
Authorization tab: type API Key, key Authorization, value {token}, in the header
Body tab: raw, JSON
{event}""",
}


def snippets(endpoint: Endpoint, permissions: Sequence[Any]) -> list[dict[str, str]]:
    """Code for several languages: with the token masked for the eye, and as it is copied."""
    event = json.dumps(json.loads(example_event(permissions)))
    masked = f"{endpoint.scheme}{endpoint.mask}@{endpoint.place}"
    shown = {"{base}": endpoint.base, "{token}": endpoint.mask, "{whole}": masked, "{event}": event}
    real = {**shown, "{token}": endpoint.token, "{whole}": endpoint.whole}
    return [
        {"name": name, "shown": _filled(text, shown), "copied": _filled(text, real)}
        for name, text in SNIPPETS.items()
    ]


def _filled(text: str, parts: dict[str, str]) -> str:
    for name, value in parts.items():
        text = text.replace(name, value)
    return text
