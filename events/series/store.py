"""Points of series in the database; the only place that writes their SQL."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
from django.db import connection

from events.models import Event

Point = tuple[float, list[Any]]  # seconds since the event's time, values in the event's field order
AT_ONCE = 5000  # rows a statement; four parameters each stay below both engines' limits
FETCH = 2000  # rows read at a time
DELTA = "deltaTime"

_UPSERT = (
    "INSERT INTO events_seriespoint (account_id, event_id, delta, row) VALUES {rows}"
    " ON CONFLICT (account_id, event_id, delta) DO UPDATE SET row = excluded.row"
)
_FROM = " FROM events_seriespoint WHERE account_id = %s AND event_id = %s"


def write(account_id: int, event_id: str, new: Iterable[Point]) -> None:
    """Insert points; one at the same delta is replaced."""
    # Within one statement a row may be touched only once: of equal deltas the last counts.
    unique = iter(dict(new).items())
    with connection.cursor() as cursor:
        while part := list(islice(unique, AT_ONCE)):
            params: list[Any] = []
            for delta, row in part:
                params += (account_id, event_id, delta, msgspec.json.encode(row).decode())
            sql = _UPSERT.format(rows=",".join(["(%s,%s,%s,%s)"] * len(part)))
            cursor.execute(sql, params)


def points(account_id: int, event_id: str, start: float | None, end: float | None) -> Iterator[Point]:
    """Points with `start <= delta < end`, in order, read as they are asked for."""
    where, params = _window(account_id, event_id, start, end)
    with connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT delta, row{where} ORDER BY delta", params)
        while rows := cursor.fetchmany(FETCH):
            for delta, row in rows:
                yield delta, msgspec.json.decode(row)


def _window(account_id: int, event_id: str, start: float | None, end: float | None) -> tuple[str, list[Any]]:
    where, params = _FROM, [account_id, event_id]
    if start is not None:
        where, params = where + " AND delta >= %s", [*params, start]
    if end is not None:
        where, params = where + " AND delta < %s", [*params, end]
    return where, params


def count(account_id: int, event_id: str, start: float | None = None, end: float | None = None) -> int:
    """Number of points in a window."""
    where, params = _window(account_id, event_id, start, end)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*){where}", params)
        return int(cursor.fetchone()[0])


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
    layout = _layout(account_id, event_id)
    places = [layout.index(name) if name in layout else -1 for name in fields if name != DELTA]
    found = points(account_id, event_id, from_delta, to_delta)
    if max_points is not None:
        total = count(account_id, event_id, from_delta, to_delta)
        if total > max_points:
            found = _thinned(found, math.ceil(total / max(1, max_points // 2)), places)
    return [_picked(point, fields, places) for point in found]


def _layout(account_id: int, event_id: str) -> list[str]:
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
        value: Callable[[Point], float] = lambda point: point[1][first]  # noqa: E731
        extremes = {point[0]: point for point in (min(numbers, key=value), max(numbers, key=value))}
        yield from sorted(extremes.values(), key=lambda point: point[0])
