"""Bodies of requests: whole, and read to their end also where they are refused."""

from contextlib import suppress

from django.http import HttpRequest, UnreadablePostError

from pryvsite.kernel.errors import InvalidRequestStructure

BLOCK = 64 * 1024  # bytes read at a time
MOST = 64 * 2**20  # bytes read of a body that is refused
OF_STRANGERS = 2**20  # bytes of a body that may come without token


def keep_small(request: HttpRequest) -> None:
    """Take no more from this request than anybody may send. Raises InvalidRequestStructure."""
    request.small = True  # type: ignore[attr-defined]
    if int(request.META.get("CONTENT_LENGTH") or 0) > OF_STRANGERS:
        raise InvalidRequestStructure("The request's body is too large.")


def whole_body(request: HttpRequest) -> bytes:
    """The body. Raises InvalidRequestStructure where less came than was announced, or too much."""
    try:
        body = request.body
    except UnreadablePostError:
        request.broken_off = True  # type: ignore[attr-defined]
        raise InvalidRequestStructure("The request's body is incomplete.") from None
    if len(body) < int(request.META.get("CONTENT_LENGTH") or 0):
        raise InvalidRequestStructure("The request's body is incomplete.")
    if len(body) > OF_STRANGERS and getattr(request, "small", False):  # its length wasn't announced
        raise InvalidRequestStructure("The request's body is too large.")
    return body


def read_to_end(request: HttpRequest) -> None:
    """Read what is left of a body, some of it at least: whoever is still sending wouldn't see the answer.

    Nobody waits a second time for who fell silent.
    """
    if getattr(request, "broken_off", False):
        return
    left = MOST
    # Of a body of unknown length that is too large Django has read some, and gives that once more.
    source = getattr(request, "chunks", None) or request
    with suppress(OSError):
        while left > 0 and (block := source.read(BLOCK)):
            left -= len(block)
