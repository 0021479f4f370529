"""Running queries of events: what an actor may read, row by row (spec api-data §3.2)."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from django.db import connection

from events.inputs import EventsGet
from events.models import EventDeletion
from events.query.language import stream_ids
from events.query.plan import Plan
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import Forbidden, UnknownReference
from pryvsite.kernel.permissions import Can
from streams.tree import Tree, load_tree

DEFAULT_LIMIT = 20
DEFAULT_WINDOW = 86_400.0  # seconds before toTime
RUNNING_SLACK = 5.0  # seconds; a window that reaches this close to now contains the present

Row = tuple[str, bool, str]  # wire text, has files, id


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


def plan_for(actor: Actor, wanted: list[str] | None, tree: Tree, *, state: str = "default") -> Plan:
    """A plan within what the actor reads. Raises Forbidden, then UnknownReference, for named streams."""
    streams = _streams(actor, wanted, tree, skip_trashed=state == "default")
    plan = _plan_of_state(actor, tree, state)
    return plan if streams is None else plan.in_streams(sorted(streams))


def _streams(
    actor: Actor, wanted: list[str] | None, tree: Tree, *, skip_trashed: bool
) -> Collection[str] | None:
    """The streams to look in: those wanted with all below, as far as readable; None for all."""
    scope = actor.permissions.scope(Can.READ, tree)
    ids: Collection[str]
    if wanted is not None:
        _check_named(actor, wanted, tree)
        ids = {sid for root in wanted for sid in tree.descendants(root, skip_trashed=skip_trashed)}
        ids = ids if scope.everything else ids & scope.ids
    else:
        ids = list(tree.ids()) if scope.everything else scope.ids
    live = {sid for sid in ids if not (skip_trashed and tree.in_trash(sid))}
    everything = wanted is None and scope.everything and len(live) == len(ids)
    return None if everything else live


def _plan_of_state(actor: Actor, tree: Tree, state: str) -> Plan:
    plan = Plan(actor.account_id)
    plan.outside_streams(sorted(actor.permissions.scope(Can.READ, tree).vetoed))
    if state == "default":
        plan.where("NOT e.trashed")
    elif state == "trashed":
        plan.where("e.trashed")
    return plan


def _check_named(actor: Actor, wanted: Sequence[str], tree: Tree) -> None:
    unreadable = [sid for sid in wanted if Can.READ not in actor.permissions.on(sid, tree)]
    if unreadable:
        raise Forbidden
    unknown = [sid for sid in wanted if sid not in tree]
    if unknown and Can.READ not in actor.permissions.everywhere():
        raise Forbidden
    if unknown:
        raise UnknownReference("streams", unknown)


def select_events(actor: Actor, query: EventsGet) -> Iterator[Row]:
    """The rows of a listing. Errors are raised at once, rows are read as they are asked for."""
    plan = plan_for(actor, stream_ids(query.streams), load_tree(actor.account_id), state=query.state)
    window = window_of(query)
    if query.types:
        plan.of_types(query.types)
    if query.running:
        plan.where("e.end_time IS NULL")
    if query.modified_since is not None:
        plan.where("e.modified > %s", query.modified_since)
    plan.between(window.start, window.end, running=window.with_running)
    if plan.nothing or window.empty or window.limit == 0:
        return iter(())
    return _rows(*plan.page(ascending=query.sort_ascending, skip=query.skip, limit=window.limit))


def _rows(sql: str, params: Sequence[Any]) -> Iterator[Row]:
    """Rows through a server-side cursor where the engine has one."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(500):
            yield from ((row[0], bool(row[1]), row[2]) for row in rows)


def deletions(actor: Actor, query: EventsGet) -> list[dict[str, object]]:
    """Deletion records for synchronisation; not filtered by permission (spec api-data §3.2)."""
    rows = EventDeletion.objects.filter(account_id=actor.account_id, deleted__gt=query.modified_since)
    rows = rows.order_by("deleted" if query.sort_ascending else "-deleted", "id")
    limit = window_of(query).limit
    rows = rows[query.skip : None if limit is None else query.skip + limit]
    return [{"id": event_id, "deleted": at} for event_id, at in rows.values_list("id", "deleted")]


def latest_time(actor: Actor, wanted: list[str] | None = None) -> float | None:
    """The time of the newest event that the actor reads in these streams."""
    plan = plan_for(actor, wanted, load_tree(actor.account_id))
    if plan.nothing:
        return None
    with connection.cursor() as cursor:
        cursor.execute(*plan.page(ascending=False, skip=0, limit=1))
        row = cursor.fetchone()
    return row[3] if row else None


def count_by_bucket(actor: Actor, wanted: list[str] | None, edges: Sequence[float]) -> dict[str, list[int]]:
    """Events that begin in each bucket `[edges[i], edges[i+1])`, per root stream.

    Roots are the topmost streams that the actor reads. An event in several trees counts in each.
    """
    tree = load_tree(actor.account_id)
    streams = _streams(actor, wanted, tree, skip_trashed=True)
    roots = _roots(actor, tree.ids() if streams is None else streams, tree)
    counts: dict[str, list[int]] = {}
    if not roots or len(edges) < 2:
        return counts
    plan = _plan_of_state(actor, tree, "default")
    with connection.cursor() as cursor:
        cursor.execute(*plan.histogram(edges, roots))
        for bucket, root, number in cursor.fetchall():
            counts.setdefault(root, [0] * (len(edges) - 1))[bucket] = number
    return counts


def _roots(actor: Actor, streams: Iterable[str], tree: Tree) -> dict[str, str]:
    """Each readable stream and the topmost readable one above it."""
    found: dict[str, str] = {}
    for stream_id in streams:
        for sid in takewhile(
            lambda above: Can.READ in actor.permissions.on(above, tree), tree.path(stream_id)
        ):
            found[stream_id] = sid
    return found
