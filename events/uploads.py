"""Multipart bodies, read once: files go to the disk as they come (spec api-data §3.9).

Memory is bounded by a block, whatever the size of the files. A body that isn't complete and well-formed
is refused as a whole.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from events.attachments import Draft, StoringFile, storing
from pryvsite.kernel.errors import InvalidRequestStructure

BLOCK = 256 * 1024  # bytes read at a time
MANY = 1000  # parts of a body
_NO_NAME = re.compile(r"[\x00-\x1f\x7f]")


@dataclass
class Received:
    """The parts of a body: texts as they were sent, files as they are stored."""

    texts: list[bytes] = field(default_factory=list)
    files: list[Draft] = field(default_factory=list)


@contextmanager
def received(request: HttpRequest, account_id: int) -> Iterator[Received]:
    """The parts of a multipart body for the block; files that no record names afterwards are removed.

    Raises InvalidRequestStructure.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.UPLOAD_MAX_BYTES + _text_limit():
        raise _too_large()
    with storing(account_id) as files:
        parts = Received(files=files)
        try:
            _read(request, account_id, parts)
        except (MultipartError, UnreadablePostError) as error:
            request.broken_off = isinstance(error, UnreadablePostError)  # type: ignore[attr-defined]
            raise InvalidRequestStructure("The multipart body is malformed or incomplete.") from None
        yield parts


def _read(request: HttpRequest, account_id: int, parts: Received) -> None:
    boundary = (request.content_params or {}).get("boundary", "")
    parser = PushMultipartParser(boundary, max_segment_count=MANY)
    text: bytearray | None = None
    file: StoringFile | None = None
    sizes = {"text": 0, "file": 0}  # bytes so far
    try:
        for event in parser.parse_blocking(request.read, BLOCK):
            if isinstance(event, MultipartSegment):
                name = _file_name(event)
                if name is None:
                    text = bytearray()
                else:
                    file = StoringFile(account_id, _base_name(name), event.content_type or "")
            elif event is None:
                if text is not None:
                    parts.texts.append(bytes(text))
                elif file is not None and (file.name or file.size):
                    parts.files.append(file.finish())
                elif file is not None:  # a form's file input in which nothing was chosen
                    file.discard()
                text = file = None
            elif text is not None:
                text += event
                sizes["text"] += len(event)
            elif file is not None:
                sizes["file"] += len(event)
                file.write(event)
            if sizes["text"] > _text_limit() or sizes["file"] > settings.UPLOAD_MAX_BYTES:
                raise _too_large()
    finally:
        if file is not None:
            file.discard()


def _text_limit() -> int:
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0


def _too_large() -> InvalidRequestStructure:
    return InvalidRequestStructure(f"Files of a call may hold {settings.UPLOAD_MAX_BYTES} bytes together.")


def _file_name(part: MultipartSegment) -> str | None:
    """The file name of a part; some clients spell one that isn't ASCII as `filename*` (RFC 2231)."""
    if part.filename is not None:
        return str(part.filename)
    spelled = Message()
    spelled["Content-Disposition"] = part.header("Content-Disposition") or ""
    return spelled.get_filename()


def _base_name(sent: str) -> str:
    """The name without folders, of whatever system, and without control characters."""
    return _NO_NAME.sub("", re.split(r"[/\\]", sent)[-1]).strip()
