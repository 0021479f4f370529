"""Queries of events as SQL; the only place that writes it.

A plan starts from the account and a scope and can only be narrowed: no step adds rows.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

REWRITE = "UPDATE events_event SET modified = %s, wire = %s WHERE account_id = %s AND id = %s"
SAME = "e.account_id = s.account_id AND e.id = s.event_id"
OF_STREAM = "s.account_id = %s AND s.stream_id = %s"
JOIN = "SELECT 1 FROM events_eventstream s WHERE s.account_id = e.account_id AND s.event_id = e.id"


def _join() -> str:
    """A join in the order written: SQLite keeps to that of `CROSS JOIN`, PostgreSQL knows better."""
    return "CROSS JOIN" if connection.vendor == "sqlite" else "JOIN"


def id_list(ids: Sequence[str]) -> tuple[str, Any]:
    """A condition's right side for "is one of", with its parameter: one whatever the number of ids."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(ids)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(ids))


@dataclass(frozen=True)
class Part:
    """One of the selects whose rows, which don't overlap, make up the answer."""

    condition: str = ""
    params: tuple[Any, ...] = ()
    ordered: bool = True  # whether the join table's order serves, where one stream is asked for


@dataclass
class Plan:
    """A query under construction."""

    account_id: int
    conditions: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)
    parts: list[Part] = field(default_factory=lambda: [Part()])
    stream: str | None = None  # the only one asked for: its rows are read in order of time
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
        if len(ids) == 1 and self.stream is None:
            self.stream = ids[0]
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
        """Keep events that overlap the window; `running` tells whether those without end do.

        Three parts, each read through an index of its own: what begins in the window, what began
        before and lasts into it, and what runs since before. (Rejected: one condition on both
        ends, which reads the whole past of an account for each window.)
        """
        until, ends = (" AND {time} <= %s", (end,)) if end is not None else ("", ())
        if start is None:
            self.parts = [Part(until, ends)]
            return self
        known = "" if running else " AND e.end_time IS NOT NULL"
        lasting = " AND e.time < %s AND e.end_time > e.time AND e.end_time >= %s"
        self.parts = [
            Part(" AND {time} >= %s" + until + known, (start, *ends)),
            Part(lasting, (start, start), ordered=False),
        ]
        if running:
            self.parts.append(Part(" AND e.time < %s AND e.end_time IS NULL", (start,), ordered=False))
        return self

    def _select(self, part: Part) -> tuple[str, list[Any]]:
        """One select with the columns of a row: text, has files, id, time."""
        params: list[Any] = [self.account_id]
        time, event_id, narrowed = "e.time", "e.id", ""
        source = "events_event e WHERE e.account_id = %s"
        if self.stream is not None:
            params.append(self.stream)
            narrowed = f" AND EXISTS ({JOIN} AND s.stream_id = %s)"
            if part.ordered:
                time, event_id, narrowed = "s.time", "s.event_id", ""
                source = f"events_eventstream s {_join()} events_event e ON {SAME} WHERE {OF_STREAM}"
        where = "".join(f" AND {condition}" for condition in self.conditions)
        where = narrowed + part.condition.format(time=time) + where
        sql = f"SELECT e.wire, e.has_files, {event_id} AS id, {time} AS time FROM {source}{where}"  # noqa: S608 (parts are ours)
        return sql, [*params, *part.params, *self.params]

    def page(self, *, ascending: bool, skip: int, limit: int | None) -> tuple[str, list[Any]]:
        """The rows in order of time, ties by id."""
        selects = [self._select(part) for part in self.parts]
        direction = "ASC" if ascending else "DESC"
        sql = " UNION ALL ".join(sql for sql, _ in selects) + f" ORDER BY 4 {direction}, 3 {direction}"
        params = [param for _, given in selects for param in given]
        if limit is not None:
            return f"{sql} LIMIT %s OFFSET %s", [*params, limit, skip]
        no_limit = " LIMIT -1" if connection.vendor == "sqlite" else ""
        return f"{sql}{no_limit} OFFSET %s", [*params, skip]

    def histogram(self, edges: Sequence[float], roots: Mapping[str, str]) -> tuple[str, list[Any]]:
        """Rows (bucket, root stream, events): distinct events that begin in `[edges[i], edges[i+1])`.

        The streams to look in are those of `roots`, each with the root it counts for.
        """
        buckets = [(i, float(edges[i]), float(edges[i + 1])) for i in range(len(edges) - 1)]
        line = "(CAST(%s AS integer), CAST(%s AS double precision), CAST(%s AS double precision))"
        values = ",".join([line] * len(buckets))
        # Both functions give the columns key and value.
        each = "json_each_text(%s::json)" if connection.vendor == "postgresql" else "json_each(%s)"
        where = " AND ".join(self.conditions) or "1 = 1"
        # From the streams to their rows in each bucket: the join table's index holds both.
        sql = (
            f"WITH b(i, first, past) AS (VALUES {values})"  # noqa: S608 (parts are ours)
            f" SELECT b.i, r.value, COUNT(DISTINCT x.event_id) FROM {each} r {_join()} b ON true"
            f" {_join()} events_eventstream x ON x.account_id = %s AND x.stream_id = r.key"
            " AND x.time >= b.first AND x.time < b.past"
            f" {_join()} events_event e ON e.account_id = x.account_id AND e.id = x.event_id"
            f" WHERE {where} GROUP BY b.i, r.value"
        )
        flat = [part for bucket in buckets for part in bucket]
        return sql, [*flat, json.dumps(dict(roots)), self.account_id, *self.params]
