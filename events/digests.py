"""What happened each day and month, summed up once: counts, sums and extremes by streams and types.

A digest of a day holds its piles by hours, one of a month its piles by days: a year of a large account is
read as twelve rows instead of all its events, and costs as much as one of a small account. They are made
when a day is first looked at, and thrown away when an event of that day changes: triggers of the database
note the day in `events_touched`, so no way of writing can forget it.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from zoneinfo import ZoneInfo

import msgspec

from events import digest_store as store
from events.dashboard.periods import DAY, HOUR, month_bounds, month_days
from events.piles import Brief, Pile, Place, Sheet, Tally, pile_up
from events.slots import Whole, overlapped, split, split_one, within

AT_ONCE = 16  # days whose events are held in memory
FEW = 24  # months that are made without asking whether they hold anything
TRIES = 3  # rounds in which what others touched meanwhile is made again

Sees = Callable[[Place], bool]
Types = frozenset[str] | None  # of events; None for all
Piece = tuple[int, float, float]  # a bucket, and a stretch of time that belongs to it

_tallies = msgspec.json.Decoder(list[Tally])


@dataclass
class Month:
    """The digest of a month as it is stored."""

    done: int  # bit i: the month's day i is in it
    text: str
    _tallies: list[Tally] | None = None

    @property
    def tallies(self) -> list[Tally]:
        """Counts by days, read when they are first asked for."""
        if self._tallies is None:
            self._tallies = _tallies.decode(self.text) if self.text else []
        return self._tallies


class Book:
    """The digests of an account, by the days of a time zone; each is read once.

    `most` limits how many events are summed up before the rest is left for later, None doesn't; with 0,
    days are made if they are few, else all of them are left.
    """

    def __init__(self, account_id: int, zone: ZoneInfo, most: int | None = None) -> None:
        self.account_id, self.zone, self.most = account_id, zone, most
        self.summed = 0  # events so far
        self.complete = True  # whether nothing was left for later
        self._fresh: list[tuple[float, float]] = []
        self._months: dict[float, Month] = {}
        self._parts: dict[tuple[Types, float, float], dict[float, list[Sheet]]] = {}
        self._hours: dict[float, list[Sheet]] = {}
        self._cuts: dict[tuple[float, float], list[Pile]] = {}

    # --- bringing it up to date

    def refresh(self, start: float, end: float) -> None:
        """Make the digests of a range's days that don't exist, the latest first, after throwing away those
        of touched days; to be called before anything of the range is read."""
        if any(first <= start and end <= past for first, past in self._fresh):
            return
        if store.is_touched(self.account_id):
            store.throw_away(self.account_id)
        for _ in range(TRIES):
            marks = self._load(start, end)
            wanted = self._wanted(marks, start, end) if self.complete else {}
            if not wanted:
                break
            self._make_all(wanted)
        else:
            self._load(start, end)
        self._fresh.append((start, end))

    def _load(self, start: float, end: float) -> list[float]:
        """Read the months of a range; their bounds."""
        marks = month_bounds(start, end, self.zone)
        rows = store.months(self.account_id, self.zone, marks[0], marks[-1])
        self._months |= {first: Month(done, text) for first, done, text in rows}
        return marks

    def _wanted(self, marks: Sequence[float], start: float, end: float) -> dict[float, int]:
        """The days without digest, as bits by month, the last month first; those outside of all events
        need none."""
        left = [m for m in pairwise(marks) if self._done(m[0]).bit_count() < round((m[1] - m[0]) / DAY)]
        if len(left) <= FEW and not any(self._lacks(first, start, end) for first, _ in left):
            return {}
        span = store.span(self.account_id)
        if span is None:
            return {}
        low, high = max(span[0], start), min(span[1], end)
        left = [(first, past) for first, past in left if past > low and first <= high]
        found = [first for first, _ in left] if len(left) <= FEW else self._occupied(left)
        wanted = {}
        for first in reversed(found):
            inside = overlapped(month_days(first, self.zone), low, high, closed=True)
            if more := self._lacks(first, start, end) & inside:
                wanted[first] = more
        return wanted

    def _lacks(self, first: float, start: float, end: float) -> int:
        """Which days of a month in a range have no digest."""
        return overlapped(month_days(first, self.zone), start, end) & ~self._done(first)

    def _occupied(self, months: Sequence[tuple[float, float]]) -> list[float]:
        """Those months that hold events: entries that lie far apart cost no more than others. One question
        for each gap, one for each month found."""
        found: list[float] = []
        position = 0
        while position < len(months):
            last = position
            while last + 1 < len(months) and months[last + 1][0] == months[last][1]:
                last += 1
            moment = store.first_time(self.account_id, months[position][0], months[last][1])
            if moment is None:
                position = last + 1
                continue
            position = bisect_right(months, moment, position, last + 1, key=itemgetter(0)) - 1
            found.append(months[position][0])
            position += 1
        return found

    def _done(self, first: float) -> int:
        month = self._months.get(first)
        return month.done if month else 0

    def _make_all(self, wanted: dict[float, int]) -> None:
        """Make days until there were enough events."""
        if self.most == 0 and sum(days.bit_count() for days in wanted.values()) > AT_ONCE:
            self.complete = False
            return
        for first, more in wanted.items():
            numbers = [i for i in range(more.bit_length()) if more >> i & 1]
            for at in range(0, len(numbers), AT_ONCE):
                if self.most and self.summed >= self.most:
                    self.complete = False
                    return
                self.summed += store.make(self.account_id, self.zone, first, numbers[at : at + AT_ONCE])

    def progress(self, start: float, end: float) -> float:
        """The share of a range's days that is summed up, 0 to 1."""
        marks = self._load(start, end)
        left = sum(days.bit_count() for days in self._wanted(marks, start, end).values())
        done = sum(self._done(first).bit_count() for first in marks[:-1])
        return done / (done + left) if left else 1.0

    # --- reading it

    def counts(self, edges: Sequence[float], sees: Sees, of: Types = None) -> list[list[Brief]]:
        """What began in each bucket `[edges[i], edges[i+1])` and is seen, ended events only; a bucket may
        hold several counts of the same kind."""
        found: list[list[Brief]] = [[] for _ in range(len(edges) - 1)]
        loose: dict[float, list[Piece]] = {}
        for days in self._months_of(edges):
            month = self._months.get(days[0])
            if month is None:
                continue
            whole, rest = self._split(edges, days)
            tallies = [t for t in month.tallies if (of is None or t.type in of) and sees(t.place)]
            for bucket, low, high in whole:
                found[bucket] += [brief for t in tallies if (brief := t.cut(low, high))]
            for first, piece in rest:
                loose.setdefault(first, []).append(piece)
        for bucket, piles in self._loose(loose, sees, of):
            found[bucket] += [Brief(p.place, p.type, p.numeric, p.count) for p in piles]
        return found

    def piles(self, edges: Sequence[float], sees: Sees, of: Types = None) -> list[list[Pile]]:
        """What began in each bucket `[edges[i], edges[i+1])` and is seen, ended events only; a bucket may
        hold several piles of the same kind."""
        found: list[list[Pile]] = [[] for _ in range(len(edges) - 1)]
        loose: dict[float, list[Piece]] = {}
        parts = self._sheets_of(edges, of)
        for days in self._months_of(edges):
            whole, rest = self._split(edges, days)
            for sheet in parts.get(days[0], ()):
                if sees(sheet.place):
                    for bucket, low, high in whole:
                        pile = sheet.cut(low, high)
                        if pile is not None:
                            found[bucket].append(pile)
            for first, piece in rest:
                loose.setdefault(first, []).append(piece)
        for bucket, piles in self._loose(loose, sees, of):
            found[bucket] += piles
        return found

    def _months_of(self, edges: Sequence[float]) -> Iterator[tuple[float, ...]]:
        """The bounds of the days of each month that has a digest."""
        marks = month_bounds(edges[0], edges[-1], self.zone)
        return (month_days(first, self.zone) for first in marks[:-1] if first in self._months)

    def _split(
        self, edges: Sequence[float], days: Sequence[float]
    ) -> tuple[list[Whole], list[tuple[float, Piece]]]:
        """Runs of a month's days that lie within a bucket, and pieces of days by their day; what is left
        for later is left out."""
        whole, rest = split(edges, days)
        done = self._months[days[0]].done
        pieces = [(days[slot], (bucket, a, b)) for bucket, a, b, slot in rest if done >> slot & 1]
        return list(within(whole, done)), pieces

    def _sheets_of(self, edges: Sequence[float], of: Types) -> dict[float, list[Sheet]]:
        """The sheets of a range's months."""
        marks = month_bounds(edges[0], edges[-1], self.zone)
        key = (of, marks[0], marks[-1])
        if key not in self._parts:
            self._parts[key] = store.parts(self.account_id, self.zone, marks[0], marks[-1], of)
        return self._parts[key]

    def _loose(
        self, pieces: dict[float, list[Piece]], sees: Sees, of: Types
    ) -> Iterator[tuple[int, list[Pile]]]:
        """Pieces of days: whole hours from the days' digests, the rest event by event."""
        self._read_hours(pieces)
        for first, mine in pieces.items():
            marks = self._hour_marks(first)
            kept = [s for s in self._hours[first] if (of is None or s.type in of) and sees(s.place)]
            for bucket, left, right in mine:
                whole, rest = split_one(bucket, left, right, marks)
                for _, low, high in whole:
                    yield bucket, [pile for sheet in kept if (pile := sheet.cut(low, high))]
                for _, a, b, _ in rest:
                    found = self._single(a, b)
                    yield bucket, [p for p in found if (of is None or p.type in of) and sees(p.place)]

    def _single(self, start: float, end: float) -> list[Pile]:
        """What began within a part of an hour."""
        if (start, end) not in self._cuts:
            self._cuts[start, end] = pile_up(store.began(self.account_id, start, end))
        return self._cuts[start, end]

    def _hour_marks(self, first: float) -> list[float]:
        """The bounds of a day's hours; the last may be shorter where clocks change by less."""
        days = month_days(month_bounds(first, first + 1, self.zone)[0], self.zone)
        past = days[bisect_left(days, first) + 1]
        return [*(first + HOUR * i for i in range(math.ceil((past - first) / HOUR))), past]

    def _read_hours(self, wanted: Iterable[float]) -> None:
        new = sorted(first for first in wanted if first not in self._hours)
        if new:
            self._hours |= {key: [] for key in new} | store.hours(self.account_id, self.zone, new)
