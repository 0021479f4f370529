"""What one actor sees of a period: the same events that `events.get` would give him, summed up.

An event belongs to a period that it overlaps. Those that begin in it come from the digests; those that
last into it and those that run are read one by one, there are few.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from events import digests
from events.dashboard.kinds import kind_of
from events.dashboard.periods import Period
from events.digests import Brief, Pile, Place, Row
from events.inputs import EventsGet
from events.query.filters import StreamFilter, resolve
from events.query.language import Item
from events.query.run import window_of
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.permissions import Can
from streams.tree import Tree, load_tree

Wire = dict[str, Any]


@dataclass
class Frame:
    """A period and streams as an actor sees them."""

    actor: Actor
    period: Period
    tree: Tree
    filters: Sequence[StreamFilter]
    vetoed: frozenset[str]
    _seen: dict[Place, bool] = field(default_factory=dict)
    _fresh: tuple[float, float] | None = None
    _counts: dict[tuple[float, ...], list[list[Brief]]] = field(default_factory=dict)
    _piles: dict[tuple[float, ...], list[list[Pile]]] = field(default_factory=dict)

    def prepare(self, start: float, end: float) -> None:
        """Bring the digests of a range up to date, once for all that is read of it."""
        if self._fresh is None or start < self._fresh[0] or end > self._fresh[1]:
            digests.refresh(self.actor.account_id, start, end, self.period.zone)
            self._fresh = (start, end)

    def sees(self, place: Place) -> bool:
        """Whether events in these streams are shown."""
        known = self._seen.get(place)
        if known is None:
            known = self.vetoed.isdisjoint(place) and any(one.matches(place) for one in self.filters)
            self._seen[place] = known
        return known

    def shows(self, stream_id: str) -> bool:
        """Whether the stream itself is asked for and readable; what is there may be kept out by another."""
        return any(one.matches((stream_id,)) for one in self.filters)

    @cached_property
    def with_running(self) -> bool:
        """Whether the period reaches the present, so that what runs belongs to it (spec api-data §3.2)."""
        return window_of(EventsGet(from_time=self.period.start, to_time=self.last_moment)).with_running

    @property
    def last_moment(self) -> float:
        """The last moment of the period, which ends before the next one begins."""
        return math.nextafter(self.period.end, -math.inf)

    def _visible(self, rows: Iterable[Row]) -> list[tuple[Pile, Wire]]:
        """Each event alone, with its wire form."""
        found = []
        for row in rows:
            pile = digests.pile_up([row])[0]
            if self.sees(pile.place):
                found.append((pile, msgspec.json.decode(row[2])))
        return found

    @cached_property
    def lasting_events(self) -> list[tuple[Pile, Wire]]:
        """Events that began before and last into the period."""
        return self._visible(digests.lasting_into(self.actor.account_id, self.period.start))

    @cached_property
    def running_events(self) -> list[tuple[Pile, Wire]]:
        """Running events of the period, whenever they began."""
        if not self.with_running:
            return []
        return self._visible(digests.running_before(self.actor.account_id, self.period.end))

    @property
    def lasting(self) -> list[Pile]:
        """A pile for each event that began before and lasts into the period."""
        return [pile for pile, _ in self.lasting_events]

    @property
    def running(self) -> list[Pile]:
        """A pile for each running event of the period."""
        return [pile for pile, _ in self.running_events]

    def counts(self, edges: Sequence[float]) -> list[list[Brief]]:
        """What begins in each bucket, counts alone; running events with their beginning."""
        key = tuple(edges)
        if key not in self._counts:
            self._counts[key] = self._read_counts(edges)
        return self._counts[key]

    def _read_counts(self, edges: Sequence[float]) -> list[list[Brief]]:
        found = self._begun(edges)
        for pile in self.running:
            index = _bucket(edges, pile.newest)
            if index is not None:
                found[index].append(Brief(pile.place, pile.type, pile.numeric, 1))
        return found

    def _begun(self, edges: Sequence[float]) -> list[list[Brief]]:
        self.prepare(edges[0], edges[-1])
        found = digests.counts(self.actor.account_id, edges, self.period.zone)
        return [[brief for brief in bucket if self.sees(brief.place)] for bucket in found]

    def piles(self, edges: Sequence[float]) -> list[list[Pile]]:
        """What begins in each bucket and has ended."""
        key = tuple(edges)
        if key not in self._piles:
            self.prepare(edges[0], edges[-1])
            found = digests.piles(self.actor.account_id, edges, self.period.zone)
            self._piles[key] = [[pile for pile in bucket if self.sees(pile.place)] for bucket in found]
        return self._piles[key]

    @cached_property
    def briefs(self) -> list[Brief]:
        """Counts of all events of the period."""
        begun = self._begun([self.period.start, self.period.end])[0]
        others = [Brief(p.place, p.type, p.numeric, 1) for p in (*self.lasting, *self.running)]
        return begun + others

    @cached_property
    def total(self) -> int:
        """How many events the period has."""
        return sum(brief.count for brief in self.briefs)


def _bucket(edges: Sequence[float], moment: float) -> int | None:
    if not edges[0] <= moment < edges[-1]:
        return None
    return next(i for i in range(len(edges) - 1) if moment < edges[i + 1])


def frame_of(actor: Actor, period: Period, streams: Sequence[str] | None) -> Frame:
    """The frame of a period and streams (None: all). Raises Forbidden, UnknownReference."""
    tree = load_tree(actor.account_id)
    items = None if streams is None else [Item(tuple(streams))] if streams else []
    filters = resolve(actor, items, tree, trashed=False)
    return Frame(actor, period, tree, filters, actor.permissions.scope(Can.READ, tree).vetoed)


def kind(pile: Pile | Brief) -> str:
    """The kind of tile that shows a pile."""
    return kind_of(pile.type, numeric=pile.numeric)
