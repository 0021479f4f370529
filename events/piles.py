"""Events summed up: those of one type in the same streams are a pile; piles side by side, one for each slot
(hour of a day, day of a month), are a sheet. A sheet holds its piles by columns, so that a month is read
and cut into weeks at the cost of a few lists, however many events it has.

Rights and the stream tree are no part of it: piles keep the streams of their events, and the reader tells
which he may see.
"""

import sys
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from events import types
from events.dashboard.periods import DAY

LARGEST = sys.float_info.max
MAX_SPOTS = 24  # positions kept of a pile
DAY_SPOTS = 8  # of a day in the sheet of a month

Place = tuple[str, ...]  # the streams of an event, sorted
Spot = tuple[float, float, float, int]  # time, latitude, longitude, positions it stands for
Row = tuple[float, str, str]  # time, type, wire
Key = tuple[Place, str, bool]


def total(numbers: Iterable[float]) -> float:
    """Their sum; one beyond all floats, which no JSON can hold, is the largest of them."""
    return min(max(sum(numbers), -LARGEST), LARGEST)


class Pile(msgspec.Struct, array_like=True):
    """Events of one type that sit in the same streams, summed up."""

    place: Place
    type: str
    numeric: bool  # whether the contents are numbers, or objects of numbers where the type doesn't tell
    count: int = 0
    newest: float = 0.0  # time of the last one that began
    seconds: float = 0.0  # of all durations
    values: dict[str, list[float]] = {}  # field ("" for a number): count, sum, lowest, highest, last
    spots: list[Spot] = []

    def add(self, other: "Pile") -> None:
        """Take another pile of the same events' kind in; it begins later."""
        self.count += other.count
        self.newest = max(self.newest, other.newest)
        self.seconds = total((self.seconds, other.seconds))
        self.spots = [*self.spots, *other.spots]
        for name, (count, more, low, high, last) in other.values.items():
            mine = self.values.get(name)
            if mine is None:
                self.values[name] = [count, more, low, high, last]
            else:
                self.values[name] = [mine[0] + count, total((mine[1], more)), min(mine[2], low),
                                     max(mine[3], high), last]  # fmt: skip


class Brief(msgspec.Struct, array_like=True):
    """A pile's count alone, for those who only count."""

    place: Place
    type: str
    numeric: bool
    count: int


class Column(msgspec.Struct, array_like=True):
    """A field's values by slots; slots without a value are left out."""

    slots: list[int] = []
    counts: list[int] = []
    sums: list[float] = []
    lows: list[float] = []
    highs: list[float] = []
    lasts: list[float] = []

    def add(self, slot: int, values: list[float]) -> None:
        """A slot later than all before: count, sum, lowest, highest, last."""
        self.slots.append(slot)
        self.counts.append(int(values[0]))
        self.sums.append(values[1])
        self.lows.append(values[2])
        self.highs.append(values[3])
        self.lasts.append(values[4])

    def cut(self, low: int, high: int) -> list[float] | None:
        """The slots `[low, high)` put together, as a pile holds them; None without values."""
        a, b = bisect_left(self.slots, low), bisect_left(self.slots, high)
        if a == b:
            return None
        if b - a == 1:
            return [self.counts[a], self.sums[a], self.lows[a], self.highs[a], self.lasts[a]]
        return [sum(self.counts[a:b]), total(self.sums[a:b]), min(self.lows[a:b]), max(self.highs[a:b]),
                self.lasts[b - 1]]  # fmt: skip


class Tally(msgspec.Struct, array_like=True):
    """The counts of a sheet alone."""

    place: Place
    type: str
    numeric: bool
    slots: list[int]
    counts: list[int]

    def cut(self, low: int, high: int) -> Brief | None:
        """How many events the slots `[low, high)` hold; None for none."""
        a, b = bisect_left(self.slots, low), bisect_left(self.slots, high)
        return None if a == b else Brief(self.place, self.type, self.numeric, sum(self.counts[a:b]))


class Sheet(msgspec.Struct, array_like=True):
    """Piles of one kind side by side; slots without events are left out."""

    place: Place
    type: str
    numeric: bool
    slots: list[int]
    counts: list[int]
    newest: list[float]
    seconds: list[float]  # empty where no event lasts
    values: dict[str, Column]
    spots: list[list[Spot]]  # empty where there are none

    @property
    def tally(self) -> Tally:
        """The counts alone."""
        return Tally(self.place, self.type, self.numeric, self.slots, self.counts)

    def cut(self, low: int, high: int) -> Pile | None:
        """The slots `[low, high)` as one pile; None where they are empty."""
        a, b = bisect_left(self.slots, low), bisect_left(self.slots, high)
        if a == b:
            return None
        found = ((name, column.cut(low, high)) for name, column in self.values.items())
        return Pile(
            self.place, self.type, self.numeric, sum(self.counts[a:b]), self.newest[b - 1],
            total(self.seconds[a:b]), {name: values for name, values in found if values},
            [spot for spots in self.spots[a:b] for spot in spots],
        )  # fmt: skip


class _Wire(msgspec.Struct):
    """What a pile needs of an event's wire form."""

    streamIds: list[str]
    content: Any = None
    duration: float | None = 0.0


_wires = msgspec.json.Decoder(_Wire)


def pile_up(rows: Iterable[Row]) -> list[Pile]:
    """Sum events up; they come in order of time."""
    piles: dict[Key, Pile] = {}
    for moment, event_type, text in rows:
        wire = _wires.decode(text)
        key = (tuple(sorted(wire.streamIds)), event_type, types.is_numeric(event_type, wire.content))
        pile = piles.get(key)
        if pile is None:
            pile = piles[key] = Pile(*key, values={}, spots=[])
        pile.count += 1
        pile.newest = moment
        pile.seconds = total((pile.seconds, wire.duration or 0.0))
        for name, value in types.numbers_of(event_type, wire.content):
            known = pile.values.get(name)
            if known is None:
                pile.values[name] = [1, value, value, value, value]
            else:
                known[0] += 1
                known[1] = total((known[1], value))
                known[2] = min(known[2], value)
                known[3] = max(known[3], value)
                known[4] = value
        if event_type == types.POSITION:
            _add_spot(pile, moment, wire.content)
    return list(piles.values())


def _add_spot(pile: Pile, moment: float, content: Any) -> None:
    """Keep a position; of those closer in time than the day leaves room for, the first stands for all."""
    if not types.is_position(content):
        return
    last = pile.spots[-1] if pile.spots else None
    if last and (len(pile.spots) >= MAX_SPOTS or moment - last[0] < DAY / MAX_SPOTS / 2):
        pile.spots[-1] = (*last[:3], last[3] + 1)
    else:
        pile.spots.append((moment, float(content["latitude"]), float(content["longitude"]), 1))


def merged(piles: Iterable[Pile]) -> list[Pile]:
    """Piles of the same kind put together; they come in order of time."""
    found: dict[Key, Pile] = {}
    for pile in piles:
        key = (pile.place, pile.type, pile.numeric)
        known = found.get(key)
        if known is None:
            found[key] = msgspec.structs.replace(
                pile, values={n: list(v) for n, v in pile.values.items()}, spots=list(pile.spots)
            )
        else:
            known.add(pile)
    return list(found.values())


def fewer(spots: list[Spot], most: int) -> list[Spot]:
    """At most so many positions: each group of neighbours in time is told by that which lies farthest from
    the one before, so that a trip isn't lost; it stands for all of its group."""
    if len(spots) <= most:
        return spots
    found: list[Spot] = []
    for i in range(most):
        group = spots[len(spots) * i // most : len(spots) * (i + 1) // most]
        before = found[-1] if found else group[0]
        far = max(group, key=lambda s: abs(s[1] - before[1]) + abs(s[2] - before[2]))
        found.append((*far[:3], sum(spot[3] for spot in group)))
    return found


def sheets(slots: Mapping[int, list[Pile]]) -> list[Sheet]:
    """The sheets of piles by slot; a slot has one pile of a kind at most."""
    found: dict[Key, Sheet] = {}
    for slot in sorted(slots):
        for pile in slots[slot]:
            key = (pile.place, pile.type, pile.numeric)
            sheet = found.get(key)
            if sheet is None:
                sheet = found[key] = Sheet(*key, [], [], [], [], {}, [])
            sheet.slots.append(slot)
            sheet.counts.append(pile.count)
            sheet.newest.append(pile.newest)
            sheet.seconds.append(pile.seconds)
            sheet.spots.append(pile.spots)
            for name, values in pile.values.items():
                column = sheet.values.setdefault(name, Column([], [], [], [], [], []))
                column.add(slot, values)
    for sheet in found.values():
        if not any(sheet.seconds):
            sheet.seconds = []
        if not any(sheet.spots):
            sheet.spots = []
    return list(found.values())


def unfolded(given: Iterable[Sheet]) -> dict[int, list[Pile]]:
    """The piles of sheets by slot: what `sheets` made them of."""
    found: dict[int, list[Pile]] = {}
    for sheet in given:
        for slot in sheet.slots:
            pile = sheet.cut(slot, slot + 1)
            if pile is not None:
                found.setdefault(slot, []).append(pile)
    return found
