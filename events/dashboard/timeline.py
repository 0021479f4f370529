"""The bar at the bottom: periods before and after, the histogram of this one, scales, the highlighted
moment (ui §4.13)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from events.dashboard import periods
from events.dashboard.charts import number_text
from events.dashboard.frame import Frame
from events.dashboard.mosaic import Island
from events.dashboard.periods import Period
from events.dashboard.selection import Selection
from events.dashboard.words import when
from events.piles import Brief
from pryvsite.kernel.clock import now

NEAR_CUTS = {"day": "quarter", "week": "day", "month": "week", "half": "month", "year": "month"}


WIDTH, HEIGHT = 1000, 100  # drawing units of a histogram, upwards
Stroke = tuple[str, int, str]  # colour, width, path: all bars of a colour that are as wide, tallest first


@dataclass(frozen=True)
class Bar:
    """A bucket: where it stands, in drawing units, and what a click opens."""

    x: int
    width: int
    count: int
    name: str
    query: str


def timeline(frame: Frame, selection: Selection, regions: Sequence[Island]) -> dict[str, Any]:
    """Everything that the bar shows. Counts are those of the streams that are selected."""
    period = selection.period
    near = period.neighbours()
    centre = len(near) // 2
    homes: dict[tuple[str, ...], str] = {}
    frame.prepare(near[0].start, near[-1].end)
    edges = period.edges()
    buckets = _stacks(frame.counts(edges), regions, homes)
    full = [
        (left, right, stack) for (left, right), stack in zip(pairwise(edges), buckets, strict=True) if stack
    ]
    around = _neighbours(frame, [one for one in near if one is not period], regions, homes)
    moment = period.clamp(now() if selection.at is None else selection.at)
    return {
        "bars": [_bar(period, left, right, sum(stack.values())) for left, right, stack in full],
        "strokes": _strokes(period, full, _highest(buckets)),
        "ticks": period.ticks(),
        "before": around[:centre],
        "after": around[centre:],
        "previous": period.shifted(-1),
        "next": period.shifted(1),
        "now": period.share(now()) if period.start <= now() < period.end else None,
        "at": period.share(moment),
        "moment": moment,
        "moment_text": when(moment, now(), period.zone),
        "unit": period.scale if period.scale in periods.UNITS else "week",
        "scales": [_scale(scale, period) for scale in periods.UNITS],
        "total": frame.total,
        "total_text": number_text(frame.total),
        "at_local": _local(period, moment),
        "from_local": _local(period, period.start),
        "to_local": _local(period, period.end),
        "edges": ",".join([f"{edges[0]:.0f}", *(f"{(b - a) / 3600:g}" for a, b in pairwise(edges))]),
    }


def _local(period: Period, moment: float) -> str:
    """A moment as date and time fields take it."""
    return datetime.fromtimestamp(moment, period.zone).strftime("%Y-%m-%dT%H:%M")


def _stacks(
    buckets: Sequence[Sequence[Brief]], regions: Sequence[Island], homes: dict[tuple[str, ...], str]
) -> list[dict[str, int]]:
    """Counts by colour for each bucket; an event counts once, in the first island that has it."""
    found = []
    for bucket in buckets:
        stack: dict[str, int] = {}
        for brief in bucket:
            colour = homes.get(brief.place)
            if colour is None:
                home = next((one for one in regions if not one.members.isdisjoint(brief.place)), None)
                colour = homes[brief.place] = home.colour if home else "s7"
            stack[colour] = stack.get(colour, 0) + brief.count
        found.append(stack)
    return found


def _highest(stacks: Iterable[Mapping[str, int]]) -> int:
    return max((sum(stack.values()) for stack in stacks), default=0) or 1


def _x(period: Period, moment: float) -> int:
    return round(period.share(moment) * WIDTH / 100)


def _strokes(
    period: Period, full: Sequence[tuple[float, float, Mapping[str, int]]], highest: int
) -> list[Stroke]:
    """The stacks of buckets as few paths of upright lines, each from the ground: what is lower in a stack
    is drawn over what is higher. A box for each count would weigh ten times as much."""
    totals: Counter[str] = Counter()
    for *_, stack in full:
        totals.update(stack)
    order = [colour for colour, _ in totals.most_common()]
    found: dict[tuple[int, int], list[str]] = {}
    for left, right, stack in full:
        x, past = _x(period, left), _x(period, right)
        width, below, top = _width(past - x), 0, 0
        for level, colour in enumerate(order):
            if colour in stack:
                below += stack[colour]
                top = max(round(HEIGHT * below / highest), top + 1)
                found.setdefault((level, width), []).append(f"M{(x + past) // 2} 0V{top}")
    highest_first = sorted(found.items(), key=lambda one: -one[0][0])
    return [(order[level], width, "".join(lines)) for (level, width), lines in highest_first]


def _width(size: int) -> int:
    """The width of a bar in a bucket of a size: of few widths, so that months make one path."""
    return max(1, round(size * 0.9)) if size < 40 else size * 9 // 160 * 16


def _bar(period: Period, left: float, right: float, total: int) -> Bar:
    x, past = _x(period, left), _x(period, right)
    name = f"{period.bucket_name(left, right)}: {total} {'entry' if total == 1 else 'entries'}"
    return Bar(x, max(1, past - x), total, name, _zoom(period, left, right))


def _zoom(period: Period, left: float, right: float) -> str:
    """Where a click on a bucket leads: the unit itself where it is one, else the stretch."""
    unit = {"day": "day", "week": "week", "month": "month", "year": "year"}.get(period.cut)
    if unit:
        return periods.period_at(unit, left, period.zone).query
    if period.cut == "quarter":
        return periods.period_at("day", left, period.zone).query
    return f"scale=custom&from={left:.0f}&to={right:.0f}"


def _neighbours(
    frame: Frame, near: Sequence[Period], regions: Sequence[Island], homes: dict[tuple[str, ...], str]
) -> list[dict[str, Any]]:
    """Small histograms of the periods before and after, read at once."""
    if not near:
        return []
    cuts = [one.edges(NEAR_CUTS.get(one.scale, "")) for one in near]
    every = sorted({edge for edges in cuts for edge in edges})
    stacks = dict(zip(every, _stacks(frame.counts(every), regions, homes), strict=False))
    # What lies between the edges of two is the selected period: no bar of theirs.
    highest = _highest([stacks[left] for edges in cuts for left in edges[:-1] if left in stacks])
    return [_neighbour(one, edges, stacks, highest) for one, edges in zip(near, cuts, strict=True)]


def _neighbour(
    period: Period, edges: Sequence[float], stacks: Mapping[float, Mapping[str, int]], highest: int
) -> dict[str, Any]:
    full = [(left, right, stacks[left]) for left, right in pairwise(edges) if stacks.get(left)]
    total = sum(sum(stack.values()) for *_, stack in full)
    return {"period": period, "count": total, "strokes": _strokes(period, full, highest)}


def _scale(scale: str, period: Period) -> dict[str, Any]:
    """The unit around now if it is in view, else around the start (ui §4.13)."""
    inside = period.start <= now() < period.end
    moment = now() if inside or (period.scale not in periods.UNITS and inside) else period.start
    found = periods.period_at(scale, moment, period.zone)
    return {"name": periods.SCALE_NAMES[scale], "scale": scale, "query": found.query,
            "current": scale == period.scale}  # fmt: skip
