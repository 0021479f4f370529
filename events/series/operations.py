"""Write and read the points of series events (spec api-data §4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from pryvsite.kernel.errors import ApiError, InvalidOperation, UnknownResource
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


@dataclass(frozen=True, slots=True)
class Write:
    """A call that writes points: event ids with bodies."""

    actor: Actor
    entries: Sequence[tuple[str, Flat]]


@dataclass(slots=True)
class _Grown:
    """A series with its new points, and who wrote the last of them."""

    event: Wire
    block: Block
    author: str


def write(calls: Sequence[Write]) -> list[ApiError | None]:
    """Store the points of calls on one account, as if each were made after those before it.

    One wrong entry rejects the whole of its call, and that call alone: for each there is nothing or an
    error (spec api-data §4.3–4.4). Nobody is told of points; duration and modification of the events
    follow at once (§4.7).
    """
    account_id = calls[0].actor.account_id
    tree = load_tree(account_id)
    ids = {event_id for call in calls for event_id, _ in call.entries}
    stored = store.lock_events(account_id, sorted(ids))
    series: dict[str, _Grown] = {}
    done: list[ApiError | None] = []
    for call in calls:
        try:
            _add(series, _checked(call, stored, tree))
            done.append(None)
        except ApiError as error:
            done.append(error)
    for event_id, one in series.items():
        store.write(account_id, event_id, one.block)
    store.touch(account_id, [_stretched(one) for one in series.values()])
    return done


def _checked(call: Write, stored: Mapping[str, str], tree: Tree) -> dict[str, _Grown]:
    """All of a call's points. Raises the ApiError of the first entry that is wrong."""
    series: dict[str, _Grown] = {}
    for event_id, flat in call.entries:
        known = series.get(event_id)
        event = known.event if known else _writable(call.actor, event_id, stored, tree)
        block = codec.decode(flat, shape_of(event), event["time"])
        _add(series, {event_id: _Grown(event, block, call.actor.author)})
    return series


def _add(series: dict[str, _Grown], new: Mapping[str, _Grown]) -> None:
    for event_id, one in new.items():
        if not one.block.rows:
            continue
        if event_id in series:
            one = _Grown(one.event, merged(series[event_id].block, one.block), one.author)
        series[event_id] = one


def _stretched(grown: _Grown) -> tuple[str, float | None, float, str]:
    """The event lasts to its last point; one that is still running goes on running."""
    event = grown.event
    duration = event.get("duration", 0)
    longest = None if duration is None else max(grown.block.last, duration)
    changed = sealed({**event, "duration": longest, "modified": now(), "modifiedBy": grown.author})
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
