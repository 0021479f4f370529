"""Write and read the points of series events (spec api-data §4)."""

from collections.abc import Iterator
from typing import Any

from events import types
from events.models import EventDeletion
from events.operations import save_event
from events.queries import find_event
from events.series import codec, store
from pryvsite.api.envelope import Rows
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidOperation, InvalidRequestStructure
from pryvsite.kernel.permissions import Can
from streams.tree import Tree, load_tree

Wire = dict[str, Any]
BATCH_FORMAT = "seriesBatch"


def find_series(actor: Actor, event_id: str, want: Can, tree: Tree, *, lock: bool = False) -> Wire:
    """A series event. Raises UnknownResource, Forbidden, InvalidOperation for a plain event."""
    event = find_event(actor, event_id, want, tree, lock=lock)
    if not event["type"].startswith(types.SERIES):
        raise InvalidOperation("This event is not a series.")
    return event


def shape_of(event: Wire) -> types.SeriesShape:
    """The columns as they were when the series was made: stored rows keep to them."""
    content = event["content"]
    try:
        kinds = types.series_shape(content["elementType"]).kinds
    except KeyError:
        kinds = {}
    fields = tuple(content["fields"])
    return types.SeriesShape(
        fields, tuple(content["required"]), {name: kinds.get(name, "string") for name in fields}
    )


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
    events: dict[str, Wire] = {}
    gathered: dict[str, list[store.Point]] = {}
    for event_id, body in entries:
        if event_id not in events:
            events[event_id] = _writable(actor, event_id, tree)
        event = events[event_id]
        gathered.setdefault(event_id, []).extend(codec.decode(body, shape_of(event), event["time"]))
    for event_id, points in gathered.items():
        if points:
            store.write(actor.account_id, event_id, points)
            _stretch(actor, events[event_id], max(delta for delta, _ in points))


def _stretch(actor: Actor, event: Wire, reach: float) -> None:
    """The event lasts to its last point; one that is still running goes on running."""
    duration = event.get("duration", 0)
    longest = None if duration is None else max(reach, duration)
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
    """Points with `start <= deltaTime < end` as flatJSON; columns without any value are left out.

    Two passes over the rows rather than a list of them: a series may be longer than memory.
    """
    event = find_series(actor, event_id, Can.READ, load_tree(actor.account_id))
    names = [name for name in shape_of(event).fields if name != store.DELTA]

    def found() -> Iterator[store.Point]:
        return store.points(actor.account_id, event_id, start, end)

    used = _columns_used(found(), len(names))
    if used is None:
        return {"format": codec.FORMAT, "fields": [], "points": []}
    return {
        "format": codec.FORMAT,
        "fields": [store.DELTA, *(names[i] for i in used)],
        "points": Rows(codec.encode(point, used).decode() for point in found()),
    }


def _columns_used(found: Iterator[store.Point], width: int) -> list[int] | None:
    """The positions at which any point has a value; None where there is no point."""
    used: set[int] = set()
    empty = True
    for _, row in found:
        empty = False
        used.update(i for i, value in enumerate(row) if value is not None)
        if len(used) == width:
            break
    return None if empty else sorted(used)
