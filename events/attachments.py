"""Files of events: bytes first, then the record; read tokens (spec api-data §3.9).

Bytes are stored before the transaction and removed again if it fails; files of deleted records are
removed after the commit. So neither leaves the other behind; what a crash leaves is swept (`blobs`).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, transaction

from accounts.meter import add_bytes
from events import blobs
from events.models import Attachment
from events.queries import find_event
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidRequestStructure, MissingToken, UnknownResource
from pryvsite.kernel.ids import new_id
from pryvsite.kernel.integrity import file_integrity
from pryvsite.kernel.permissions import Can
from pryvsite.kernel.ports import ports
from streams.tree import load_tree

if TYPE_CHECKING:
    Upload = UploadedFile[Any]
else:
    Upload = UploadedFile

Wire = dict[str, Any]
MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Draft:
    """A stored file that no event has yet."""

    id: str
    blob: str
    name: str
    type: str
    size: int  # bytes
    integrity: str

    def wire(self) -> Wire:
        """The attachment as it stands in the event, without read token."""
        return {
            "id": self.id,
            "fileName": self.name,
            "type": self.type,
            "size": self.size,
            "integrity": self.integrity,
        }


class StoringFile:
    """A file on its way to the disk."""

    def __init__(self, account_id: int, name: str, kind: str) -> None:
        self.id = new_id()
        self.blob = blobs.blob_name(account_id, self.id)
        self.name, self.type = name, kind if MEDIA_TYPE.fullmatch(kind) else "application/octet-stream"
        self.writer = blobs.Writer(self.blob)
        self.write = self.writer.write

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.writer.size

    def finish(self) -> Draft:
        """The stored file, which is on the disk now."""
        integrity = file_integrity(self.writer.finish())
        return Draft(self.id, self.blob, self.name or "file", self.type, self.size, integrity)

    def discard(self) -> None:
        """Give it up."""
        self.writer.handle.close()
        blobs.remove(self.blob)


@contextmanager
def storing(account_id: int) -> Iterator[list[Draft]]:
    """A list for files that are stored in the block. Those that no record names after a failure are
    removed; where the database itself failed that isn't known, and they are left to the sweep."""
    stored: list[Draft] = []
    with blobs.held(account_id):
        try:
            yield stored
        except DatabaseError:
            raise
        except BaseException:
            _discard_unrecorded(account_id, stored)
            raise


def _discard_unrecorded(account_id: int, stored: Sequence[Draft]) -> None:
    names = {draft.blob for draft in stored}
    if names:
        ids = [draft.id for draft in stored]
        rows = Attachment.objects.filter(account_id=account_id, id__in=ids)
        for name in names.difference(rows.values_list("blob", flat=True)):
            blobs.remove(name)


@contextmanager
def drafts(account_id: int, files: Sequence[Upload]) -> Iterator[list[Draft]]:
    """Store the files of a form for the block. Raises InvalidRequestStructure."""
    if sum(file.size or 0 for file in files) > settings.UPLOAD_MAX_BYTES:
        raise InvalidRequestStructure(f"Files of a call may hold {settings.UPLOAD_MAX_BYTES} bytes together.")
    with storing(account_id) as stored:
        for file in files:
            stored.append(_store(account_id, file))
        yield stored


def _store(account_id: int, file: Upload) -> Draft:
    storing_file = StoringFile(account_id, file.name or "", file.content_type or "")
    try:
        for chunk in file.chunks():
            storing_file.write(chunk)
        return storing_file.finish()
    except BaseException:
        storing_file.discard()
        raise


def record(account_id: int, event_id: str, stored: Sequence[Draft]) -> None:
    """Give stored files to an event."""
    if not stored:
        return
    add_bytes(account_id, sum(draft.size for draft in stored))
    Attachment.objects.bulk_create(
        [
            Attachment(account_id=account_id, event_id=event_id, id=d.id, blob=d.blob, size=d.size)
            for d in stored
        ]
    )


def forget(account_id: int, event_ids: Sequence[str], file_id: str | None = None) -> None:
    """Delete the records of files now, their bytes after the commit."""
    rows = Attachment.objects.filter(account_id=account_id, event_id__in=event_ids)
    if file_id is not None:
        rows = rows.filter(id=file_id)
    found = list(rows.values_list("blob", "size"))
    if not found:
        return
    rows.delete()
    add_bytes(account_id, -sum(size for _, size in found))

    def remove() -> None:
        for blob, _ in found:
            blobs.remove(blob)

    transaction.on_commit(remove)


def open_attachment(actor: Actor, event_id: str, file_id: str) -> tuple[BinaryIO, Wire]:
    """The bytes of a file, and how it stands in its event. Raises UnknownResource, Forbidden."""
    event = find_event(actor, event_id, Can.READ, load_tree(actor.account_id))
    meta = next((file for file in event.get("attachments", ()) if file["id"] == file_id), None)
    row = Attachment.objects.filter(account_id=actor.account_id, event_id=event_id, id=file_id).first()
    if meta is None or row is None:
        raise UnknownResource("attachment", file_id)
    try:
        return blobs.open_blob(row.blob), meta
    except FileNotFoundError:
        raise UnknownResource("attachment", file_id) from None


@cache
def _key() -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), b"pryvsite.read-token", hashlib.sha256).digest()


def read_token(access_id: str, secret: str, file_id: str) -> str:
    """The token of one file for one access; it dies with the access and is never stored."""
    mac = hmac.new(_key(), f"{file_id}-{secret}".encode(), hashlib.sha1).digest()
    encoded = base64.b64encode(mac).decode().replace("/", "_").replace("+", "-").rstrip("=")
    return f"{access_id}-{encoded}"


class ReadTokens:
    """Read tokens for an actor; asks for the access' secret once, and only if there are files."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.secret: str | None = None

    def add(self, event: Wire) -> Wire:
        """The event with a read token on each attachment."""
        if not event.get("attachments"):
            return event
        if self.secret is None:
            found = ports.authenticator.read_key(self.actor.account_id, self.actor.access_id)
            self.secret = found[1] if found else ""
        if not self.secret:
            return event
        access_id = self.actor.access_id
        files = [
            {**file, "readToken": read_token(access_id, self.secret, file["id"])}
            for file in event["attachments"]
        ]
        return {**event, "attachments": files}


def actor_of_read_token(account_id: int, token: str, file_id: str) -> Actor:
    """The actor for whom a read token was made. Raises MissingToken (401) when it does not fit."""
    access_id = token.partition("-")[0]
    found = ports.authenticator.read_key(account_id, access_id)
    if found is None:
        raise MissingToken("The read token is not valid.")
    actor, secret = found
    if not hmac.compare_digest(read_token(access_id, secret, file_id).encode(), token.encode()):
        raise MissingToken("The read token is not valid.")
    return actor
