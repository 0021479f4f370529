"""The wire envelope: meta, error bodies, headers, streamed arrays (spec api-data §1.4, §1.5)."""

from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError, TooManyRequests, TooManyResults

BODYLESS = (204, 304)  # such answers end with their headers, and tell no length (RFC 9110 §8.6)
CHUNK = 200  # items encoded at a time
MATERIAL_LIMIT = 100_000  # items of an answer that isn't streamed
TEXT_LIMIT = 32 * 2**20  # characters of them


class Room:
    """What an answer that isn't streamed may still hold."""

    def __init__(self) -> None:
        self.items, self.text = MATERIAL_LIMIT, TEXT_LIMIT

    def filled(self, items: Iterable[str]) -> list[str]:
        """The items, which take their room. Raises TooManyResults, and takes none, where it is too small."""
        found: list[str] = []
        text = self.text
        for item in items:
            text -= len(item)
            if text < 0 or len(found) == self.items:
                raise TooManyResults(data={"limit": MATERIAL_LIMIT})
            found.append(item)
        self.items -= len(found)
        self.text = text
        return found


class Rows:
    """A JSON array produced bit by bit: an iterable of items as JSON texts."""

    def __init__(self, items: Iterable[str]) -> None:
        self.items: Iterator[str] = iter(items)

    def chunks(self) -> Iterator[bytes]:
        """The array's inside, some items at a time."""
        first = True
        while part := list(islice(self.items, CHUNK)):
            joined = ",".join(part).encode()
            yield joined if first else b"," + joined
            first = False

    def raw(self, room: Room) -> msgspec.Raw:
        """The whole array as one JSON text. Raises TooManyResults beyond the room."""
        return msgspec.Raw(b"[" + ",".join(room.filled(self.items)).encode() + b"]")


def meta() -> dict[str, Any]:
    """What every answer carries."""
    return {
        "apiVersion": settings.API_VERSION,
        "serverTime": now(),
        "serial": settings.SERVICE_SERIAL,
    }


def materialised(result: dict[str, Any], room: Room) -> dict[str, Any]:
    """The result with streamed arrays as raw JSON, for batch; all answers of one share its room."""
    return {key: value.raw(room) if isinstance(value, Rows) else value for key, value in result.items()}


def plain(result: dict[str, Any]) -> dict[str, Any]:
    """The result with streamed arrays as lists, for callers inside the server."""
    room = Room()
    return {
        key: msgspec.json.decode(value.raw(room)) if isinstance(value, Rows) else value
        for key, value in result.items()
    }


def answer(request: HttpRequest, result: dict[str, Any], status: int = 200) -> HttpResponseBase:
    """A successful answer with meta as its last key."""
    if any(isinstance(value, Rows) for value in result.values()):
        body = _stream({**result, "meta": meta()})
        first = next(body)  # errors of the query surface here, before the status is sent
        if request.method == "HEAD":  # the same without the rows; how long they are isn't known
            body.close()
            return finish(request, StreamingHttpResponse((), status=status, content_type="application/json"))
        streamed = StreamingHttpResponse(
            _continued(first, body), status=status, content_type="application/json"
        )
        return finish(request, streamed)
    return bare(request, {**result, "meta": meta()}, status)


def bare(request: HttpRequest, body: Any, status: int = 200) -> HttpResponseBase:
    """A JSON answer without meta (registry look-ups, authorisation requests)."""
    content = msgspec.json.encode(body)
    response = HttpResponse(content, status=status, content_type="application/json; charset=utf-8")
    return finish(request, response)


def _continued(first: bytes, body: Generator[bytes]) -> Iterator[bytes]:
    """What was begun, to its end; closed also where nobody waits for the end, so that queries end too."""
    try:
        yield first
        yield from body
    finally:
        body.close()


def _stream(result: dict[str, Any]) -> Generator[bytes]:
    opening = b"{"
    for key, value in result.items():
        head = opening + msgspec.json.encode(key) + b":"
        opening = b","
        if isinstance(value, Rows):
            chunks = value.chunks()
            yield head + b"[" + next(chunks, b"")
            yield from chunks
            yield b"]"
        else:
            yield head + msgspec.json.encode(value)
    yield b"}"


def failure(request: HttpRequest, error: ApiError) -> HttpResponseBase:
    """An error answer."""
    response = bare(request, {"error": error.body(), "meta": meta()}, error.status)
    if isinstance(error, TooManyRequests):
        response["Retry-After"] = str(error.retry_after)
    return response


def finish(request: HttpRequest, response: HttpResponseBase, access_id: str = "") -> HttpResponseBase:
    """Add the API's headers; empty the body of HEAD answers."""
    asked = request.META  # `request.headers` would be built for each call
    response["API-Version"] = settings.API_VERSION
    response["Access-Control-Allow-Origin"] = asked.get("HTTP_ORIGIN") or "*"
    response["Access-Control-Allow-Methods"] = (
        asked.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD") or "POST, GET, PUT, DELETE, OPTIONS"
    )
    response["Access-Control-Allow-Headers"] = (
        asked.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS") or "Authorization, Content-Type"
    )
    response["Access-Control-Expose-Headers"] = "API-Version, Pryv-Access-Id, Retry-After"
    response["Access-Control-Max-Age"] = "31536000"
    response["Access-Control-Allow-Credentials"] = "true"
    vary = response.headers.get("Vary")
    response["Vary"] = f"Origin, {vary}" if vary else "Origin"
    if not response.has_header("Cache-Control"):
        response["Cache-Control"] = "no-store"
    access_id = access_id or getattr(request, "access_id", "")
    if access_id:
        response["Pryv-Access-Id"] = access_id
    if response.status_code in BODYLESS:
        response.headers.pop("Content-Type", None)
    elif isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        if request.method == "HEAD":
            response.content = b""
    return response
