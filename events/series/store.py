"""Points of series in the database; the only place that writes their SQL."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
from django.db import connection

Point = tuple[float, list[Any]]  # seconds since the event's time, values in the type's field order
AT_ONCE = 5000  # rows a statement; four parameters each stay below both engines' limits

_UPSERT = (
    "INSERT INTO events_seriespoint (account_id, event_id, delta, row) VALUES {rows}"
    " ON CONFLICT (account_id, event_id, delta) DO UPDATE SET row = excluded.row"
)
_SELECT = (
    "SELECT delta, row FROM events_seriespoint WHERE account_id = %s AND event_id = %s"
    " AND delta >= %s AND delta < %s ORDER BY delta"
)


def write(account_id: int, event_id: str, points: Iterable[Point]) -> None:
    """Insert points; one at the same delta is replaced."""
    # Within one statement a row may be touched only once: of equal deltas the last counts.
    unique = iter(dict(points).items())
    with connection.cursor() as cursor:
        while part := list(islice(unique, AT_ONCE)):
            params: list[Any] = []
            for delta, row in part:
                params += (account_id, event_id, delta, msgspec.json.encode(row).decode())
            sql = _UPSERT.format(rows=",".join(["(%s,%s,%s,%s)"] * len(part)))
            cursor.execute(sql, params)


def read(account_id: int, event_id: str, start: float, end: float) -> Iterator[Point]:
    """Points with `start <= delta < end`, in order."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SELECT, [account_id, event_id, start, end])
        while rows := cursor.fetchmany(2000):
            for delta, row in rows:
                yield delta, msgspec.json.decode(row)


def columns_used(points: Sequence[Point], width: int) -> list[int]:
    """The positions at which any point has a value."""
    return [i for i in range(width) if any(row[i] is not None for _, row in points)]
