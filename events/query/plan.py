"""Queries of events as SQL; the only place that writes it.

A plan starts from the account and a scope and can only be narrowed: no step adds rows.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

REWRITE = "UPDATE events_event SET modified = %s, wire = %s WHERE account_id = %s AND id = %s"
COLUMNS = "e.wire, e.has_files, e.id"
JOIN = "SELECT 1 FROM events_eventstream s WHERE s.account_id = e.account_id AND s.event_id = e.id"


def id_list(ids: Sequence[str]) -> tuple[str, Any]:
    """A condition's right side for "is one of", with its parameter: one whatever the number of ids."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(ids)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(ids))


@dataclass
class Plan:
    """A query under construction."""

    account_id: int
    conditions: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)
    nothing: bool = False

    def where(self, condition: str, *params: Any) -> "Plan":
        """Narrow."""
        self.conditions.append(condition)
        self.params.extend(params)
        return self

    def in_streams(self, ids: Sequence[str]) -> "Plan":
        """Keep events that sit in one of the streams."""
        if not ids:
            self.nothing = True
            return self
        test, param = id_list(ids)
        return self.where(f"EXISTS ({JOIN} AND s.stream_id {test})", param)

    def outside_streams(self, ids: Sequence[str]) -> "Plan":
        """Drop events that sit in one of the streams."""
        if not ids:
            return self
        test, param = id_list(ids)
        return self.where(f"NOT EXISTS ({JOIN} AND s.stream_id {test})", param)

    def of_types(self, types: Sequence[str]) -> "Plan":
        """Keep events of one of the types; `class/*` stands for all its formats."""
        exact = [t for t in types if not t.endswith("/*")]
        classes = [t.removesuffix("*") for t in types if t.endswith("/*")]
        tests: list[str] = []
        params: list[Any] = []
        if exact:
            test, param = id_list(exact)
            tests.append(f"e.type {test}")
            params.append(param)
        for prefix in classes:
            # A range rather than LIKE, so that the index on (account, type, time) serves.
            tests.append("(e.type >= %s AND e.type < %s)")
            params += [prefix, prefix[:-1] + "0"]
        return self.where(f"({' OR '.join(tests)})", *params) if tests else self

    def between(self, start: float | None, end: float | None, *, running: bool) -> "Plan":
        """Keep events that overlap the window; `running` tells whether those without end do."""
        if end is not None:
            self.where("e.time <= %s", end)
        if start is not None:
            open_end = " OR e.end_time IS NULL" if running else ""
            self.where(f"(e.end_time >= %s{open_end})", start)
        return self

    def select(self, columns: str, tail: str = "", *params: Any) -> tuple[str, list[Any]]:
        """The statement and its parameters."""
        where = " AND ".join(["e.account_id = %s", *self.conditions])
        sql = f"SELECT {columns} FROM events_event e WHERE {where}{tail}"  # noqa: S608 (parts are ours)
        return sql, [self.account_id, *self.params, *params]

    def page(self, *, ascending: bool, skip: int, limit: int | None) -> tuple[str, list[Any]]:
        """The rows in order of time, ties by id."""
        direction = "ASC" if ascending else "DESC"
        tail = f" ORDER BY e.time {direction}, e.id {direction}"
        if limit is None and connection.vendor == "sqlite":
            return self.select(COLUMNS, f"{tail} LIMIT -1 OFFSET %s", skip)
        if limit is None:
            return self.select(COLUMNS, f"{tail} OFFSET %s", skip)
        return self.select(COLUMNS, f"{tail} LIMIT %s OFFSET %s", limit, skip)

    def histogram(self, edges: Sequence[float], roots: Mapping[str, str]) -> tuple[str, list[Any]]:
        """Rows (bucket, root stream, events): distinct events that begin in `[edges[i], edges[i+1])`."""
        buckets = [(i, float(edges[i]), float(edges[i + 1])) for i in range(len(edges) - 1)]
        line = "(CAST(%s AS integer), CAST(%s AS double precision), CAST(%s AS double precision))"
        values = ",".join([line] * len(buckets))
        # Both functions give the columns key and value.
        each = "json_each_text(%s::json)" if connection.vendor == "postgresql" else "json_each(%s)"
        where = " AND ".join(self.conditions) or "1 = 1"
        sql = (
            f"WITH b(i, first, past) AS (VALUES {values}) SELECT b.i, r.value, COUNT(DISTINCT e.id) FROM b"  # noqa: S608 (parts are ours)
            " JOIN events_event e ON e.account_id = %s AND e.time >= b.first AND e.time < b.past"
            " JOIN events_eventstream x ON x.account_id = e.account_id AND x.event_id = e.id"
            f" JOIN {each} r ON r.key = x.stream_id WHERE {where} GROUP BY b.i, r.value"
        )
        flat = [part for bucket in buckets for part in bucket]
        return sql, [*flat, self.account_id, json.dumps(dict(roots)), *self.params]
