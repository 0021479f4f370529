"""The tables of digests and the events that they are made of; the only place that writes their SQL.

One process at a time makes the digests of an account: one made before a change must not replace one made
after it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection, transaction

from events.dashboard.periods import DAY, EARLIEST, HOUR, LATEST, month_days
from events.piles import DAY_SPOTS, Pile, Row, Sheet, fewer, merged, pile_up, sheets, unfolded

REACH = 26 * HOUR  # a noted day is one of UTC: the local day begins so long before at most
_SPACE = 8  # as in streams.locks: keys of an account's locks
_PURPOSE = 3  # making digests

_decoder = msgspec.json.Decoder(list[Sheet])

_EVENTS = (
    "SELECT time, type, wire FROM events_event"
    " WHERE account_id = %s AND time >= %s AND time < %s AND NOT trashed AND end_time IS NOT NULL"
    " ORDER BY time, id"
)
# What lasts up to a day ends within a day of the moment, by one index; what lasts longer has another.
LASTING = (
    "SELECT time, type, wire, end_time FROM events_event WHERE account_id = %s AND time < %s"
    " AND end_time > time AND end_time >= %s AND end_time < %s AND NOT trashed"
    " UNION ALL SELECT time, type, wire, end_time FROM events_event WHERE account_id = %s AND time < %s"
    " AND end_time >= (time + 86400.0) AND end_time >= %s AND NOT trashed"
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
_FIRST = (
    "SELECT time FROM events_event WHERE account_id = %s AND time >= %s AND time < %s"
    " ORDER BY time, id LIMIT 1"
)
_SPAN = (
    "SELECT (SELECT time FROM events_event WHERE account_id = %s AND time >= %s AND time < %s"
    " ORDER BY time, id LIMIT 1),"
    " (SELECT time FROM events_event WHERE account_id = %s AND time >= %s AND time < %s"
    " ORDER BY time DESC, id DESC LIMIT 1)"
)


def fetch(sql: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _run(sql: str, params: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def lasting_into(account_id: int, moment: float) -> list[tuple[float, str, str, float]]:
    """Ended events that began before a moment and last until it at least: time, type, wire, end."""
    day = moment + DAY
    return fetch(LASTING, [account_id, moment, moment, day, account_id, moment, day])


def running_before(account_id: int, moment: float) -> list[Row]:
    """Running events that began before a moment."""
    return fetch(_RUN, [account_id, moment])


def began(account_id: int, start: float, end: float) -> list[Row]:
    """Ended events that began in a range, in order of time."""
    return fetch(_EVENTS, [account_id, start, end])


def span(account_id: int) -> tuple[float, float] | None:
    """The times of the first and the last event that can be shown."""
    low, high = fetch(_SPAN, [account_id, EARLIEST, LATEST] * 2)[0]
    return None if low is None else (low, high)


def first_time(account_id: int, start: float, end: float) -> float | None:
    """The time of the first event in a range."""
    rows = fetch(_FIRST, [account_id, start, end])
    return rows[0][0] if rows else None


def is_touched(account_id: int) -> bool:
    """Whether events changed since digests were made."""
    return bool(fetch("SELECT 1 FROM events_touched WHERE account_id = %s LIMIT 1", [account_id]))


def months(account_id: int, zone: ZoneInfo, start: float, end: float) -> list[tuple[float, int, str]]:
    """The months that begin in a range: beginning, days that are in it as bits, counts as JSON."""
    return fetch(_MONTHS, [account_id, zone.key, start, end])


def parts(
    account_id: int, zone: ZoneInfo, start: float, end: float, of: frozenset[str] | None
) -> dict[float, list[Sheet]]:
    """The sheets of months that begin in a range, of some types of events or all."""
    sql, params = _PARTS, [account_id, zone.key, start, end]
    if of is not None:
        sql += f" AND type IN ({','.join(['%s'] * len(of))})"
        params += sorted(of)
    found: dict[float, list[Sheet]] = {}
    for first, text in fetch(sql, params) if of is None or of else ():
        found.setdefault(first, []).extend(_decoder.decode(text))
    return found


def hours(account_id: int, zone: ZoneInfo, days: Sequence[float]) -> dict[float, list[Sheet]]:
    """The sheets of days, by hours."""
    sql = _HOURS.format(marks=",".join(["%s"] * len(days)))
    rows = fetch(sql, [account_id, zone.key, *days])
    return {first: _decoder.decode(text) for first, text in rows if text}


def make(account_id: int, zone: ZoneInfo, first: float, numbers: Sequence[int]) -> int:
    """Make days of the month that begins at a moment, as far as nobody else did; how many events they
    have."""
    with transaction.atomic():
        _throw_away(account_id)
        known = months(account_id, zone, first, first + 1)
        done = known[0][1] if known else 0
        left = [number for number in numbers if not done >> number & 1]
        if not left:
            return 0
        days = month_days(first, zone)
        events = began(account_id, days[left[0]], days[left[-1] + 1])
        fresh = _write_days((account_id, zone.key), days, left, events)
        _write_month((account_id, zone.key, first), done, fresh)
        return len(events)


def _write_days(
    of: tuple[int, str], days: Sequence[float], numbers: Sequence[int], events: Sequence[Row]
) -> dict[int, list[Pile]]:
    """Write the digests of days that hold something; their piles by day."""
    starts = [event[0] for event in events]
    found: dict[int, list[Pile]] = {}
    rows = []
    for number in numbers:
        begin, past = days[number], days[number + 1]
        by_hour = _by_hour(events[bisect_left(starts, begin) : bisect_left(starts, past)], begin)
        if by_hour:
            rows.append((*of, begin, _text(sheets(by_hour))))
        found[number] = merged(pile for hour in sorted(by_hour) for pile in by_hour[hour])
        for pile in found[number]:
            pile.spots = fewer(pile.spots, DAY_SPOTS)
    _each("INSERT INTO events_daydigest (account_id, zone, first, hours) VALUES (%s, %s, %s, %s)", rows)
    return found


def _write_month(of: tuple[int, str, float], done: int, fresh: dict[int, list[Pile]]) -> None:
    """Put days into a month, beside those that it has already."""
    rows = (
        fetch("SELECT sheets FROM events_monthpart WHERE account_id = %s AND zone = %s AND first = %s", of)
        if done
        else []
    )
    old = unfolded(sheet for (text,) in rows for sheet in _decoder.decode(text))
    kept = {slot: piles for slot, piles in old.items() if done >> slot & 1}
    whole = sheets(kept | fresh)
    for number in fresh:
        done |= 1 << number
    by_type: dict[str, list[Sheet]] = {}
    for sheet in whole:
        by_type.setdefault(sheet.type, []).append(sheet)
    _each("DELETE FROM events_monthpart WHERE account_id = %s AND zone = %s AND first = %s", [of])
    _each("DELETE FROM events_monthdigest WHERE account_id = %s AND zone = %s AND first = %s", [of])
    _each(
        "INSERT INTO events_monthdigest (account_id, zone, first, done, tallies) VALUES (%s, %s, %s, %s, %s)",
        [(*of, done, _text([sheet.tally for sheet in whole]))],
    )
    _each(
        "INSERT INTO events_monthpart (account_id, zone, first, type, sheets) VALUES (%s, %s, %s, %s, %s)",
        [(*of, event_type, _text(found)) for event_type, found in by_type.items()],
    )


def throw_away(account_id: int) -> None:
    """Drop the digests of touched days, in all zones. What isn't committed yet is noted still, for the
    next reader."""
    with transaction.atomic():
        _throw_away(account_id)


def _throw_away(account_id: int) -> None:
    if connection.vendor == "postgresql":
        fetch("SELECT pg_advisory_xact_lock(%s)", [account_id * _SPACE + _PURPOSE])
    touched = fetch("DELETE FROM events_touched WHERE account_id = %s RETURNING day", [account_id])
    for first, last in _stretches(sorted({day for (day,) in touched})):
        _drop(account_id, first * DAY - REACH, (last + 1) * DAY)


def _drop(account_id: int, after: float, before: float) -> None:
    """Drop the days that begin in a range, and take them out of their months."""
    _run(
        "DELETE FROM events_daydigest WHERE account_id = %s AND first > %s AND first < %s",
        [account_id, after, before],
    )
    months = fetch(
        "SELECT zone, first, done FROM events_monthdigest"
        " WHERE account_id = %s AND first > %s AND first < %s",
        [account_id, after - 32 * DAY, before],
    )
    left = []
    for name, first, done in months:
        days = month_days(first, ZoneInfo(name))
        gone = sum(1 << number for number, day in enumerate(days) if after < day < before)
        if done & gone:
            left.append((done & ~gone, account_id, name, first))
    _each("UPDATE events_monthdigest SET done = %s WHERE account_id = %s AND zone = %s AND first = %s", left)


def _each(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement for each row."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(sql, rows)


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
