"""New events as rows; the only place that writes the SQL which inserts them.

Rows travel as one JSON text whatever their number: a statement and a parameter for all of them.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from django.db import connection

from events.models import Event, EventDeletion
from events.wire import columns
from pryvsite.db import Statement, run

Wire = dict[str, Any]
_COLUMNS = {
    "id": "text",
    "time": "double precision",
    "end_time": "double precision",
    "type": "text",
    "trashed": "boolean",
    "modified": "double precision",
    "has_files": "boolean",
    "wire": "text",
}
_PLACES = {
    "stream_id": "text",
    "event_id": "text",
    "time": "double precision",
    "type": "text",
    "trashed": "boolean",
}


def _statement(table: str, shape: dict[str, str]) -> str:
    """An insert of JSON objects (parameter 2) of an account (parameter 1)."""
    names = ", ".join(shape)
    into = f"INSERT INTO {table} (account_id, {names}) SELECT %s, "
    if connection.vendor == "postgresql":
        typed = ", ".join(f"{name} {kind}" for name, kind in shape.items())
        return f"{into}{names} FROM json_to_recordset(%s) AS given({typed})"
    taken = ", ".join(f"json_extract(value, '$.{name}')" for name in shape)
    return f"{into}{taken} FROM json_each(%s)"


def _inserting(table: str, shape: dict[str, str], account_id: int, given: Sequence[Wire]) -> Statement:
    return _statement(table, shape), [account_id, msgspec.json.encode(given).decode()]


def insert(account_id: int, events: Sequence[Wire]) -> None:
    """Store new events. Raises IntegrityError where an id is taken."""
    stored = [{"id": event["id"], **columns(event)} for event in events]
    run(_inserting("events_event", _COLUMNS, account_id, stored), _placing(account_id, events))


def place(account_id: int, events: Iterable[Wire]) -> None:
    """Put events into their streams."""
    run(_placing(account_id, events))


def _placing(account_id: int, events: Iterable[Wire]) -> Statement:
    places = [
        {
            "stream_id": stream_id,
            "event_id": event["id"],
            "time": event["time"],
            "type": event["type"],
            "trashed": event.get("trashed", False),
        }
        for event in events
        for stream_id in event["streamIds"]
    ]
    return _inserting("events_eventstream", _PLACES, account_id, places)


def taken(account_id: int, ids: Sequence[str]) -> set[str]:
    """The ids among these that an event has or had. An id is never used twice, not even after deletion."""
    if not ids:
        return set()
    living = Event.objects.filter(account_id=account_id, id__in=ids).values_list("id", flat=True)
    gone = EventDeletion.objects.filter(account_id=account_id, id__in=ids).values_list("id", flat=True)
    return set(living.union(gone, all=True))
