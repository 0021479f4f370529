"""Queries of events as SQL; the only place that writes it.

A plan starts from the account and a scope and can only be narrowed: no step adds rows.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.db import connection

from events.query.filters import StreamFilter
from events.query.terms import Test, any_of, either, ended, join, local, sits, through, unindexed
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
MOST_PLACES = 200  # stretches of streams and types; SQLite takes selects of 500 parts
GATHERED = 5000  # places that PostgreSQL sorts sooner than it plans how to merge them
REWRITE = "UPDATE events_event SET modified = %s, wire = %s WHERE account_id = %s AND id = %s"

Sql = tuple[str, list[Any]]


def _with_events() -> str:
    """Joins the events of places, looked up one by one in the order of the places' index.

    PostgreSQL is held to that order: left to itself it takes a page of a thousand for a reason to read
    the whole stream and sort it.
    """
    same = "e.account_id = s.account_id AND e.id = s.event_id"
    if connection.vendor == "postgresql":
        return f" CROSS JOIN LATERAL (SELECT * FROM events_event e WHERE {same} OFFSET 0) e"  # noqa: S608 (ours)
    return f" CROSS JOIN events_event e ON {same}"


def _merged(arms: Sequence[Sql], direction: str, skip: int, limit: int | None) -> Sql:
    """Rows (id, time) of selects in one order, each once; read as they are asked for."""
    order = f" ORDER BY 2 {direction}, 1 {direction}"
    if connection.vendor == "sqlite":
        sql, boundless = " UNION ".join(sql for sql, _ in arms), -1
    elif len(arms) == 1:
        sql, boundless = arms[0][0], None
    else:
        sql, boundless = " UNION ALL ".join(f"({sql}{order})" for sql, _ in arms), None
        sql = f"SELECT DISTINCT ON (time, id) id, time FROM ({sql}) a"  # noqa: S608 (parts are ours)
    params = [param for _, given in arms for param in given]
    return f"{sql}{order} LIMIT %s OFFSET %s", [*params, boundless if limit is None else limit, skip]


@dataclass(frozen=True)
class Part:
    """One of the selects whose rows, which don't overlap, make up the answer."""

    tests: tuple[Test, ...] = ()
    ordered: bool = True  # whether the join table's order serves, where few streams are asked for


@dataclass
class Plan:
    """A query under construction."""

    account_id: int
    tests: list[Test] = field(default_factory=list)
    parts: list[Part] = field(default_factory=lambda: [Part()])
    streams: tuple[str, ...] | None = None  # those asked for, where few: read in order of time each
    kinds: list[Test] = field(default_factory=list)  # of the type; who reads type by type needs none
    types: tuple[str, ...] = ()  # those asked for, where no class is
    trash: bool = False  # whether only the trash is searched: it is small, and has an index of its own
    nothing: bool = False

    def where(self, *tests: Test) -> "Plan":
        """Narrow."""
        self.tests.extend(tests)
        return self

    def in_trash(self, *, inside: bool) -> "Plan":
        """Keep only what is in the trash, or only what isn't."""
        self.trash = inside
        return self.where(either("{row}.trashed" if inside else "NOT {row}.trashed"))

    def matching(self, filters: Sequence[StreamFilter]) -> "Plan":
        """Keep events that fit one of the filters."""
        if all(one.plain for one in filters):
            if any(one.any is None for one in filters):
                return self
            return self.in_streams(local(frozenset().union(*(one.any or () for one in filters))))
        if len(filters) == 1:
            return self._require(filters[0])
        plans = [Plan(self.account_id)._require(one, few=0) for one in filters]
        possible = [plan.tests for plan in plans if not plan.nothing]
        self.nothing = self.nothing or not possible
        return self.where(any_of(possible)) if possible else self

    def _require(self, one: StreamFilter, *, few: int = FEW) -> "Plan":
        if one.any is not None:
            self.in_streams(local(one.any), few=few)
        return self.where(*(sits(local(part)) for part in one.all)).outside_streams(local(one.none))

    def in_streams(self, ids: Sequence[str], *, few: int = FEW) -> "Plan":
        """Keep events that sit in one of the streams."""
        if not ids:
            self.nothing = True
        elif len(ids) <= few and self.streams is None:
            self.streams = tuple(ids)
        else:
            self.where(sits(ids))
        return self

    def outside_streams(self, ids: Sequence[str]) -> "Plan":
        """Drop events that sit in one of the streams."""
        return self.where(sits(ids, within=False)) if ids else self

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
            name = unindexed("e.type") if self._are_many(bounds) else "e.type"
            tests.append(f"({name} >= %s AND {name} < %s)")
            params += bounds
        self.types = () if classes else tuple(dict.fromkeys(exact))
        if tests:
            self.kinds.append(Test(f"({' OR '.join(tests)})", tuple(params)))
        return self

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
        until = () if end is None else (either("{row}.time <= %s", end),)
        if start is None:
            self.parts = [Part(until)]
            return self
        known = () if running else (ended(),)
        lasting = f"{unindexed('e.time')} < %s AND e.end_time > e.time AND e.end_time >= %s"
        self.parts = [
            Part((either("{row}.time >= %s", start), *until, *known)),
            Part((Test(lasting, (start, start)),), ordered=False),
        ]
        if running:
            self.parts.append(Part((Test("e.time < %s AND e.end_time IS NULL", (start,)),), ordered=False))
        return self

    def page(self, *, ascending: bool, skip: int, limit: int | None) -> Sql:
        """The rows (text, has files, id, time) in order of time, ties by id; read in this order, so that the
        first come before the last are found."""
        direction = "ASC" if ascending else "DESC"
        most = None if limit is None else skip + limit
        placed = self._by_place()
        if not skip and not placed:
            return self._scanned(direction, limit)
        # What is skipped, or in several streams, is read of indexes alone; events are looked up afterwards.
        arms: list[Sql] = []
        for part in self.parts:
            if placed and part.ordered:
                arms += self._placed(part, direction, most)
            else:
                arms.append(self._scan(part, "e.id AS id, e.time AS time"))
        found, params = _merged(arms, direction, skip, limit)
        return self._looked_up(found, direction), [*params, self.account_id]

    def _scanned(self, direction: str, limit: int | None) -> Sql:
        """The rows as they are found in the events."""
        columns = "e.wire, e.has_files, e.id AS id, e.time AS time"
        selects = [self._scan(part, columns) for part in self.parts]
        order = f" ORDER BY 4 {direction}, 3 {direction}"
        arms = [sql for sql, _ in selects]
        if len(arms) > 1 and connection.vendor == "postgresql":
            # Arms in order are merged as they are read; PostgreSQL would sort all of them otherwise.
            arms = [f"({sql}{order})" for sql in arms]
        sql = " UNION ALL ".join(arms) + order
        params = [param for _, given in selects for param in given]
        return (sql, params) if limit is None else (f"{sql} LIMIT %s", [*params, limit])

    @staticmethod
    def _looked_up(found: str, direction: str) -> str:
        """The events of places in order, by the index on their time: neighbours in time lie side by side."""
        columns = "SELECT e.wire, e.has_files, d.id AS id, d.time AS time"
        match = "e.account_id = %s AND e.time = d.time AND e.id = d.id"
        if connection.vendor == "postgresql":
            # A lookup for each: left to itself PostgreSQL may read all events first, to hash them.
            each = f"(SELECT * FROM events_event e WHERE {match} OFFSET 0) e"  # noqa: S608 (parts are ours)
            order = f" ORDER BY 4 {direction}, 3 {direction}"
            return f"{columns} FROM ({found}) d CROSS JOIN LATERAL {each}{order}"
        # SQLite reads a subquery that has a limit in its order, and a cross join from left to right.
        # (Rejected: to order the outside, too. It doesn't see that it is in order and sorts all rows.)
        return f"{columns} FROM ({found}) d CROSS JOIN events_event e{through('event_by_time')} ON {match}"

    def standing(self, time: float, event_id: str, most: int) -> tuple[str, list[Any]]:
        """One row: the number of events, and of those that are newer than a place in their order; of the
        `most` newest ones, so that the cost is bounded."""
        sql, params = self.page(ascending=False, skip=0, limit=most)
        newer = "x.time > %s OR (x.time = %s AND x.id > %s)"
        return (
            f"SELECT COUNT(*), COUNT(CASE WHEN {newer} THEN 1 END) FROM ({sql}) x",  # noqa: S608 (parts are ours)
            [time, time, event_id, *params],
        )

    def _by_place(self) -> bool:
        """Whether the join table's indexes lead to the rows: few stretches, without classes of types."""
        number = len(self.streams or ()) * max(1, len(self.types))
        return (
            self.streams is not None
            and number <= MOST_PLACES
            and not self.trash
            and (bool(self.types) or not self.kinds)
        )

    def _scan(self, part: Part, columns: str) -> Sql:
        """Rows of the events of a part."""
        here = () if self.streams is None else (sits(self.streams),)
        tests = [*here, *part.tests, *self.tests, *self.kinds]
        index = "event_in_trash" if self.trash else "event_by_type" if len(self.types) == 1 else ""
        table = f"events_event e{through(index) if index else ''}"
        where = "".join(f" AND {test.event}" for test in tests)
        sql = f"SELECT {columns} FROM {table} WHERE e.account_id = %s{where}"  # noqa: S608 (parts are ours)
        return sql, [self.account_id, *(param for test in tests for param in test.params)]

    def _placed(self, part: Part, direction: str, most: int | None) -> list[Sql]:
        """Selects (id, time) of the places of a part: one for each stream, or for each type in it.

        (Rejected: all events in order of time, tested for their streams, which reads the account where the
        streams are sparse.)
        """
        # Streams, each with each type asked for.
        places = list(product(self.streams or (), self.types) if self.types else product(self.streams or ()))
        few = most is not None and len(places) * most <= GATHERED
        if connection.vendor == "postgresql" and most is not None and few and len(places) > 1:
            return [self._gathered(places, part, direction, most)]
        sql, params = self._at(part, "%s", "%s")
        return [(sql, [self.account_id, *place, *params]) for place in places]

    def _at(self, part: Part, stream: str, type_: str) -> Sql:
        """The select of one place, without the parameters that name it."""
        tests = [*part.tests, *self.tests]
        index = "event_stream_by_type" if self.types else "event_stream_by_time"
        table = f"events_eventstream s{through(index)}"
        if any(test.place is None for test in tests):
            table += _with_events()
        where = f"s.stream_id = {stream}" + (f" AND s.type = {type_}" if self.types else "")
        where += "".join(f" AND {test.place or test.event}" for test in tests)
        sql = f"SELECT s.event_id AS id, s.time AS time FROM {table} WHERE s.account_id = %s AND {where}"  # noqa: S608
        return sql, [param for test in tests for param in test.params]

    def _gathered(self, places: Sequence[tuple[str, ...]], part: Part, direction: str, most: int) -> Sql:
        """The first places of each stretch at once: PostgreSQL plans that in no time."""
        one, given = self._at(part, "v.stream", "v.type")
        one += f" ORDER BY s.time {direction}, s.event_id {direction} LIMIT {int(most)}"
        columns = [list(column) for column in zip(*places, strict=True)]
        arrays = ", ".join(["%s::text[]"] * len(columns))
        names = ", ".join(("stream", "type")[: len(columns)])
        sql = f"SELECT DISTINCT x.id, x.time FROM unnest({arrays}) v({names}) CROSS JOIN LATERAL ({one}) x"  # noqa: S608
        return sql, [*columns, self.account_id, *given]

    def _params(self) -> list[Any]:
        return [param for test in self.tests for param in test.params]

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
        here = sits(streams)
        where = " AND ".join(test.event for test in [here, *self.tests])
        sql = (
            f"WITH b(first, past) AS (VALUES {stretches}) SELECT e.wire"  # noqa: S608 (parts are ours)
            f" FROM {each} t {join()} b ON true {join()} events_event e ON e.account_id = %s"
            f" AND e.type = t.value AND e.time >= b.first AND e.time < b.past"
            f" WHERE {where}"
            " ORDER BY abs(e.time - %s), e.id LIMIT %s"
        )
        kinds = json.dumps(dict(enumerate(types)))
        flat = [float(bound) for day in days for bound in day]
        return sql, [*flat, kinds, self.account_id, *here.params, *self._params(), at, limit]
