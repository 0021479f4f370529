"""Single events for a tile: those nearest to the highlighted moment (ui §4.5)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import msgspec
from django.db import connection

from events import types
from events.dashboard.frame import Frame, kind
from events.dashboard.kinds import kind_of
from events.dashboard.periods import day_bounds
from events.piles import Brief, Pile
from events.query.plan import Plan
from events.query.terms import ended

Wire = dict[str, Any]


def nearest(frame: Frame, members: frozenset[str], kinds: Sequence[str], at: float, limit: int) -> list[Wire]:
    """Events of some kinds in an island, the nearest to a moment first.

    The digests tell which days hold such events, so that only those of a few days are read.
    """
    edges = [mark for mark in day_bounds(frame.period.start, frame.period.end, frame.period.zone)
             if frame.period.start < mark < frame.period.end]  # fmt: skip
    edges = [frame.period.start, *edges, frame.period.end]
    of = frame.types_of(kinds)
    days: list[tuple[float, float, int]] = []
    event_types: set[str] = set()
    for (first, past), briefs in zip(pairwise(edges), frame.counts(edges, of), strict=True):
        fitting = [brief for brief in briefs if _fits(brief, members, kinds)]
        if fitting:
            days.append((first, past, sum(brief.count for brief in fitting)))
            event_types.update(brief.type for brief in fitting)
    events = _read(frame, members, kinds, sorted(event_types), _near(days, at, limit), at, limit)
    events += [
        wire for pile, wire in frame.lasting_events + frame.running_events if _fits(pile, members, kinds)
    ]
    unique = {event["id"]: event for event in events if kind_of_event(event) in kinds}
    return sorted(unique.values(), key=lambda event: (abs(event["time"] - at), event["id"]))[:limit]


def kind_of_event(event: Wire) -> str:
    """The kind of tile that shows an event."""
    event_type = str(event["type"])
    return kind_of(event_type, numeric=types.is_numeric(event_type, event.get("content")))


def _fits(brief: Brief | Pile, members: frozenset[str], kinds: Sequence[str]) -> bool:
    return not members.isdisjoint(brief.place) and kind(brief) in kinds


def _near(days: Sequence[tuple[float, float, int]], at: float, limit: int) -> list[tuple[float, float]]:
    """The days around a moment that hold enough, on each side so that none nearer is missed."""
    found: list[tuple[float, float]] = []
    for side in ([d for d in days if d[0] > at], [d for d in reversed(days) if d[0] <= at]):
        held = 0
        for first, past, count in side:
            found.append((first, past))
            held += count
            # The day around the moment itself may hold its events on the far side.
            if held >= limit and not first <= at < past:
                break
    return found


def _read(
    frame: Frame,
    members: frozenset[str],
    kinds: Sequence[str],
    event_types: Sequence[str],
    days: Sequence[tuple[float, float]],
    at: float,
    limit: int,
) -> list[Wire]:
    if not days or not event_types:
        return []
    plan = Plan(frame.actor.account_id).in_trash(inside=False).where(ended())
    plan.outside_streams(sorted(frame.vetoed))
    sql, params = plan.nearest(sorted(members), event_types, days, at, limit)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [msgspec.json.decode(row[0]) for row in cursor.fetchall()]
