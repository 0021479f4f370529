"""Running an operation for the person who is signed in, through the same door as clients."""

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from io import BytesIO
from itertools import islice
from time import perf_counter
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase

from pryvsite.api.http import call_as
from pryvsite.api.platform import public_url
from pryvsite.kernel.actor import Actor
from pryvsite.reference.content import Entry

SHOWN = 100_000  # bytes of an answer
SECRETS = frozenset({"token", "apiEndpoint", "readToken"})
HIDDEN = "(hidden on this page)"


@dataclass(frozen=True)
class Shown:
    """A call and its answer."""

    curl: str
    status: int
    milliseconds: int
    text: str
    cut: bool

    @property
    def phrase(self) -> str:
        """The status in words."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"

    @property
    def good(self) -> bool:
        """Whether it worked."""
        return self.status < 400


@dataclass(frozen=True)
class Asked:
    """A call as the form gives it."""

    rest: str  # the path below the account or the platform
    query: str
    body: str


def asked(entry: Entry, form: Mapping[str, str]) -> Asked:
    """The call that a form means."""
    rest = "/".join(_segments(entry, form))
    pairs = [
        (parameter.name, value)
        for parameter in entry.parameters
        if parameter.place == "query" and (text := form.get(parameter.field, "").strip())
        for value in _values(text, several=parameter.type.startswith("list"))
    ]
    return Asked(rest, urlencode(pairs), form.get("body", "") if entry.body else "")


def _segments(entry: Entry, form: Mapping[str, str]) -> Iterator[str]:
    for segment in entry.operation.route.segments:
        if not segment.startswith("{"):
            yield segment
            continue
        name, _, suffix = segment[1:].partition("}")
        # An empty or a dotted part would lead to another operation.
        yield form.get(f"path:{name.rstrip('*')}", "").strip().replace("/", "") + suffix or "-"


def _values(text: str, *, several: bool) -> list[str]:
    if several and not text.startswith(("[", "{")):
        return [part.strip() for part in text.split(",") if part.strip()]
    return [text]


def run(entry: Entry, call: Asked, actor: Actor, headers: Mapping[str, Any]) -> Shown:
    """Do it. `headers` are those of the page's request that tell where it comes from."""
    request = _request(entry.verb, call, headers)
    start = perf_counter()
    response = call_as(replace(actor, via="web"), request, entry.operation.place, call.rest)
    content, cut = _content(response)
    taken = round((perf_counter() - start) * 1000)
    return Shown(curl(entry, call, actor.username), response.status_code, taken, _readable(content, cut), cut)


def _request(verb: str, call: Asked, headers: Mapping[str, Any]) -> HttpRequest:
    body = call.body.encode()
    return WSGIRequest(
        {
            **{name: value for name, value in headers.items() if name in ("SERVER_NAME", "SERVER_PORT")},
            "REQUEST_METHOD": verb,
            "PATH_INFO": f"/{call.rest}",
            "QUERY_STRING": call.query,
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
            "wsgi.url_scheme": "http",
        }
    )


def _content(response: HttpResponseBase) -> tuple[bytes, bool]:
    """The beginning of an answer, and whether there is more.

    It is dropped, not closed: closing would end the page's own request as well, and its connection.
    """
    chunks: Iterable[Any] = response if response.streaming else [getattr(response, "content", b"")]
    found = b""
    for chunk in islice(chunks, 1000):
        found += chunk if isinstance(chunk, bytes) else str(chunk).encode()
        if len(found) > SHOWN:
            return found[:SHOWN], True
    return found, False


def _readable(content: bytes, cut: bool) -> str:
    if cut or not content:
        return content.decode(errors="replace")
    try:
        value = _without_secrets(msgspec.json.decode(content))
    except msgspec.DecodeError:
        return content.decode(errors="replace")
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: HIDDEN if key in SECRETS and isinstance(inner, str) else _without_secrets(inner)
            for key, inner in value.items()
        }
    return [_without_secrets(inner) for inner in value] if isinstance(value, list) else value


def curl(entry: Entry, call: Asked, username: str) -> str:
    """The call as a command; the token stands in a variable."""
    place = f"{username}/" if entry.operation.place == "account" else ""
    url = f"{public_url()}/{place}{quote(call.rest, safe='/:.-_~')}{'?' if call.query else ''}{call.query}"
    parts = [f"curl {'' if entry.verb == 'GET' else f'-X {entry.verb} '}{shlex.quote(url)}"]
    if entry.operation.contract.allow != "open":
        parts.append('-H "Authorization: $TOKEN"')
    if call.body:
        parts += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(call.body)}"]
    return " \\\n  ".join(parts)
