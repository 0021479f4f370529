"""Files of events as HTTP answers, whole or in part (spec api-data §3.9)."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from events.attachments import open_attachment
from events.previews import preview
from pryvsite.kernel.actor import Actor

BLOCK = 64 * 1024  # bytes read at a time
# What pages may show in place; all else, above all what may run, is offered for saving.
SHOWN = re.compile(r"image/(png|jpeg|gif|webp|avif|bmp)|(audio|video)/[\w.+-]+|text/plain", re.ASCII)
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def file_response(
    request: HttpRequest, actor: Actor, event_id: str, file_id: str, *, inline: bool = False
) -> HttpResponseBase:
    """The bytes of a file for whoever reads its event. Raises UnknownResource, Forbidden."""
    handle, meta = open_attachment(actor, event_id, file_id)
    tag = f'"{meta["integrity"]}"'
    part = _asked_part(request, tag, meta["size"])
    if _known(request, tag):
        handle.close()
        response: HttpResponseBase = HttpResponse(status=304)
    elif part == ():
        handle.close()
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{meta['size']}"
    elif request.method == "HEAD":
        handle.close()
        response = HttpResponse(content_type=meta["type"])
        response["Content-Length"] = str(meta["size"])
    elif part:
        response = _partial(handle, *part, meta)
    else:
        response = FileResponse(handle, content_type=meta["type"])
        response["Content-Length"] = str(meta["size"])
    response["ETag"] = tag
    return _described(response, meta, "inline" if inline and SHOWN.fullmatch(meta["type"]) else "attachment")


def preview_response(
    request: HttpRequest, actor: Actor, event_id: str, width: float | None, height: float | None
) -> HttpResponseBase:
    """A preview; 204 for events that have none. Raises UnknownResource, Forbidden, CorruptedData."""
    found = preview(actor, event_id, width, height)
    if found is None:
        return HttpResponse(status=204)
    path, tag = found
    if _known(request, tag):
        response: HttpResponseBase = HttpResponse(status=304)
    else:
        response = HttpResponse(path.read_bytes(), content_type="image/jpeg")
        response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def _known(request: HttpRequest, tag: str) -> bool:
    """Whether the client has these bytes already (RFC 9110 §13.1.2)."""
    known = request.headers.get("If-None-Match", "")
    return tag in known or known.strip() == "*"


def _asked_part(request: HttpRequest, tag: str, size: int) -> tuple[int, int] | tuple[()] | None:
    """First and last byte asked for; nothing for the whole file; empty when it can't be served.

    Several ranges, what isn't understood, and parts of another file get the whole, as HTTP allows.
    """
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if found is None or found[0] == "bytes=-" or request.method != "GET":
        return None
    if request.headers.get("If-Range", tag) != tag:
        return None
    first, last = found[1], found[2]
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
    if last and first and int(last) < int(first):
        return None
    return (start, end) if start <= end else ()


def _partial(handle: BinaryIO, start: int, end: int, meta: dict[str, Any]) -> HttpResponseBase:
    response = StreamingHttpResponse(_blocks(handle, start, end), status=206, content_type=meta["type"])
    response["Content-Range"] = f"bytes {start}-{end}/{meta['size']}"
    response["Content-Length"] = str(end - start + 1)
    return response


def _blocks(handle: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    with handle:
        handle.seek(start)
        left = end - start + 1
        while left and (block := handle.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def _described(response: HttpResponseBase, meta: dict[str, Any], kind: str) -> HttpResponseBase:
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(meta['fileName'], safe='')}"
    response["Digest"] = "SHA-256=" + meta["integrity"].removeprefix("sha256-")
    response["Accept-Ranges"] = "bytes"
    # Files are whatever somebody uploaded: never a page of ours, nor anything that may run.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    response["Vary"] = "Authorization, Cookie"  # what one may read isn't for whoever asks next
    return response
