"""What happened each day, summed up once: counts, sums and extremes by the streams and the type of events.

A year of a large account is then read as 365 rows instead of all its events. A digest is made when a day
is first looked at, and thrown away when an event of that day changes: triggers of the database note the
day in `events_touched`, so no way of writing can forget it. Rights and the stream tree are no part of a
digest: it keeps the streams of the events, and the reader tells which he may see.

The only place that writes the SQL of digests.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection, transaction

from events import types
from events.dashboard.periods import DAY, HOUR, day_bounds

REACH = 26 * HOUR  # a noted day is one of UTC: the local day begins so long before at most
AT_ONCE = 16  # days whose events are held in memory
MAX_SPOTS = 24  # positions kept of a pile
_SPACE = 8  # as in streams.locks: keys of an account's locks
_PURPOSE = 3  # making digests

Place = tuple[str, ...]  # the streams of an event, sorted


class Pile(msgspec.Struct, array_like=True):
    """Events of one type that sit in the same streams, summed up."""

    place: Place
    type: str
    numeric: bool  # whether the contents are numbers, or objects of numbers where the type doesn't tell
    count: int = 0
    newest: float = 0.0  # time of the last one that began
    seconds: float = 0.0  # of all durations
    values: dict[str, list[float]] = {}  # field ("" for a number): count, sum, lowest, highest, last
    spots: list[tuple[float, float, float, int]] = []  # time, latitude, longitude, positions it stands for

    def add(self, other: "Pile") -> None:
        """Take another pile of the same events' kind in; it begins later."""
        self.count += other.count
        self.newest = max(self.newest, other.newest)
        self.seconds += other.seconds
        self.spots = [*self.spots, *other.spots]
        for name, (count, total, low, high, last) in other.values.items():
            mine = self.values.get(name)
            if mine is None:
                self.values[name] = [count, total, low, high, last]
            else:
                self.values[name] = [mine[0] + count, mine[1] + total, min(mine[2], low), max(mine[3], high),
                                     last]  # fmt: skip


class Brief(msgspec.Struct, array_like=True):
    """A pile's count alone, for those who only count."""

    place: Place
    type: str
    numeric: bool
    count: int


class _Wire(msgspec.Struct):
    """What a digest needs of an event's wire form."""

    streamIds: list[str]
    content: Any = None
    duration: float | None = 0.0


_wires = msgspec.json.Decoder(_Wire)
_piles = msgspec.json.Decoder(list[Pile])
_briefs = msgspec.json.Decoder(list[Brief])
_hours = msgspec.json.Decoder(list[tuple[int, list[Pile]]])

Row = tuple[float, str, str]  # time, type, wire


def pile_up(rows: Iterable[Row]) -> list[Pile]:
    """Sum events up; they come in order of time."""
    piles: dict[tuple[Place, str, bool], Pile] = {}
    for moment, event_type, text in rows:
        wire = _wires.decode(text)
        key = (tuple(sorted(wire.streamIds)), event_type, types.is_numeric(event_type, wire.content))
        pile = piles.get(key)
        if pile is None:
            pile = piles[key] = Pile(*key, values={}, spots=[])
        pile.count += 1
        pile.newest = moment
        pile.seconds += wire.duration or 0.0
        for name, value in types.numbers_of(event_type, wire.content):
            known = pile.values.get(name)
            if known is None:
                pile.values[name] = [1, value, value, value, value]
            else:
                known[0] += 1
                known[1] += value
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


_EVENTS = (
    "SELECT time, type, wire FROM events_event"
    " WHERE account_id = %s AND time >= %s AND time < %s AND NOT trashed AND end_time IS NOT NULL"
    " ORDER BY time, id"
)
_LAST = (
    "SELECT time, type, wire FROM events_event WHERE account_id = %s AND time < %s AND end_time > time"
    " AND end_time >= %s AND NOT trashed"
)
_RUN = (
    "SELECT time, type, wire FROM events_event WHERE account_id = %s AND time < %s AND end_time IS NULL"
    " AND NOT trashed"
)


def _fetch(sql: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def lasting_into(account_id: int, moment: float) -> list[Row]:
    """Ended events that began before a moment and last until it at least."""
    return _fetch(_LAST, [account_id, moment, moment])


def running_before(account_id: int, moment: float) -> list[Row]:
    """Running events that began before a moment."""
    return _fetch(_RUN, [account_id, moment])


def crossing(account_id: int, start: float, end: float) -> list[tuple[float, str, str, float]]:
    """Ended events that began in a range and last beyond it: time, type, wire, end."""
    sql = _EVENTS.replace("wire FROM", "wire, end_time FROM").replace(
        "end_time IS NOT NULL", "end_time > time AND end_time > %s"
    )
    return _fetch(sql, [account_id, start, end, end])


def counts(account_id: int, edges: Sequence[float], zone: ZoneInfo) -> list[list[Brief]]:
    """What began in each bucket `[edges[i], edges[i+1])`, ended events only; counts alone."""
    take = lambda piles: [Brief(p.place, p.type, p.numeric, p.count) for p in piles]  # noqa: E731
    return _buckets(account_id, edges, zone, "briefs", _briefs.decode, take)


def piles(account_id: int, edges: Sequence[float], zone: ZoneInfo) -> list[list[Pile]]:
    """What began in each bucket `[edges[i], edges[i+1])`, ended events only; a bucket may hold several
    piles of the same kind, in order of time."""
    return _buckets(account_id, edges, zone, "piles", _piles.decode, lambda piles: piles)


def _buckets(
    account_id: int,
    edges: Sequence[float],
    zone: ZoneInfo,
    column: str,
    decode: Callable[[str], list[Any]],
    take: Callable[[list[Pile]], list[Any]],
) -> list[list[Any]]:
    """Whole days from their digests, whole hours of days that are cut from theirs, the rest event by
    event."""
    found: list[list[Any]] = [[] for _ in range(len(edges) - 1)]
    days = day_bounds(edges[0], edges[-1], zone)
    cut = _cut_days(edges, days)
    texts = _read(account_id, days, zone, column)
    hours = _read(account_id, days, zone, "hours", only=cut) if cut else {}
    bucket = 0
    for first, past in pairwise(days):
        while bucket < len(found) - 1 and edges[bucket + 1] <= first:
            bucket += 1
        if first not in cut:
            text = texts.get(first)
            if text:
                found[bucket] += decode(text)
        elif hours.get(first):
            _spread(account_id, edges, bucket, (first, past), hours[first], found, take)
    return found


def _cut_days(edges: Sequence[float], days: Sequence[float]) -> list[float]:
    """The days that aren't within one bucket."""
    inner = set(days)
    loose = [edge for edge in edges if edge not in inner]
    cut = {first for edge in loose for first, past in pairwise(days) if first < edge < past}
    return sorted(cut)


def _spread(
    account_id: int,
    edges: Sequence[float],
    bucket: int,
    day: tuple[float, float],
    text: str,
    found: list[list[Any]],
    take: Callable[[list[Pile]], list[Any]],
) -> None:
    """Lay the hours of a day into buckets."""
    for number, piles in _hours.decode(text):
        first, past = day[0] + HOUR * number, min(day[0] + HOUR * (number + 1), day[1])
        while bucket < len(found) - 1 and edges[bucket + 1] <= first:
            bucket += 1
        if edges[bucket] <= first and past <= edges[bucket + 1]:
            found[bucket] += take(piles)
            continue
        for index in range(bucket, len(found)):
            left, right = max(first, edges[index]), min(past, edges[index + 1])
            if left >= past:
                break
            if left < right:
                found[index] += take(pile_up(_fetch(_EVENTS, [account_id, left, right])))


def _read(
    account_id: int, days: Sequence[float], zone: ZoneInfo, column: str, only: Sequence[float] | None = None
) -> dict[float, str]:
    first, past = (days[0], days[-1]) if only is None else (only[0], only[-1] + 1)
    sql = (
        f"SELECT first, {column} FROM events_daydigest WHERE account_id = %s AND zone = %s"  # noqa: S608 (ours)
        " AND first >= %s AND first < %s"
    )
    return dict(_fetch(sql, [account_id, zone.key, first, past]))


def refresh(account_id: int, start: float, end: float, zone: ZoneInfo) -> None:
    """Make the digests of a range's days that don't exist, after throwing away those of touched days.

    To be called before `counts` and `piles`, which read what is there.
    """
    days = day_bounds(start, end, zone)
    touched = _fetch("SELECT 1 FROM events_touched WHERE account_id = %s LIMIT 1", [account_id])
    if not touched and not _missing(account_id, days, zone):
        return
    with transaction.atomic():
        _take_turns(account_id)
        _throw_away(account_id)
        missing = _missing(account_id, days, zone)
        for start in range(0, len(missing), AT_ONCE):
            _make(account_id, missing[start : start + AT_ONCE], zone)


def _missing(account_id: int, days: Sequence[float], zone: ZoneInfo) -> list[tuple[float, float]]:
    known = _known(account_id, days, zone)
    span = _span(account_id)
    if span is None:
        return []
    low, high = span
    return [(a, b) for a, b in pairwise(days) if a not in known and b > low and a <= high]


def _known(account_id: int, days: Sequence[float], zone: ZoneInfo) -> set[float]:
    sql = (
        "SELECT first FROM events_daydigest WHERE account_id = %s AND zone = %s"
        " AND first >= %s AND first < %s"
    )
    return {row[0] for row in _fetch(sql, [account_id, zone.key, days[0], days[-1]])}


def _span(account_id: int) -> tuple[float, float] | None:
    """The times of the first and the last event: days outside need no digest."""
    row = _fetch(
        "SELECT (SELECT time FROM events_event WHERE account_id = %s ORDER BY time, id LIMIT 1),"
        " (SELECT time FROM events_event WHERE account_id = %s ORDER BY time DESC, id DESC LIMIT 1)",
        [account_id, account_id],
    )[0]
    return None if row[0] is None else (row[0], row[1])


def _take_turns(account_id: int) -> None:
    """One process at a time: a digest made before a change must not replace one made after it."""
    if connection.vendor == "postgresql":
        _fetch("SELECT pg_advisory_xact_lock(%s)", [account_id * _SPACE + _PURPOSE])


def _throw_away(account_id: int) -> None:
    """Drop the digests of touched days. What isn't committed yet is noted still, for the next reader."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM events_touched WHERE account_id = %s RETURNING day", [account_id])
        days = sorted({row[0] for row in cursor.fetchall()})
    for run in _runs(days):
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM events_daydigest WHERE account_id = %s AND first > %s AND first < %s",
                [account_id, run[0] * DAY - REACH, (run[1] + 1) * DAY],
            )


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


def _runs(days: Sequence[int]) -> list[tuple[int, int]]:
    """Days that follow each other, as first and last."""
    runs: list[tuple[int, int]] = []
    for day in days:
        if runs and day - runs[-1][1] <= 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _make(account_id: int, days: Sequence[tuple[float, float]], zone: ZoneInfo) -> None:
    """Digests of days; those without events get an empty one."""
    events = _fetch(_EVENTS, [account_id, days[0][0], days[-1][1]])
    starts = [event[0] for event in events]
    rows = []
    for first, past in days:
        hours = _by_hour(events[bisect_left(starts, first) : bisect_left(starts, past)], first)
        total = merged(pile for _, part in hours for pile in part)
        briefs = [Brief(pile.place, pile.type, pile.numeric, pile.count) for pile in total]
        rows.append((account_id, zone.key, first, _text(briefs), _text(total), _text(hours)))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO events_daydigest (account_id, zone, first, briefs, piles, hours)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            rows,
        )


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode() if value else ""


def _by_hour(events: Sequence[Row], first: float) -> list[tuple[int, list[Pile]]]:
    hours: dict[int, list[Row]] = {}
    for row in events:
        hours.setdefault(int((row[0] - first) // HOUR), []).append(row)
    return [(hour, pile_up(rows)) for hour, rows in sorted(hours.items())]


def merged(piles: Iterable[Pile]) -> list[Pile]:
    """Piles of the same kind put together; they come in order of time."""
    found: dict[tuple[Place, str, bool], Pile] = {}
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
