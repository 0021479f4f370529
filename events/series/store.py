"""Points of series in the database; the only place that writes their SQL.

Points are packed, up to a thousand in one row of the table: to store them singly costs twenty times as
much. The packed blocks of a series never overlap: each has its own stretch of time, in which a block
replaces what is written again. So a window is read, and a point replaced, at a cost that doesn't depend on
the length of the series.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from django.db import connection

from events.models import Event
from events.series.blocks import Block, Row, bits, merged, pieces, unpacked
from pryvsite.db import Statement, run

SMALL = 250  # rows; shorter blocks grow by what is written next to them
PAGE = 32  # blocks read at a time
AT_ONCE = 100  # blocks rewritten at a time
DELTA = "deltaTime"

Point = tuple[float, list[Any]]  # seconds since the event's time, values in the event's field order


class Key(NamedTuple):
    """A block without its rows, but for one that is read on the way."""

    first: float  # delta in seconds
    last: float  # delta in seconds
    rows: int
    columns: int
    data: str | None


_OF = " FROM events_serieschunk WHERE account_id = %s AND event_id = %s"
_FIRST_AT = f"(SELECT MAX(first){_OF} AND first <= %s)"
_KEYS = (
    f"SELECT first, last, count, columns, CASE WHEN count < {SMALL} AND first <= %s THEN data END{_OF}"
    f" AND first >= COALESCE({_FIRST_AT}, 0)"
    f" AND first <= COALESCE((SELECT MIN(first){_OF} AND first > %s), %s) ORDER BY first"
)
_INSERT = (
    "INSERT INTO events_serieschunk (account_id, event_id, first, last, count, columns, summary, runs, data)"
)
_LOCK = "SELECT id, wire FROM events_event WHERE account_id = %s AND id IN ({ids}) ORDER BY id"
_TOUCH = "UPDATE events_event SET end_time = %s, modified = %s, wire = %s WHERE account_id = %s AND id = %s"


def lock_events(account_id: int, event_ids: Sequence[str]) -> dict[str, str]:
    """The stored texts of events, which stay locked; always in one order, so that no two calls wait for
    each other."""
    if not event_ids:
        return {}
    sql = _LOCK.format(ids=",".join(["%s"] * len(event_ids)))
    if connection.features.has_select_for_update:
        sql += " FOR UPDATE"
    with connection.cursor() as cursor:
        cursor.execute(sql, [account_id, *event_ids])
        return dict(cursor.fetchall())


def touch(account_id: int, changed: Sequence[tuple[str, float | None, float, str]]) -> None:
    """Store events that got points: id, end (Unix seconds; None = running), modified, text."""
    run(*((_TOUCH, [end, at, wire, account_id, event]) for event, end, at, wire in changed))


def write(account_id: int, event_id: str, new: Block) -> None:
    """Store points of a locked event; one at the same delta is replaced."""
    groups = _grouped(_keys(account_id, event_id, new), new)
    for start in range(0, len(groups), AT_ONCE):
        _rewrite(account_id, event_id, groups[start : start + AT_ONCE])


def _replace(account_id: int, event_id: str, changes: Sequence[tuple[float | None, Block]]) -> None:
    """Blocks, in pieces, each in place of the one that begins at a moment (None: of none)."""
    of = (account_id, event_id)
    firsts = [first for first, _ in changes if first is not None]
    rows = [(*of, *_row(piece)) for _, block in changes for piece in pieces(block)]
    statements: list[Statement] = []
    if firsts:
        statements.append((f"DELETE{_OF} AND first IN ({_marks(firsts)})", [*of, *firsts]))
    if rows:
        values = ", ".join([f"({_marks(rows[0])})"] * len(rows))
        statements.append((f"{_INSERT} VALUES {values}", [value for row in rows for value in row]))
    run(*statements)


def _row(block: Block) -> tuple[Any, ...]:
    """A block as it is stored."""
    whole, runs = block.summaries()
    return (
        block.first,
        block.last,
        len(block.rows),
        block.columns,
        _json(whole),
        _json(runs),
        block.packed(),
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _marks(values: Sequence[object]) -> str:
    return ",".join(["%s"] * len(values))


def _keys(account_id: int, event_id: str, new: Block) -> list[Key]:
    """The blocks in whose stretch the points fall, and the one after; the first with its rows if it is short:
    what is appended most often becomes part of it."""
    of = (account_id, event_id)
    with connection.cursor() as cursor:
        cursor.execute(_KEYS, [new.first, *of, *of, new.first, *of, new.last, new.last])
        return [Key(*row) for row in cursor.fetchall()]


def _grouped(keys: Sequence[Key], new: Block) -> list[tuple[Key | None, Block]]:
    """The points, each with the block that it becomes part of; None for a block of their own."""
    deltas = [row[0] for row in new.rows]
    groups: dict[int, list[Row]] = {}
    done = 0  # rows that have their group
    for place, key in enumerate(keys):
        start = bisect_left(deltas, key.first, done)
        end = bisect_right(deltas, key.last, start)
        _extend(groups, _neighbour(keys, place - 1), new.rows[done:start])
        _extend(groups, place, new.rows[start:end])
        done = end
    _extend(groups, _neighbour(keys, len(keys) - 1), new.rows[done:])
    return [(keys[owner] if owner in range(len(keys)) else None, Block(new.columns, rows))
            for owner, rows in groups.items()]  # fmt: skip


def _extend(groups: dict[int, list[Row]], owner: int, rows: Sequence[Row]) -> None:
    if rows:
        groups.setdefault(owner, []).extend(rows)


def _neighbour(keys: Sequence[Key], before: int) -> int:
    """The block before or after a gap that is short enough to grow; else a number for the gap itself."""
    for near in (before, before + 1):
        if near in range(len(keys)) and keys[near].rows < SMALL:
            return near
    return -2 - before  # -1, -2 and so on: each gap has its own


def _rewrite(account_id: int, event_id: str, groups: Sequence[tuple[Key | None, Block]]) -> None:
    old = _read(account_id, event_id, [key for key, _ in groups if key is not None])
    _replace(
        account_id,
        event_id,
        [(None, new) if key is None else (key.first, merged(old[key.first], new)) for key, new in groups],
    )


def _read(account_id: int, event_id: str, keys: Sequence[Key]) -> dict[float, Block]:
    """Blocks by where they begin."""
    found = {key.first: unpacked(key.columns, key.data) for key in keys if key.data is not None}
    firsts = [key.first for key in keys if key.data is None]
    if firsts:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT first, columns, data{_OF} AND first IN ({_marks(firsts)})",
                [account_id, event_id, *firsts],
            )
            found |= {first: unpacked(columns, data) for first, columns, data in cursor.fetchall()}
    return found


def blocks(
    account_id: int, event_id: str, start: float | None = None, end: float | None = None
) -> Iterator[tuple[Block, str | None]]:
    """The points with `start <= delta < end`, in order, some blocks at a time, each with its packed text
    where all of it is meant.

    Each page begins after the last point of the page before, so that a block that is rewritten meanwhile
    brings no point twice.
    """
    of = (account_id, event_id)
    after: float | None = None
    while True:
        low = start if after is None else after
        where, params = _window(of, low, end)
        if after is not None:
            where, params = where + " AND last > %s", [*params, after]
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT first, last, columns, data{where} ORDER BY first LIMIT {PAGE}", params)
            page = cursor.fetchall()
        for first, last, columns, data in page:
            whole = (
                (start is None or first >= start)
                and (end is None or last < end)
                and (after is None or first > after)
            )
            if whole:
                yield Block(columns, ()), data
            elif (cut := unpacked(columns, data).within(start, end, after=after)).rows:
                yield cut, None
        if len(page) < PAGE:
            return
        after = page[-1][1]


def _window(of: tuple[int, str], start: float | None, end: float | None) -> tuple[str, list[Any]]:
    """Blocks that may have points of a window: from the one in whose stretch it begins."""
    where, params = _OF, list[Any](of)
    if start is not None:
        where, params = f"{where} AND first >= COALESCE({_FIRST_AT}, 0)", [*params, *of, start]
    if end is not None:
        where, params = where + " AND first < %s", [*params, end]
    return where, params


def summaries(
    account_id: int, event_id: str, start: float, end: float, size: float
) -> list[tuple[float, float, int, str, bool]]:
    """What the blocks of a window hold, without their points: first and last delta, columns, JSON of the
    summary, or, of blocks that are longer than a size in seconds, of their runs; whether it is runs."""
    where, params = _window((account_id, event_id), start, end)
    sql = f"SELECT first, last, columns, CASE WHEN last - first <= %s THEN summary ELSE runs END{where}"
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} AND last >= %s ORDER BY first", [size, *params, start])
        return [(*row, row[1] - row[0] > size) for row in cursor.fetchall()]


def columns_used(account_id: int, event_id: str, start: float | None, end: float | None) -> int:
    """The columns of the blocks of a window, as bits."""
    where, params = _window((account_id, event_id), start, end)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT columns{where}", params)
        found = 0
        for (columns,) in cursor.fetchall():
            found |= columns
        return found


def packed(
    account_id: int, event_id: str, columns: int, start: float | None, end: float | None
) -> Iterator[str]:
    """The points of a window with these columns, as JSON arrays joined by commas."""
    for block, text in blocks(account_id, event_id, start, end):
        if text is not None and block.columns == columns:
            yield text
        else:
            whole = block if text is None else unpacked(block.columns, text)
            yield whole.laid_out(columns).packed()


def points(account_id: int, event_id: str, start: float | None, end: float | None) -> Iterator[Point]:
    """Points with `start <= delta < end`, in order, read as they are asked for."""
    for block, text in blocks(account_id, event_id, start, end):
        whole = block if text is None else unpacked(block.columns, text)
        width = 1 << max((b + 1 for b in bits(whole.columns)), default=0)
        for row in whole.laid_out(width - 1).rows:
            yield float(row[0]), list(row[1:])


def count(account_id: int, event_id: str, start: float | None = None, end: float | None = None) -> int:
    """Number of points in a window."""
    where, params = _window((account_id, event_id), start, end)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT first, last, count{where} ORDER BY first", params)
        keys: list[tuple[float, float, int]] = list(cursor.fetchall())
    cut = [
        key for key in keys if (start is not None and key[0] < start) or (end is not None and key[1] >= end)
    ]
    inside = sum(key[2] for key in keys) - sum(key[2] for key in cut)
    for first, last, _ in cut:
        low = first if start is None else max(start, first)
        high = math.nextafter(last, math.inf) if end is None else min(end, math.nextafter(last, math.inf))
        inside += sum(1 for _ in points(account_id, event_id, low, high))
    return inside


def read(
    account_id: int,
    event_id: str,
    fields: Sequence[str],
    from_delta: float | None = None,
    to_delta: float | None = None,
    max_points: int | None = None,
) -> list[list[Any]]:
    """Points as rows of the named fields, for charts. The caller has checked the right to read.

    With `max_points` (at least 2) a denser series is thinned: of each run of points those with the
    lowest and highest value stay, so that no spike is lost.
    """
    known = layout(account_id, event_id)
    places = [known.index(name) if name in known else -1 for name in fields if name != DELTA]
    found = points(account_id, event_id, from_delta, to_delta)
    if max_points is not None:
        total = count(account_id, event_id, from_delta, to_delta)
        if total > max_points:
            found = _thinned(found, math.ceil(total / max(1, max_points // 2)), places)
    return [_picked(point, fields, places) for point in found]


def layout(account_id: int, event_id: str) -> list[str]:
    """The event's fields in the order of the stored values."""
    rows = Event.objects.filter(account_id=account_id, id=event_id).values_list("wire", flat=True)
    text = rows.first()
    content = msgspec.json.decode(text).get("content") if text else None
    return [name for name in content["fields"] if name != DELTA] if isinstance(content, dict) else []


def _picked(point: Point, fields: Sequence[str], places: Sequence[int]) -> list[Any]:
    delta, row = point
    values = iter(_at(row, place) for place in places)
    return [delta if name == DELTA else next(values) for name in fields]


def _at(row: Sequence[Any], place: int) -> Any:
    return row[place] if 0 <= place < len(row) else None


def _thinned(found: Iterator[Point], run: int, places: Sequence[int]) -> Iterator[Point]:
    first = places[0] if places else -1
    while part := list(islice(found, run)):
        numbers = [point for point in part if isinstance(_at(point[1], first), int | float)]
        if not numbers:
            yield part[0]
            continue
        by_value: Callable[[Point], float] = lambda point: point[1][first]  # noqa: E731
        extremes = {point[0]: point for point in (min(numbers, key=by_value), max(numbers, key=by_value))}
        yield from sorted(extremes.values(), key=lambda point: point[0])
