"""Write and read the points of series events (spec api-data §4)."""

from typing import Any

from events import types
from events.models import EventDeletion
from events.operations import find_event, save_event
from events.series import codec, store
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidOperation, InvalidRequestStructure
from pryvsite.kernel.permissions import Can
from streams.tree import Tree, load_tree

Wire = dict[str, Any]
BATCH_FORMAT = "seriesBatch"
MAX_DELTA = 1e12  # seconds; an end beyond any point


def find_series(actor: Actor, event_id: str, want: Can, tree: Tree, *, lock: bool = False) -> Wire:
    """A series event. Raises UnknownResource, Forbidden, InvalidOperation for a plain event."""
    event = find_event(actor, event_id, want, tree, lock=lock)
    if not event["type"].startswith(types.SERIES):
        raise InvalidOperation("This event is not a series.")
    return event


def _writable(actor: Actor, event_id: str, tree: Tree) -> Wire:
    trash = {"trashedReference": "eventId"}
    if EventDeletion.objects.filter(account_id=actor.account_id, id=event_id).exists():
        raise InvalidOperation("The event was deleted.", trash)
    event = find_series(actor, event_id, Can.CREATE, tree, lock=True)
    if event.get("trashed"):
        raise InvalidOperation("The event is in the trash.", trash)
    return event


def write(actor: Actor, event_id: str, body: Any) -> None:
    """Store the points of one body; all or none."""
    write_batch(actor, [(event_id, body)])


def write_batch(actor: Actor, entries: list[tuple[str, Any]]) -> None:
    """Check all entries, then store all: one wrong entry rejects the whole call."""
    tree = load_tree(actor.account_id)
    checked: list[tuple[Wire, list[store.Point]]] = []
    for event_id, body in entries:
        event = _writable(actor, event_id, tree)
        shape = types.series_shape(event["content"]["elementType"])
        checked.append((event, codec.decode(body, shape, event["time"])))
    for event, points in checked:
        if not points:
            continue
        store.write(actor.account_id, event["id"], points)
        reach = max(delta for delta, _ in points)
        longest = max(reach, event.get("duration") or 0)
        save_event(actor, event, {**event, "duration": longest}, announced=False)


def batch_entries(body: Any) -> list[tuple[str, Any]]:
    """The entries of a batch body. Raises InvalidRequestStructure."""
    if not isinstance(body, dict) or body.get("format") != BATCH_FORMAT:
        raise InvalidRequestStructure(f'The format must be "{BATCH_FORMAT}".')
    data = body.get("data")
    if not isinstance(data, list):
        raise InvalidRequestStructure("data must be a list.")
    entries: list[tuple[str, Any]] = []
    for item in data:
        if not isinstance(item, dict) or not isinstance(item.get("eventId"), str):
            raise InvalidRequestStructure("Each entry needs an eventId and data.")
        entries.append((item["eventId"], item.get("data")))
    return entries


def read(actor: Actor, event_id: str, start: float | None, end: float | None) -> Wire:
    """Points with `start <= deltaTime < end` as flatJSON; columns without any value are left out."""
    event = find_series(actor, event_id, Can.READ, load_tree(actor.account_id))
    shape = types.series_shape(event["content"]["elementType"])
    first, last = 0.0 if start is None else start, MAX_DELTA if end is None else end
    points = list(store.read(actor.account_id, event_id, first, last))
    if not points:
        return {"format": codec.FORMAT, "fields": [], "points": []}
    used = store.columns_used(points, len(shape.fields) - 1)
    return {
        "format": codec.FORMAT,
        "fields": ["deltaTime", *(shape.fields[i + 1] for i in used)],
        "points": [[delta, *(row[i] for i in used)] for delta, row in points],
    }
