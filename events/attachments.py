"""Files of events: bytes first, then the record; read tokens (spec api-data §3.9).

Bytes are stored before the transaction and removed again if it fails; files of deleted records are
removed after the commit. So neither leaves the other behind.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.meter import add_bytes
from events import preview_files
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


@contextmanager
def drafts(account_id: int, files: Sequence[Upload]) -> Iterator[list[Draft]]:
    """Store files for the block; when it fails they are removed. Raises InvalidRequestStructure."""
    if sum(file.size or 0 for file in files) > settings.UPLOAD_MAX_BYTES:
        raise InvalidRequestStructure(f"Files of a call may hold {settings.UPLOAD_MAX_BYTES} bytes together.")
    stored: list[Draft] = []
    try:
        for file in files:
            stored.append(_store(account_id, file))
        yield stored
    except BaseException:
        for draft in stored:
            storages["attachments"].delete(draft.blob)
        raise


def _store(account_id: int, file: Upload) -> Draft:
    file_id = new_id()
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    blob = storages["attachments"].save(f"{account_id}/{file_id[-2:]}/{file_id}", File(file))
    return Draft(
        id=file_id,
        blob=blob,
        name=file.name or "file",
        type=file.content_type or "application/octet-stream",
        size=file.size or 0,
        integrity=file_integrity(digest.digest()),
    )


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
    found = list(rows.values_list("blob", "size", "id"))
    if not found:
        return
    rows.delete()
    add_bytes(account_id, -sum(size for _, size, _ in found))

    def remove() -> None:
        for blob, _, file_id in found:
            storages["attachments"].delete(blob)
            preview_files.discard(account_id, file_id)

    transaction.on_commit(remove)


def open_attachment(actor: Actor, event_id: str, file_id: str) -> tuple[BinaryIO, Wire]:
    """The bytes of a file, and how it stands in its event. Raises UnknownResource, Forbidden."""
    event = find_event(actor, event_id, Can.READ, load_tree(actor.account_id))
    meta = next((file for file in event.get("attachments", ()) if file["id"] == file_id), None)
    row = Attachment.objects.filter(account_id=actor.account_id, event_id=event_id, id=file_id).first()
    if meta is None or row is None:
        raise UnknownResource("attachment", file_id)
    try:
        return cast("BinaryIO", storages["attachments"].open(row.blob)), meta
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
