"""Writes a made-up life into an account: many rows a statement, all or nothing."""

import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accounts.meter import add_documents
from events import attachments
from events.demo.entry import OWNER, Entry, made_id
from events.demo.story import STREAMS
from events.models import Event, EventStream
from events.series import store
from events.series.blocks import Block
from events.wire import columns, sealed
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from streams.tree import load_tree

Wire = dict[str, Any]
AT_ONCE = 2000  # entries held in memory
NOTED_AFTER = 5.0  # seconds between what happened and its record


def is_empty(actor: Actor) -> bool:
    """Whether the account has no event."""
    return not Event.objects.filter(account_id=actor.account_id).exists()


def create_streams(actor: Actor) -> None:
    """The streams of the life, but for those that are there already."""
    tree = load_tree(actor.account_id)
    for made in STREAMS:
        if made.id in tree:
            continue
        colour = {"clientData": {"pryv-browser:bgColor": made.colour}} if made.colour else {}
        raw = {"id": made.id, "name": made.name, "parentId": made.parent or None, "trashed": made.trashed}
        execute("streams.create", actor, raw | colour)


def load(actor: Actor, entries: Iterable[Entry], authors: Mapping[str, str], seed: int) -> int:
    """Store entries; their number. `authors` gives the tracking value of each role."""
    rng, waiting, total = random.Random(seed), iter(entries), 0  # noqa: S311 (made-up data)
    with ExitStack() as files, transaction.atomic(durable=True):
        while part := list(islice(waiting, AT_ONCE)):
            _store(actor.account_id, [(made_id(rng), entry) for entry in part], authors, files)
            total += len(part)
        announce(actor.account_id, Change.EVENTS)
        transaction.on_commit(lambda: add_documents(actor.account_id, total))
    return total


def _store(
    account_id: int, part: Sequence[tuple[str, Entry]], authors: Mapping[str, str], files: ExitStack
) -> None:
    wires, records = [], []
    for event_id, entry in part:
        drafts = _files(account_id, entry, files)
        wires.append(_wire(event_id, entry, authors, [draft.wire() for draft in drafts]))
        records += [(event_id, drafts)] if drafts else []
        if entry.points:
            rows = [(delta, *values) for delta, values in entry.points]
            store.write(account_id, event_id, Block((1 << len(rows[0]) - 1) - 1, rows))
    Event.objects.bulk_create(
        [Event(account_id=account_id, id=wire["id"], **columns(wire)) for wire in wires]
    )
    EventStream.objects.bulk_create(
        [
            EventStream(
                account_id=account_id,
                stream_id=sid,
                event_id=wire["id"],
                time=wire["time"],
                type=wire["type"],
                trashed=wire.get("trashed", False),
            )
            for wire in wires
            for sid in wire["streamIds"]
        ]
    )
    for event_id, drafts in records:
        attachments.record(account_id, event_id, drafts)


def _files(account_id: int, entry: Entry, files: ExitStack) -> list[attachments.Draft]:
    """The entry's files, stored; they are removed again should the whole fail."""
    if not entry.files:
        return []
    uploads = [SimpleUploadedFile(file.name, file.content, file.type) for file in entry.files]
    return files.enter_context(attachments.drafts(account_id, uploads))


def _wire(event_id: str, entry: Entry, authors: Mapping[str, str], files: list[Wire]) -> Wire:
    author = authors.get(entry.author, authors[OWNER])
    noted = entry.time + (entry.duration or 0) + NOTED_AFTER
    return sealed(
        {
            "id": event_id,
            "streamIds": [entry.stream, *([entry.also] if entry.also else [])],
            "time": entry.time,
            "duration": entry.duration,
            "type": entry.type,
            "content": entry.content,
            "description": entry.description,
            "trashed": entry.trashed,
            "attachments": files,
            "created": noted,
            "createdBy": author,
            "modified": noted,
            "modifiedBy": author,
        }
    )
