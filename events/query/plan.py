"""Queries of events as SQL; the only place that writes it.

A plan starts from the account and a scope and can only be narrowed: no step adds rows.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.db import connection

from accounts.fields import is_account_stream
from events.query.filters import StreamFilter
from pryvsite.db import id_list, run

MANY = 1000  # events of a class of types
_FIRST = "SELECT 1 FROM events_event WHERE account_id = %s AND type >= %s AND type < %s LIMIT %s"
MOST_FORMATS = 20  # of a class of types that are looked for one by one
_NEXT = "(SELECT MIN(type) FROM events_event WHERE account_id = %s AND type {} AND type < %s)"
# From one type to the next: a look into the index for each, however many events have it.
_FORMATS = (
    f"WITH RECURSIVE f(type, n) AS (SELECT {_NEXT.format('>= %s')}, 1"  # noqa: S608 (ours)
    f" UNION ALL SELECT {_NEXT.format('> f.type')}, n + 1 FROM f"
    f" WHERE type IS NOT NULL AND n <= {MOST_FORMATS})"
    " SELECT type FROM f WHERE type IS NOT NULL"
)
FEW = 100  # streams that are read one by one; more are tested event by event
REWRITE = "UPDATE events_event SET modified = %s, wire = %s WHERE account_id = %s AND id = %s"
SAME = "e.account_id = s.account_id AND e.id = s.event_id"
EACH = f"(SELECT * FROM events_event e WHERE {SAME} OFFSET 0) e"  # noqa: S608 (ours)


def _join() -> str:
    """A join in the order written: SQLite keeps to that of `CROSS JOIN`, PostgreSQL knows better."""
    return "CROSS JOIN" if connection.vendor == "sqlite" else "JOIN"


def _through(index: str) -> str:
    """The index that SQLite shall read a table through, for the same reason."""
    return f" INDEXED BY {index}" if connection.vendor == "sqlite" else ""


def _unindexed(column: str) -> str:
    """A column whose index SQLite shall not choose: it keeps no statistics to choose by."""
    return f"+{column}" if connection.vendor == "sqlite" else column


def _sits(test: str) -> str:
    """Whether an event sits in a stream that passes the test, asked event by event.

    (Rejected: leave the way to the planners. PostgreSQL's then gathers all events of the streams first.)
    """
    end = " OFFSET 0" if connection.vendor == "postgresql" else ""
    table = f"events_eventstream s{_through('event_stream_of_event')}"
    return f"EXISTS (SELECT 1 FROM {table} WHERE {SAME} AND s.stream_id {test}{end})"  # noqa: S608 (ours)


def local(ids: Iterable[str]) -> list[str]:
    """The streams among these that have rows here; account fields have none."""
    return sorted(sid for sid in ids if not is_account_stream(sid))


@dataclass(frozen=True)
class Part:
    """One of the selects whose rows, which don't overlap, make up the answer."""

    condition: str = ""
    params: tuple[Any, ...] = ()
    ordered: bool = True  # whether the join table's order serves, where few streams are asked for


@dataclass
class Plan:
    """A query under construction."""

    account_id: int
    conditions: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)
    parts: list[Part] = field(default_factory=lambda: [Part()])
    streams: tuple[str, ...] | None = None  # those asked for, where few: read in order of time each
    typed: bool = False
    types: tuple[str, ...] = ()  # those asked for, where no class is
    nothing: bool = False

    def where(self, condition: str, *params: Any) -> "Plan":
        """Narrow."""
        self.conditions.append(condition)
        self.params.extend(params)
        return self

    def matching(self, filters: Sequence[StreamFilter]) -> "Plan":
        """Keep events that fit one of the filters."""
        if all(one.plain for one in filters):
            if any(one.any is None for one in filters):
                return self
            return self.in_streams(local(frozenset().union(*(one.any or () for one in filters))))
        if len(filters) == 1:
            self._require(filters[0])
            return self
        tests: list[str] = []
        for one in filters:
            inner = Plan(self.account_id)._require(one, few=0)
            if not inner.nothing:
                tests.append("(" + (" AND ".join(inner.conditions) or "1 = 1") + ")")
                self.params.extend(inner.params)
        self.nothing = self.nothing or not tests
        if tests:
            self.conditions.append("(" + " OR ".join(tests) + ")")
        return self

    def _require(self, one: StreamFilter, *, few: int = FEW) -> "Plan":
        if one.any is not None:
            self.in_streams(local(one.any), few=few)
        for part in one.all:
            self._in_one_of(local(part))
        return self.outside_streams(local(one.none))

    def in_streams(self, ids: Sequence[str], *, few: int = FEW) -> "Plan":
        """Keep events that sit in one of the streams."""
        if not ids:
            self.nothing = True
        elif len(ids) <= few and self.streams is None:
            self.streams = tuple(ids)
        else:
            self._in_one_of(ids)
        return self

    def _in_one_of(self, ids: Sequence[str]) -> None:
        test, param = id_list(ids)
        self.where(_sits(test), param)

    def outside_streams(self, ids: Sequence[str]) -> "Plan":
        """Drop events that sit in one of the streams."""
        if not ids:
            return self
        test, param = id_list(ids)
        return self.where(f"NOT {_sits(test)}", param)

    def of_types(self, types: Sequence[str]) -> "Plan":
        """Keep events of one of the types; `class/*` stands for all its formats."""
        exact = [t for t in types if not t.endswith("/*")]
        classes = [t.removesuffix("*") for t in types if t.endswith("/*")]
        if len(classes) == 1 and self.streams is not None:
            formats = self._formats(classes[0])
            if len(formats) <= MOST_FORMATS:
                exact, classes = [*exact, *formats], []
                self.nothing = self.nothing or not exact
        tests: list[str] = []
        params: list[Any] = []
        if exact:
            test, param = id_list(exact) if len(exact) > 1 else ("= %s", exact[0])
            tests.append(f"e.type {test}")
            params.append(param)
        for prefix in classes:
            # A range rather than LIKE, so that the index on (account, type, time) serves.
            bounds = [prefix, prefix[:-1] + "0"]
            name = _unindexed("e.type") if self._are_many(bounds) else "e.type"
            tests.append(f"({name} >= %s AND {name} < %s)")
            params += bounds
        self.typed, self.types = bool(tests), () if classes else tuple(dict.fromkeys(exact))
        return self.where(f"({' OR '.join(tests)})", *params) if tests else self

    def _formats(self, prefix: str) -> list[str]:
        """The types of a class that the account has, one more than are looked for at most."""
        account, past = self.account_id, prefix[:-1] + "0"
        return [row[0] for row in run((_FORMATS, [account, prefix, past, account, past]))]

    def _are_many(self, bounds: Sequence[str]) -> bool:
        """Whether events of a class are found soon in the order of time; PostgreSQL's planner knows that."""
        if connection.vendor == "postgresql":
            return False
        return len(run((_FIRST, [self.account_id, *bounds, MANY]))) == MANY

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
        lasting = f" AND {_unindexed('e.time')} < %s AND e.end_time > e.time AND e.end_time >= %s"
        self.parts = [
            Part(" AND {time} >= %s" + until + known, (start, *ends)),
            Part(lasting, (start, start), ordered=False),
        ]
        if running:
            self.parts.append(Part(" AND e.time < %s AND e.end_time IS NULL", (start,), ordered=False))
        return self

    def page(self, *, ascending: bool, skip: int, limit: int | None) -> tuple[str, list[Any]]:
        """The rows (text, has files, id, time) in order of time, ties by id."""
        direction = "ASC" if ascending else "DESC"
        most = None if limit is None else skip + limit
        selects = [self._select(part, direction, most) for part in self.parts]
        order = f" ORDER BY 4 {direction}, 3 {direction}"
        arms = [sql for sql, _ in selects]
        if len(arms) > 1 and connection.vendor == "postgresql":
            # Arms in order are merged as they are read; PostgreSQL would sort all of them otherwise.
            arms = [f"({sql}{order})" for sql in arms]
        sql = " UNION ALL ".join(arms) + order
        params = [param for _, given in selects for param in given]
        if limit is not None:
            return f"{sql} LIMIT %s OFFSET %s", [*params, limit, skip]
        if not skip:
            return sql, params
        no_limit = " LIMIT -1" if connection.vendor == "sqlite" else ""
        return f"{sql}{no_limit} OFFSET %s", [*params, skip]

    def standing(self, time: float, event_id: str, most: int) -> tuple[str, list[Any]]:
        """One row: the number of events, and of those that are newer than a place in their order; of the
        `most` newest ones, so that the cost is bounded."""
        sql, params = self.page(ascending=False, skip=0, limit=most)
        newer = "x.time > %s OR (x.time = %s AND x.id > %s)"
        return (
            f"SELECT COUNT(*), COUNT(CASE WHEN {newer} THEN 1 END) FROM ({sql}) x",  # noqa: S608 (parts are ours)
            [time, time, event_id, *params],
        )

    def _select(self, part: Part, direction: str, most: int | None) -> tuple[str, list[Any]]:
        """One select."""
        if self.streams is None:
            return self._scan(part, "", [])
        if not (part.ordered and self._by_place(most)):
            test, param = id_list(self.streams)
            return self._scan(part, f" AND {_sits(test)}", [param])
        places = self._places()
        if len(places) == 1:
            where = self._where(part, "s.time")
            sql = (
                "SELECT e.wire, e.has_files, s.event_id AS id, s.time AS time"  # noqa: S608 (parts are ours)
                f" FROM {self._in_order()} WHERE s.account_id = %s AND {self._place('%s', '%s')}{where}"
            )
            return sql, [self.account_id, *places[0], *part.params, *self.params]
        return self._of_each_place(places, part, direction, most)

    def _by_place(self, most: int | None) -> bool:
        """Whether the join table's indexes lead to the rows: few stretches of them, without classes of types.

        All rows of several types are read in the order of the types' index, to be sent as they are found.
        """
        number = len(self.streams or ()) * max(1, len(self.types))
        if not self.typed:
            return number <= FEW
        return bool(self.types) and number <= (1 if most is None else FEW)

    def _places(self) -> list[tuple[str, ...]]:
        """The stretches to read: streams, each with each type asked for."""
        if self.types:
            return list(product(self.streams or (), self.types))
        return [(stream,) for stream in self.streams or ()]

    def _place(self, stream: str, type_: str) -> str:
        return f"s.stream_id = {stream}" + (f" AND s.type = {type_}" if self.types else "")

    def _in_order(self) -> str:
        """A stream's rows with their events, to be read in the order of the stream's index.

        PostgreSQL is held to that order: left to itself it takes a page of a thousand for a reason to read
        the whole stream and sort it.
        """
        if connection.vendor == "postgresql":
            return f"events_eventstream s CROSS JOIN LATERAL {EACH}"
        return f"events_eventstream s {_join()} events_event e ON {SAME}"

    def _where(self, part: Part, time: str) -> str:
        return part.condition.format(time=time) + "".join(f" AND {test}" for test in self.conditions)

    def _scan(self, part: Part, narrowed: str, params: list[Any]) -> tuple[str, list[Any]]:
        where = narrowed + self._where(part, "e.time")
        sql = (
            "SELECT e.wire, e.has_files, e.id AS id, e.time AS time"  # noqa: S608 (parts are ours)
            f" FROM events_event e{_through('event_by_type') if len(self.types) == 1 else ''}"
            f" WHERE e.account_id = %s{where}"
        )
        return sql, [self.account_id, *params, *part.params, *self.params]

    def _of_each_place(
        self, places: Sequence[tuple[str, ...]], part: Part, direction: str, most: int | None
    ) -> tuple[str, list[Any]]:
        """The first rows of each stream, or of each type in it, without those that several have.

        What is read grows with the streams, the types and the rows asked for, not with the account.
        (Rejected: all events in order of time, tested for their streams, which reads the account where
        the streams are sparse.)
        """
        one = (
            f"SELECT s.event_id, s.time FROM {self._in_order()}"  # noqa: S608 (parts are ours)
            f" WHERE s.account_id = %s AND {{place}}{self._where(part, 's.time')}"
        )
        if most is not None:
            one += f" ORDER BY s.time {direction}, s.event_id {direction} LIMIT {int(most)}"
        given = [*part.params, *self.params]
        if connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*places, strict=True)]
            one = one.format(place=self._place("v.stream", "v.type"))
            arrays = ", ".join(["%s::text[]"] * len(columns))
            names = ", ".join(("stream", "type")[: len(columns)])
            found = f"SELECT x.event_id, x.time FROM unnest({arrays}) v({names}) CROSS JOIN LATERAL ({one}) x"  # noqa: S608
            params: list[Any] = [*columns, self.account_id, *given]
        else:
            arm = f"SELECT * FROM ({one.format(place=self._place('%s', '%s'))})"  # noqa: S608
            found = " UNION ALL ".join([arm] * len(places))
            params = [value for place in places for value in (self.account_id, *place, *given)]
        rows = f"SELECT DISTINCT event_id, time FROM ({found}) a"  # noqa: S608
        if most is not None:
            rows += f" ORDER BY time {direction}, event_id {direction} LIMIT {int(most)}"
        sql = (
            f"SELECT e.wire, e.has_files, e.id AS id, e.time AS time FROM ({rows}) d {_join()}"  # noqa: S608
            " events_event e ON e.account_id = %s AND e.id = d.event_id"
        )
        return sql, [*params, self.account_id]

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

    def nearest(
        self,
        streams: Sequence[str],
        types: Sequence[str],
        days: Sequence[tuple[float, float]],
        at: float,
        limit: int,
    ) -> tuple[str, list[Any]]:
        """Rows (text) of events of exact types that begin in one of the stretches of time and sit in one of
        the streams, the nearest to a moment first. Read by the index on types and time."""
        line = "(CAST(%s AS double precision), CAST(%s AS double precision))"
        stretches = ",".join([line] * len(days))
        each = "json_each_text(%s::json)" if connection.vendor == "postgresql" else "json_each(%s)"
        test, param = id_list(streams)
        where = "".join(f" AND {one}" for one in self.conditions)
        sql = (
            f"WITH b(first, past) AS (VALUES {stretches}) SELECT e.wire"  # noqa: S608 (parts are ours)
            f" FROM {each} t {_join()} b ON true {_join()} events_event e ON e.account_id = %s"
            f" AND e.type = t.value AND e.time >= b.first AND e.time < b.past"
            f" WHERE {_sits(test)}{where}"
            " ORDER BY abs(e.time - %s), e.id LIMIT %s"
        )
        kinds = json.dumps(dict(enumerate(types)))
        flat = [float(bound) for day in days for bound in day]
        return sql, [*flat, kinds, self.account_id, param, *self.params, at, limit]
