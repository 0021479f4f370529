"""Previous versions of events, and what stays of deleted ones (spec api-data §3.11)."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection

from events.models import Event, EventDeletion, EventVersion
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.integrity import event_integrity
from pryvsite.kernel.permissions import Can
from streams.tree import Tree

Wire = dict[str, Any]
AUTHORS = ("id", "modified", "modifiedBy")

_COPY = (
    "INSERT INTO events_eventversion (account_id, event_id, number, wire)"
    " SELECT e.account_id, e.id, 1 + COALESCE((SELECT MAX(v.number) FROM events_eventversion v"
    " WHERE v.account_id = e.account_id AND v.event_id = e.id), 0), e.wire"
    " FROM events_event e WHERE e.account_id = %s AND e.id = %s"
)


def keep(account_id: int, event_ids: Sequence[str]) -> None:
    """Copy events as they stand, before they change; nothing where the platform keeps no history."""
    if settings.FORCE_KEEP_HISTORY and event_ids:
        with connection.cursor() as cursor:
            cursor.executemany(_COPY, [(account_id, event_id) for event_id in event_ids])


def bury(account_id: int, event_ids: Sequence[str], moment: float) -> None:
    """Record deletions, keeping of events and their versions what the deletion mode says."""
    mode = settings.DELETION_MODE
    kept: dict[str, str] = {}
    versions = EventVersion.objects.filter(account_id=account_id, event_id__in=event_ids)
    if mode == "keep-nothing":
        versions.delete()
    else:
        rows = Event.objects.filter(account_id=account_id, id__in=event_ids).values_list("id", "wire")
        kept = {event_id: _authors(text) if mode == "keep-authors" else text for event_id, text in rows}
    if mode == "keep-authors":
        reduced = list(versions.select_for_update())
        for version in reduced:
            version.wire = _authors(version.wire)
        EventVersion.objects.bulk_update(reduced, ["wire"], batch_size=200)
    EventDeletion.objects.bulk_create(
        [_deletion(account_id, event_id, moment, kept.get(event_id, "")) for event_id in event_ids]
    )


def _authors(text: str) -> str:
    wire: Wire = msgspec.json.decode(text)
    return msgspec.json.encode({name: wire[name] for name in AUTHORS}).decode()


def _deletion(account_id: int, event_id: str, moment: float, kept: str) -> EventDeletion:
    integrity = event_integrity({"id": event_id, "deleted": moment})
    return EventDeletion(account_id=account_id, id=event_id, deleted=moment, integrity=integrity, kept=kept)


def history(actor: Actor, event_id: str, tree: Tree) -> list[Wire]:
    """Previous versions, oldest first; of each the actor must be able to read a stream it was in."""
    rows = EventVersion.objects.filter(account_id=actor.account_id, event_id=event_id)
    found = [msgspec.json.decode(text) for text in rows.order_by("number").values_list("wire", flat=True)]
    return [version for version in found if _readable(actor, version, tree)]


def _readable(actor: Actor, version: Wire, tree: Tree) -> bool:
    if "streamIds" not in version:  # reduced to its authors
        return actor.is_personal
    return any(Can.READ in actor.permissions.on(sid, tree) for sid in version["streamIds"])
