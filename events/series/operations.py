"""Write and read the points of series events (spec api-data §4)."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import msgspec

from events import types
from events.models import EventDeletion
from events.queries import authorised, find_event
from events.series import codec, store
from events.series.blocks import Block, bits, merged
from events.series.codec import Flat
from events.wire import columns, sealed
from pryvsite.api.envelope import Rows
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidOperation, UnknownResource
from pryvsite.kernel.permissions import Can
from streams.tree import Tree, load_tree

Wire = dict[str, Any]
TRASH = {"trashedReference": "eventId"}


def _series(event: Wire) -> Wire:
    """The event, if it is a series. Raises InvalidOperation."""
    if not event["type"].startswith(types.SERIES):
        raise InvalidOperation("This event is not a series.")
    return event


def shape_of(event: Wire) -> types.SeriesShape:
    """The columns as they were when the series was made: stored rows keep to them."""
    content = event["content"]
    fields = tuple(content["fields"])
    try:
        known = types.series_shape(content["elementType"])
    except KeyError:
        known = types.SeriesShape((), (), ())
    if known.fields == fields:
        return known
    kinds = dict(zip(known.fields[1:], known.kinds, strict=True))
    return types.SeriesShape(
        fields, tuple(content["required"]), tuple(kinds.get(name, "string") for name in fields[1:])
    )


def _writable(actor: Actor, event_id: str, stored: Mapping[str, str], tree: Tree) -> Wire:
    """A series event that takes points. Raises UnknownResource, Forbidden, InvalidOperation."""
    text = stored.get(event_id)
    if text is None:
        if EventDeletion.objects.filter(account_id=actor.account_id, id=event_id).exists():
            raise InvalidOperation("The event was deleted.", TRASH)
        raise UnknownResource("event", event_id)
    event = _series(authorised(actor, msgspec.json.decode(text), Can.CREATE, tree))
    if event.get("trashed"):
        raise InvalidOperation("The event is in the trash.", TRASH)
    return event


def write(actor: Actor, entries: Sequence[tuple[str, Flat]]) -> None:
    """Check all entries, then store all: one wrong entry rejects the whole call (spec api-data §4.3–4.4).

    Nobody is told of points; duration and modification of the events follow at once (§4.7).
    """
    account_id, tree = actor.account_id, load_tree(actor.account_id)
    stored = store.lock_events(account_id, sorted({event_id for event_id, _ in entries}))
    events: dict[str, Wire] = {}
    new: dict[str, Block] = {}
    for event_id, flat in entries:
        if event_id not in events:
            events[event_id] = _writable(actor, event_id, stored, tree)
        event = events[event_id]
        block = codec.decode(flat, shape_of(event), event["time"])
        new[event_id] = merged(new[event_id], block) if event_id in new else block
    written = [(event_id, block) for event_id, block in new.items() if block.rows]
    for event_id, block in written:
        store.write(account_id, event_id, block)
    store.touch(account_id, [_stretched(actor, events[event_id], block.last) for event_id, block in written])


def _stretched(actor: Actor, event: Wire, reach: float) -> tuple[str, float | None, float, str]:
    """The event lasts to its last point; one that is still running goes on running."""
    duration = event.get("duration", 0)
    longest = None if duration is None else max(reach, duration)
    changed = sealed({**event, "duration": longest, "modified": now(), "modifiedBy": actor.author})
    values = columns(changed)
    return changed["id"], values["end_time"], values["modified"], values["wire"]


def read(actor: Actor, event_id: str, start: float | None, end: float | None) -> Wire:
    """Points with `start <= deltaTime < end` as flatJSON, read as they are sent.

    Columns that no point of these stretches has are left out. Raises UnknownResource, Forbidden,
    InvalidOperation.
    """
    event = _series(find_event(actor, event_id, Can.READ, load_tree(actor.account_id)))
    names = shape_of(event).fields[1:]
    used = store.columns_used(actor.account_id, event_id, start, end)
    found = store.packed(actor.account_id, event_id, used, start, end)
    first = next(found, None)
    if first is None:
        return {"format": codec.FORMAT, "fields": [], "points": []}
    fields = [codec.DELTA, *(names[bit] for bit in bits(used))]
    return {"format": codec.FORMAT, "fields": fields, "points": Rows(chain((first,), found))}
