"""What happened each day and month, summed up once: counts, sums and extremes by streams and types.

A digest of a day holds its piles by hours, one of a month its piles by days: a year of a large account is
read as twelve rows instead of all its events, and costs as much as one of a small account. They are made
when a day is first looked at, and thrown away when an event of that day changes: triggers of the database
note the day in `events_touched`, so no way of writing can forget it.

The only place that writes the SQL of digests.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection, transaction

from events.dashboard.periods import DAY, HOUR, month_bounds, month_days
from events.piles import (
    DAY_SPOTS,
    Brief,
    Pile,
    Place,
    Row,
    Sheet,
    Tally,
    fewer,
    merged,
    pile_up,
    sheets,
    unfolded,
)
from events.slots import Whole, overlapped, split, split_one, within

REACH = 26 * HOUR  # a noted day is one of UTC: the local day begins so long before at most
AT_ONCE = 16  # days whose events are held in memory
TRIES = 3  # rounds in which what others touched meanwhile is made again
_SPACE = 8  # as in streams.locks: keys of an account's locks
_PURPOSE = 3  # making digests

Sees = Callable[[Place], bool]
Types = frozenset[str] | None  # of events; None for all
Piece = tuple[int, float, float]  # a bucket, and a stretch of time that belongs to it

_sheets = msgspec.json.Decoder(list[Sheet])
_tallies = msgspec.json.Decoder(list[Tally])

_EVENTS = (
    "SELECT time, type, wire FROM events_event"
    " WHERE account_id = %s AND time >= %s AND time < %s AND NOT trashed AND end_time IS NOT NULL"
    " ORDER BY time, id"
)
_LAST = (
    "SELECT time, type, wire FROM events_event WHERE account_id = %s AND time < %s AND end_time > time"
    " AND end_time >= %s AND NOT trashed"
)
_CROSS = (
    "SELECT time, type, wire, end_time FROM events_event WHERE account_id = %s AND time >= %s AND time < %s"
    " AND end_time > time AND end_time > %s AND NOT trashed"
)
_RUN = (
    "SELECT time, type, wire FROM events_event WHERE account_id = %s AND time < %s AND end_time IS NULL"
    " AND NOT trashed"
)
_MONTHS = (
    "SELECT first, done, tallies FROM events_monthdigest"
    " WHERE account_id = %s AND zone = %s AND first >= %s AND first < %s ORDER BY first"
)
_PARTS = (
    "SELECT first, sheets FROM events_monthpart"
    " WHERE account_id = %s AND zone = %s AND first >= %s AND first < %s"
)
_HOURS = (
    "SELECT first, hours FROM events_daydigest WHERE account_id = %s AND zone = %s AND first IN ({marks})"
)
_SPAN = (
    "SELECT (SELECT time FROM events_event WHERE account_id = %s ORDER BY time, id LIMIT 1),"
    " (SELECT time FROM events_event WHERE account_id = %s ORDER BY time DESC, id DESC LIMIT 1)"
)


def _fetch(sql: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _run(sql: str, params: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def lasting_into(account_id: int, moment: float) -> list[Row]:
    """Ended events that began before a moment and last until it at least."""
    return _fetch(_LAST, [account_id, moment, moment])


def running_before(account_id: int, moment: float) -> list[Row]:
    """Running events that began before a moment."""
    return _fetch(_RUN, [account_id, moment])


def crossing(account_id: int, start: float, end: float) -> list[tuple[float, str, str, float]]:
    """Ended events that began in a range and last beyond it: time, type, wire, end."""
    return _fetch(_CROSS, [account_id, start, end, end])


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

    `most` limits how many events are summed up before the rest is left for later; 0 for no limit.
    """

    def __init__(self, account_id: int, zone: ZoneInfo, most: int = 0) -> None:
        self.account_id, self.zone, self.most = account_id, zone, most
        self.summed = 0  # events so far
        self.complete = True  # whether nothing was left for later
        self._fresh: list[tuple[float, float]] = []
        self._months: dict[float, Month] = {}
        self._parts: dict[tuple[Types, float, float], dict[float, list[Sheet]]] = {}
        self._hours: dict[float, list[Sheet]] = {}
        self._cuts: dict[tuple[float, float], list[Pile]] = {}

    @property
    def key(self) -> list[Any]:
        """What all rows of the book begin with."""
        return [self.account_id, self.zone.key]

    # --- bringing it up to date

    def refresh(self, start: float, end: float) -> None:
        """Make the digests of a range's days that don't exist, the latest first, after throwing away those
        of touched days; to be called before anything of the range is read."""
        if any(first <= start and end <= past for first, past in self._fresh):
            return
        if _fetch("SELECT 1 FROM events_touched WHERE account_id = %s LIMIT 1", [self.account_id]):
            with transaction.atomic():
                self._throw_away()
        for _ in range(TRIES):
            months = self._load(start, end)
            wanted = self._wanted(months, start, end) if self.complete else {}
            if not wanted:
                break
            self._make_all(wanted)
        else:
            self._load(start, end)
        self._fresh.append((start, end))

    def _load(self, start: float, end: float) -> list[tuple[float, ...]]:
        """Read the months of a range; the bounds of the days of each."""
        marks = month_bounds(start, end, self.zone)
        rows = _fetch(_MONTHS, [*self.key, marks[0], marks[-1]])
        self._months |= {first: Month(done, text) for first, done, text in rows}
        return [month_days(first, self.zone) for first in marks[:-1]]

    def _wanted(self, months: Sequence[tuple[float, ...]], start: float, end: float) -> dict[float, int]:
        """The days without digest, as bits by month, the last month first; those outside of all events
        need none."""
        asked = {days[0]: overlapped(days, start, end) for days in months}
        if not any(bits & ~self._done(first) for first, bits in asked.items()):
            return {}
        low, high = _fetch(_SPAN, [self.account_id, self.account_id])[0]
        if low is None:
            return {}
        wanted = {}
        for days in reversed(months):
            inside = overlapped(days, max(low, start), min(high, end), closed=True)
            if more := asked[days[0]] & inside & ~self._done(days[0]):
                wanted[days[0]] = more
        return wanted

    def _done(self, first: float) -> int:
        month = self._months.get(first)
        return month.done if month else 0

    def _make_all(self, wanted: dict[float, int]) -> None:
        """Make days until there were enough events."""
        for first, more in wanted.items():
            numbers = [i for i in range(more.bit_length()) if more >> i & 1]
            for at in range(0, len(numbers), AT_ONCE):
                if self.most and self.summed >= self.most:
                    self.complete = False
                    return
                self._make_some(first, numbers[at : at + AT_ONCE])

    def _make_some(self, first: float, numbers: Sequence[int]) -> None:
        """Make days of a month, one process at a time: a digest made before a change must not replace one
        made after it."""
        with transaction.atomic():
            self._throw_away()
            known = _fetch(_MONTHS, [*self.key, first, first + 1])
            done = known[0][1] if known else 0
            numbers = [number for number in numbers if not done >> number & 1]
            if numbers:
                self._make(first, numbers, done)

    def _make(self, first: float, numbers: Sequence[int], done: int) -> None:
        days = month_days(first, self.zone)
        events = _fetch(_EVENTS, [self.account_id, days[numbers[0]], days[numbers[-1] + 1]])
        self.summed += len(events)
        starts = [event[0] for event in events]
        fresh: dict[int, list[Pile]] = {}
        rows = []
        for number in numbers:
            begin, past = days[number], days[number + 1]
            hours = _by_hour(events[bisect_left(starts, begin) : bisect_left(starts, past)], begin)
            rows.append((*self.key, begin, _text(sheets(hours))))
            fresh[number] = merged(pile for hour in sorted(hours) for pile in hours[hour])
            for pile in fresh[number]:
                pile.spots = fewer(pile.spots, DAY_SPOTS)
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO events_daydigest (account_id, zone, first, hours) VALUES (%s, %s, %s, %s)", rows
            )
        self._write_month(first, done, fresh)

    def _write_month(self, first: float, done: int, fresh: dict[int, list[Pile]]) -> None:
        """Put days into a month, beside those that it has already."""
        of = [*self.key, first]
        rows = _fetch(_PARTS, [*self.key, first, first + 1]) if done else []
        old = unfolded(sheet for _, text in rows for sheet in _sheets.decode(text))
        kept = {slot: piles for slot, piles in old.items() if done >> slot & 1}
        whole = sheets(kept | fresh)
        for number in fresh:
            done |= 1 << number
        by_type: dict[str, list[Sheet]] = {}
        for sheet in whole:
            by_type.setdefault(sheet.type, []).append(sheet)
        for table in ("events_monthpart", "events_monthdigest"):
            _run(f"DELETE FROM {table} WHERE account_id = %s AND zone = %s AND first = %s", of)  # noqa: S608
        _run(
            "INSERT INTO events_monthdigest (account_id, zone, first, done, tallies)"
            " VALUES (%s, %s, %s, %s, %s)",
            [*of, done, _text([sheet.tally for sheet in whole])],
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO events_monthpart (account_id, zone, first, type, sheets)"
                " VALUES (%s, %s, %s, %s, %s)",
                [(*of, event_type, _text(found)) for event_type, found in by_type.items()],
            )

    def _throw_away(self) -> None:
        """Drop the digests of touched days, in all zones, while nobody makes any. What isn't committed yet is
        noted still, for the next reader."""
        if connection.vendor == "postgresql":
            _fetch("SELECT pg_advisory_xact_lock(%s)", [self.account_id * _SPACE + _PURPOSE])
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM events_touched WHERE account_id = %s RETURNING day", [self.account_id]
            )
            days = sorted({row[0] for row in cursor.fetchall()})
        for first, last in _stretches(days):
            self._drop(first * DAY - REACH, (last + 1) * DAY)

    def _drop(self, after: float, before: float) -> None:
        """Drop the days that begin in a range, and take them out of their months."""
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM events_daydigest WHERE account_id = %s AND first > %s AND first < %s"
                " RETURNING zone, first",
                [self.account_id, after, before],
            )
            gone = cursor.fetchall()
        months: dict[tuple[str, float], int] = {}
        for name, day in gone:
            first = month_bounds(day, day + 1, ZoneInfo(name))[0]
            number = month_days(first, ZoneInfo(name)).index(day)
            months[name, first] = months.get((name, first), 0) | 1 << number
        for (name, first), bits in months.items():
            _run(
                "UPDATE events_monthdigest SET done = done & %s"
                " WHERE account_id = %s AND zone = %s AND first = %s",
                [~bits, self.account_id, name, first],
            )

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
            sql, params = _PARTS, [*self.key, marks[0], marks[-1]]
            if of is not None:
                sql += f" AND type IN ({','.join(['%s'] * len(of))})"
                params += sorted(of)
            found: dict[float, list[Sheet]] = {}
            for first, text in _fetch(sql, params) if of is None or of else ():
                found.setdefault(first, []).extend(_sheets.decode(text))
            self._parts[key] = found
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
            self._cuts[start, end] = pile_up(_fetch(_EVENTS, [self.account_id, start, end]))
        return self._cuts[start, end]

    def _hour_marks(self, first: float) -> list[float]:
        """The bounds of a day's hours; the last may be shorter where clocks change by less."""
        days = month_days(month_bounds(first, first + 1, self.zone)[0], self.zone)
        past = days[bisect_left(days, first) + 1]
        return [*(first + HOUR * i for i in range(math.ceil((past - first) / HOUR))), past]

    def _read_hours(self, wanted: Iterable[float]) -> None:
        new = sorted(first for first in wanted if first not in self._hours)
        if new:
            rows = _fetch(_HOURS.format(marks=",".join(["%s"] * len(new))), [*self.key, *new])
            self._hours |= {first: [] for first in new}
            self._hours |= {first: _sheets.decode(text) for first, text in rows if text}


def drop_repeated() -> int:
    """Drop all notes of a touched day but one, where nobody looks at the dashboard; their number.

    One that is committed stays, so that readers hear of the day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM events_touched WHERE id < (SELECT MAX(id) FROM events_touched later"
            " WHERE later.account_id = events_touched.account_id AND later.day = events_touched.day)"
        )
        return int(cursor.rowcount)


def _stretches(days: Sequence[int]) -> list[tuple[int, int]]:
    """Days that follow each other, as first and last."""
    found: list[tuple[int, int]] = []
    for day in days:
        if found and day - found[-1][1] <= 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _by_hour(events: Sequence[Row], first: float) -> dict[int, list[Pile]]:
    hours: dict[int, list[Row]] = {}
    for row in events:
        hours.setdefault(int((row[0] - first) // HOUR), []).append(row)
    return {hour: pile_up(rows) for hour, rows in hours.items()}


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode() if value else ""
