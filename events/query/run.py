"""Running queries of events: what an actor may read, row by row (spec api-data §3.2)."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import msgspec
from django.db import DataError, connection, transaction

from accounts.fields import SHOWN_VALUES, is_account_stream
from events.account_events import account_events
from events.inputs import EventsGet
from events.models import EventDeletion
from events.query.conditions import Conditions, parse_conditions
from events.query.filters import StreamFilter, readable, resolve
from events.query.language import EVERYTHING, Item, parse_streams
from events.query.plan import Part, Plan
from events.query.terms import Test, either, local
from pryvsite.db import run
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidOperation
from pryvsite.kernel.permissions import Can
from pryvsite.kernel.stores import STORES, Row, StoreQuery
from streams.tree import Tree, load_tree

DEFAULT_LIMIT = 20
AT_ONCE = 1000  # rows of a page that is read by one fetch
FETCH = 500  # rows read at a time of longer ones
BOUNDLESS = 100_000  # rows; for a larger limit PostgreSQL would sort all rows before it gives the first
DEFAULT_WINDOW = 86_400.0  # seconds before toTime
COUNTED = 20_000  # events that are counted one by one; more are "more"
RUNNING_SLACK = 5.0  # seconds; a window that reaches this close to now contains the present


@dataclass(frozen=True)
class Window:
    """Effective time bounds and limit."""

    start: float | None
    end: float | None
    limit: int | None
    with_running: bool

    @property
    def empty(self) -> bool:
        """Whether the window is inverted; long events could overlap it by the bare conditions."""
        return self.start is not None and self.end is not None and self.start > self.end


def window_of(query: EventsGet) -> Window:
    """The defaults of spec api-data §3.2."""
    start, end, limit = query.from_time, query.to_time, query.limit
    moment = now()
    if start is None and end is None:
        return Window(None, None, DEFAULT_LIMIT if limit is None else limit, with_running=True)
    if start is None and end is not None:
        start = end - DEFAULT_WINDOW
    running = start is None or start <= moment - RUNNING_SLACK
    if end is None:
        end = moment
    elif end < moment - RUNNING_SLACK:
        running = False
    return Window(None if query.running else start, end, limit, running)


def plan_for(actor: Actor, filters: Sequence[StreamFilter], tree: Tree, *, state: str = "default") -> Plan:
    """A plan of the local events that the actor reads and the filters mean."""
    return _plan_of_state(actor, tree, state).matching(filters)


def _plan_of_state(actor: Actor, tree: Tree, state: str) -> Plan:
    plan = Plan(actor.account_id)
    plan.outside_streams(local(readable(actor, tree).vetoed))
    return plan if state == "all" else plan.in_trash(inside=state == "trashed")


def _of_ids(wanted: Sequence[str] | None) -> list[Item] | None:
    return None if wanted is None else [Item(tuple(wanted))] if wanted else []


@dataclass(frozen=True)
class Listing:
    """A listing, resolved for its actor."""

    actor: Actor
    query: EventsGet
    items: list[Item] | None
    filters: list[StreamFilter]
    conditions: Conditions
    window: Window
    tree: Tree

    def rows(self) -> Iterator[Row]:
        """The rows of the page asked for."""
        query, limit = self.query, self.window.limit
        if self.window.empty or limit == 0:
            return iter(())
        fields, others = self._account_rows(), list(self._store_rows())
        if not others and not self.conditions:
            return self._with_fields(fields) if fields else self._local_rows(query.skip, limit)
        most = None if limit is None or self.conditions else query.skip + limit
        found = self._merged(self._local_rows(0, most), fields, *others)
        return islice(found, query.skip, None if limit is None else query.skip + limit)

    def _merged(self, *parts: Iterable[Row]) -> Iterator[Row]:
        return heapq.merge(*parts, key=_order, reverse=not self.query.sort_ascending)

    def _with_fields(self, fields: Sequence[Row]) -> Iterator[Row]:
        """The page where a few rows that are known already come in between.

        As many rows are skipped by the database as are sure to come before the page, however many of the
        fields do.
        """
        skip, limit = self.query.skip, self.window.limit
        sure = max(0, skip - len(fields))
        rows = self._local_rows(sure, None if limit is None else skip + limit - sure)
        first = next(rows, None)
        before = 0
        if first is None:
            fields = () if sure else fields
        elif sure:
            before = next(i for i, row in enumerate(self._merged([first], fields)) if row is first)
        found = self._merged(() if first is None else chain([first], rows), fields[before:])
        skip -= sure + before
        yield from islice(found, skip, None if limit is None else skip + limit)

    def _store_rows(self) -> Iterator[Iterator[Row]]:
        """The rows of other stores, where they are named."""
        query, window, limit = self.query, self.window, self.window.limit
        for item in self.items or ():
            store = STORES.get(item.store)
            if store is None:
                continue
            if self.conditions:
                raise InvalidOperation("This store can't be asked by content.", {"streams": list(item.any)})
            asked = StoreQuery(
                any=item.any, all=item.all, none=item.none, types=tuple(query.types or ()),
                start=window.start, end=window.end, modified_since=query.modified_since, state=query.state,
                running=query.running, ascending=query.sort_ascending,
                most=None if limit is None else query.skip + limit,
            )  # fmt: skip
            yield store.rows(self.actor, asked)

    def plan(self) -> Plan | None:
        """The plan of what is stored here; None where nothing can match."""
        if not self.filters:
            return None
        plan = plan_for(self.actor, self.filters, self.tree, state=self.query.state)
        if self.query.types:
            plan.of_types(self.query.types)
        if self.query.running:
            plan.where(Test("e.end_time IS NULL"))
        if self.query.modified_since is not None:
            plan.where(Test("e.modified > %s", (self.query.modified_since,)))
        plan.between(self.window.start, self.window.end, running=self.window.with_running)
        return None if plan.nothing else plan

    def _local_rows(self, skip: int, limit: int | None) -> Iterator[Row]:
        plan = self.plan()
        if plan is None:
            return iter(())
        most = None if limit is not None and limit > BOUNDLESS else limit
        page = plan.page(ascending=self.query.sort_ascending, skip=skip, limit=most)
        found = islice(_rows(*page, most), limit)
        if self.conditions:
            return (row for row in found if self.conditions.match(msgspec.json.decode(row[0])))
        return found

    def _account_rows(self) -> list[Row]:
        """Fields of the account in order, where they are meant and readable."""
        named = self.items is not None and not any(item.everything for item in self.items)
        if named:
            wanted = any(is_account_stream(sid) for f in self.filters for sid in f.any or ())
        else:
            # `*` alone never reveals account data (spec api-data §2.8).
            wanted = self.actor.is_personal or EVERYTHING not in self.actor.permissions.grants
            wanted = wanted and self._reads_fields()
        if not wanted or self.query.state == "trashed" or self.query.running:
            return []
        rows = [
            (msgspec.json.encode(event).decode(), False, str(event["id"]), float(event["time"]))
            for event in account_events(self.actor)
            if self._means(event)
        ]
        return sorted(rows, key=_order, reverse=not self.query.sort_ascending)

    def _reads_fields(self) -> bool:
        allowed = self.actor.permissions
        return any(Can.READ in allowed.on(field.stream_id, self.tree) for field in SHOWN_VALUES)

    def _means(self, event: Mapping[str, Any]) -> bool:
        """Whether a field's event is asked for; the same questions as the plan's."""
        query, window = self.query, self.window
        streams = event["streamIds"]
        return (
            Can.READ in self.actor.permissions.on(streams[0], self.tree)
            and any(one.matches(streams) for one in self.filters)
            and (not query.types or any(type_fits(event["type"], wanted) for wanted in query.types))
            and (query.modified_since is None or event["modified"] > query.modified_since)
            and (window.start is None or event["time"] >= window.start)
            and (window.end is None or event["time"] <= window.end)
            and self.conditions.match(event)
        )


def type_fits(event_type: str, wanted: str) -> bool:
    """Whether a type is the one wanted, or of the class wanted (`mass/*`)."""
    return event_type.startswith(wanted[:-1]) if wanted.endswith("/*") else event_type == wanted


def _order(row: Row) -> tuple[float, str]:
    return row[3], row[2]


def select_events(actor: Actor, query: EventsGet) -> Iterator[Row]:
    """The rows of a listing. Errors are raised at once, rows are read as they are asked for.

    Raises InvalidRequestStructure, InvalidParameters, Forbidden, UnknownReference.
    """
    return _listing(actor, query).rows()


def position_of(actor: Actor, query: EventsGet, time: float, event_id: str) -> tuple[int, int]:
    """How many stored events a listing has without its limit, and how many of them are newer than
    this place; both COUNTED at most. Raises as `select_events`."""
    plan = _listing(actor, query).plan()
    if plan is None:
        return 0, 0
    with connection.cursor() as cursor:
        cursor.execute(*plan.standing(time, event_id, COUNTED))
        total, newer = cursor.fetchone()
    return int(total), int(newer)


def _listing(actor: Actor, query: EventsGet) -> Listing:
    items = parse_streams(query.streams)
    conditions = Conditions(
        parse_conditions("content", query.content), parse_conditions("clientData", query.client_data)
    )
    tree = load_tree(actor.account_id)
    ours = None if items is None else [item for item in items if item.store not in STORES]
    filters = resolve(actor, ours, tree, trashed=query.state != "default")
    return Listing(actor, query, items, filters, conditions, window_of(query), tree)


def _rows(sql: str, params: Sequence[Any], most: int | None) -> Iterator[Row]:
    """Rows: a page at once, more of them bit by bit."""
    if most is None or most > AT_ONCE:
        return _streamed(sql, params)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            with suppress(DataError):  # too long for one text
                cursor.execute(_IN_ONE_STEP.format(page=sql), params)
                return _split(cursor.fetchone()[0])
        cursor.execute(sql, params)
        return iter(cursor.fetchall())


# Python gives its lock away for each row that SQLite steps to, and must wait for it again: with other
# threads at work that takes longer than all else. So the rows of a page, which is limited and thereby
# stays in its order, come as one text. Neither JSON nor an id has the characters that part them.
_IN_ONE_STEP = (
    "SELECT group_concat(wire || char(31) || has_files || char(31) || id || char(31)"
    " || printf('%%!.17g', time), char(30)) FROM ({page})"
)


def _split(text: str | None) -> Iterator[Row]:
    for row in text.split("\x1e") if text else ():
        wire, has_files, event_id, time = row.split("\x1f")
        yield wire, has_files == "1", event_id, float(time)


def _streamed(sql: str, params: Sequence[Any]) -> Iterator[Row]:
    """Rows as the engine finds them, some at a time.

    PostgreSQL needs a transaction: without one it keeps the whole result for its cursor before it gives the
    first row. SQLite doesn't, and its transactions would wait for writers.
    """
    alone = connection.vendor == "postgresql" and not connection.in_atomic_block
    with transaction.atomic() if alone else nullcontext(), connection.chunked_cursor() as cursor:
        if alone:
            run(("SET LOCAL cursor_tuple_fraction = 0.0001", ()))  # in order of an index rather than sorted
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(FETCH):
            yield from rows


def deletions(actor: Actor, query: EventsGet) -> Iterator[tuple[str, float]]:
    """Deletion records (id, moment) for synchronisation, many of them bit by bit; not filtered by permission
    (spec api-data §3.2)."""
    rows = EventDeletion.objects.filter(account_id=actor.account_id, deleted__gt=query.modified_since)
    rows = rows.order_by("deleted" if query.sort_ascending else "-deleted", "id")
    limit = window_of(query).limit
    found = rows.values_list("id", "deleted")[query.skip : None if limit is None else query.skip + limit]
    return found.iterator(FETCH) if limit is None or limit > AT_ONCE else iter(found)


def latest_time(actor: Actor, wanted: list[str] | None = None) -> float | None:
    """The time of the newest event that the actor reads in these streams."""
    tree = load_tree(actor.account_id)
    plan = plan_for(actor, resolve(actor, _of_ids(wanted), tree, trashed=False), tree)
    if plan.nothing:
        return None
    with connection.cursor() as cursor:
        cursor.execute(*plan.page(ascending=False, skip=0, limit=1))
        row = cursor.fetchone()
    return row[3] if row else None


def neighbour_time(actor: Actor, wanted: list[str] | None, moment: float, *, later: bool) -> float | None:
    """The time of the last event that begins before a moment, or of the first at it or later."""
    tree = load_tree(actor.account_id)
    plan = plan_for(actor, resolve(actor, _of_ids(wanted), tree, trashed=False), tree)
    if plan.nothing:
        return None
    plan.parts = [Part((either("{row}.time >= %s" if later else "{row}.time < %s", moment),))]
    with connection.cursor() as cursor:
        cursor.execute(*plan.page(ascending=later, skip=0, limit=1))
        row = cursor.fetchone()
    return row[3] if row else None
