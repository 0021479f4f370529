"""Time spent: a donut of totals by stream, and what runs now (ui §4.5)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events import digest_store
from events.dashboard.frame import Frame, kind
from events.dashboard.selection import Tree
from events.dashboard.words import duration
from events.piles import Pile, pile_up
from pryvsite.kernel.clock import now

RADIUS = 42.0
ROUND = 2 * math.pi * RADIUS
GAP = 1.6
MAX_SLICES = 7


@dataclass
class Slice:
    """The time of one stream."""

    name: str
    colour: str
    seconds: float
    text: str = ""
    percent: str = ""
    dash: str = ""  # stroke-dasharray
    offset: str = ""  # stroke-dashoffset


@dataclass
class Donut:
    """All slices, the total in its two largest units, and since when something runs."""

    slices: list[Slice]
    big: str
    small: str
    summary: str
    running: list[tuple[str, float]]  # stream, time at which it began


def donut(
    frame: Frame, members: frozenset[str], nodes: Mapping[str, Tree], colours: Mapping[str, str]
) -> Donut:
    """Time within the period, by stream: what reaches beyond its ends is cut off."""
    totals: dict[str, float] = {}

    def add(pile: Pile, seconds: float) -> None:
        if kind(pile) == "activities" and not members.isdisjoint(pile.place):
            stream_id = next(sid for sid in pile.place if sid in members)
            totals[stream_id] = totals.get(stream_id, 0.0) + seconds

    start, end = frame.period.start, frame.period.end
    for pile in frame.piles([start, end], frame.types_of(["activities"]))[0]:
        add(pile, pile.seconds)
    for moment, event_type, text, past in digest_store.lasting_into(frame.actor.account_id, end):
        pile = pile_up([(moment, event_type, text)])[0]
        if moment >= start and frame.sees(pile.place):
            add(pile, end - past)
    for pile in frame.lasting:
        add(pile, min(pile.newest + pile.seconds, end) - start)
    for pile in frame.running:
        add(pile, max(0.0, min(now(), end) - max(pile.newest, start)))
    return _drawn(totals, _running(frame, members, nodes), nodes, colours)


def _running(frame: Frame, members: frozenset[str], nodes: Mapping[str, Tree]) -> list[tuple[str, float]]:
    found = []
    for pile in frame.running:
        if kind(pile) == "activities" and not members.isdisjoint(pile.place):
            stream_id = next(sid for sid in pile.place if sid in members)
            found.append((str(nodes.get(stream_id, {}).get("name", stream_id)), pile.newest))
    return found


def _drawn(
    totals: Mapping[str, float],
    running: Sequence[tuple[str, float]],
    nodes: Mapping[str, Tree],
    colours: Mapping[str, str],
) -> Donut:
    whole = sum(totals.values())
    ordered = sorted(totals.items(), key=lambda item: -item[1])
    slices = [
        Slice(str(nodes.get(sid, {}).get("name", sid)), colours.get(sid, ""), seconds)
        for sid, seconds in ordered[:MAX_SLICES]
    ]
    if len(ordered) > MAX_SLICES:
        slices.append(Slice("Other", "", sum(seconds for _, seconds in ordered[MAX_SLICES:])))
    _tell_apart(slices)
    begun = 0.0
    for one in slices:
        share = one.seconds / whole if whole else 0.0
        length = max(0.0, share * ROUND - (GAP if len(slices) > 1 else 0))
        one.dash, one.offset = f"{length:.1f} {ROUND - length:.1f}", f"{-begun:.1f}"
        begun += share * ROUND
        one.text = " ".join(part for part in duration(one.seconds) if part)
        one.percent = f"{share:.0%}"
    big, small = duration(whole)
    parts = ", ".join(f"{one.name} {one.text}" for one in slices[:4])
    return Donut(slices, big, small, f"{big} {small} in total: {parts}", list(running))


def _tell_apart(slices: Sequence[Slice]) -> None:
    """Streams of one colour get tints of it, so that their slices differ."""
    seen: dict[str, int] = {}
    for one in slices:
        number = seen[one.colour] = seen.get(one.colour, 0) + 1
        if number > 1:
            one.colour = f"{one.colour} tint-{min(number, 6)}"
