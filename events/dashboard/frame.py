"""What one actor sees of a period: the same events that `events.get` would give him, summed up.

An event belongs to a period that it overlaps. Those that begin in it come from the digests; those that
last into it and those that run are read one by one, there are few.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from events import digest_store
from events.dashboard.kinds import kind_of
from events.dashboard.periods import Period
from events.digests import Book, Types
from events.inputs import EventsGet
from events.piles import Brief, Pile, Place, Row, pile_up
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
    book: Book
    _seen: dict[Place, bool] = field(default_factory=dict)
    _counts: dict[tuple[tuple[float, ...], Types], list[list[Brief]]] = field(default_factory=dict)

    def prepare(self, start: float, end: float) -> None:
        """Bring the digests of a range up to date, once for all that is read of it."""
        self.book.refresh(start, end)

    @property
    def percent(self) -> int:
        """How much of the period is summed up."""
        return int(100 * self.book.progress(self.period.start, self.period.end))

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
            pile = pile_up([row])[0]
            if self.sees(pile.place):
                found.append((pile, msgspec.json.decode(row[2])))
        return found

    @cached_property
    def lasting_events(self) -> list[tuple[Pile, Wire]]:
        """Events that began before and last into the period."""
        return self._visible(
            row[:3] for row in digest_store.lasting_into(self.actor.account_id, self.period.start)
        )

    @cached_property
    def running_events(self) -> list[tuple[Pile, Wire]]:
        """Running events of the period, whenever they began."""
        if not self.with_running:
            return []
        return self._visible(digest_store.running_before(self.actor.account_id, self.period.end))

    @property
    def lasting(self) -> list[Pile]:
        """A pile for each event that began before and lasts into the period."""
        return [pile for pile, _ in self.lasting_events]

    @property
    def running(self) -> list[Pile]:
        """A pile for each running event of the period."""
        return [pile for pile, _ in self.running_events]

    def types_of(self, kinds: Sequence[str]) -> Types:
        """The types of the period's events that tiles of some kinds show."""
        return frozenset(brief.type for brief in self.briefs if kind(brief) in kinds)

    def counts(self, edges: Sequence[float], of: Types = None) -> list[list[Brief]]:
        """What begins in each bucket, counts alone; running events with their beginning."""
        key = (tuple(edges), of)
        if key not in self._counts:
            self._counts[key] = self._read_counts(edges, of)
        return self._counts[key]

    def _read_counts(self, edges: Sequence[float], of: Types) -> list[list[Brief]]:
        self.prepare(edges[0], edges[-1])
        found = self.book.counts(edges, self.sees, of)
        for pile in self.running:
            index = _bucket(edges, pile.newest)
            if index is not None and (of is None or pile.type in of):
                found[index].append(Brief(pile.place, pile.type, pile.numeric, 1))
        return found

    def piles(self, edges: Sequence[float], of: Types = None) -> list[list[Pile]]:
        """What begins in each bucket and has ended."""
        self.prepare(edges[0], edges[-1])
        return self.book.piles(edges, self.sees, of)

    @cached_property
    def briefs(self) -> list[Brief]:
        """Counts of all events of the period."""
        edges = [self.period.start, self.period.end]
        self.prepare(*edges)
        others = [Brief(p.place, p.type, p.numeric, 1) for p in (*self.lasting, *self.running)]
        return _together(self.book.counts(edges, self.sees)[0]) + others

    @cached_property
    def total(self) -> int:
        """How many events the period has."""
        return sum(brief.count for brief in self.briefs)


def _together(briefs: Iterable[Brief]) -> list[Brief]:
    """One count of each kind of events."""
    found: dict[tuple[Place, str, bool], Brief] = {}
    for one in briefs:
        key = (one.place, one.type, one.numeric)
        known = found.get(key)
        found[key] = Brief(*key, one.count + (known.count if known else 0))
    return list(found.values())


def _bucket(edges: Sequence[float], moment: float) -> int | None:
    if not edges[0] <= moment < edges[-1]:
        return None
    return bisect_right(edges, moment) - 1


def frame_of(actor: Actor, period: Period, streams: Sequence[str] | None, most: int | None = None) -> Frame:
    """The frame of a period and streams (None: all). Raises Forbidden, UnknownReference.

    How much is summed up that wasn't yet is limited by `most` as by a book's.
    """
    tree = load_tree(actor.account_id)
    items = None if streams is None else [Item(tuple(streams))] if streams else []
    filters = resolve(actor, items, tree, trashed=False)
    vetoed = actor.permissions.scope(Can.READ, tree).vetoed
    return Frame(actor, period, tree, filters, vetoed, Book(actor.account_id, period.zone, most))


def kind(pile: Pile | Brief) -> str:
    """The kind of tile that shows a pile."""
    return kind_of(pile.type, numeric=pile.numeric)
