"""Whether stored events and files are what they were when they were written."""

import hashlib
from collections.abc import Iterator

import msgspec

from accounts.integrity import Fault
from events.blobs import open_blob
from events.models import Attachment, Event
from pryvsite.kernel.integrity import event_integrity, file_integrity

BLOCK = 1024 * 1024  # bytes


def check_events() -> Iterator[Fault | None]:
    """Every event has the hash that fits its content."""
    rows = Event.objects.order_by("account_id", "id").values_list("account__username", "id", "wire")
    for username, event_id, text in rows.iterator(chunk_size=1000):
        event = msgspec.json.decode(text)
        kept = event.get("integrity")
        fits = kept is None or kept == event_integrity(event)
        yield None if fits else Fault(f"{username}/{event_id}", "the hash does not fit the event")


def check_files() -> Iterator[Fault | None]:
    """Every file is there, and is the one that its event tells of."""
    rows = Attachment.objects.order_by("account_id", "event_id", "id").select_related("account")
    for attachment in rows.iterator(chunk_size=500):
        yield _file_fault(attachment)


def _file_fault(attachment: Attachment) -> Fault | None:
    where = f"{attachment.account.username}/{attachment.event_id}/{attachment.id}"
    text = Event.objects.filter(account_id=attachment.account_id, id=attachment.event_id).values_list("wire")
    row = text.first()
    told = {a["id"]: a for a in msgspec.json.decode(row[0]).get("attachments", [])} if row else {}
    if attachment.id not in told:
        return Fault(where, "no event tells of this file")
    digest = hashlib.sha256()
    try:
        with open_blob(attachment.blob) as handle:
            while block := handle.read(BLOCK):
                digest.update(block)
    except OSError:
        return Fault(where, "the file can't be read")
    fits = told[attachment.id].get("integrity") in (None, file_integrity(digest.digest()))
    return None if fits else Fault(where, "the file is another one")
