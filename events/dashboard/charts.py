"""Numbers as fluid SVG: positions in per cent, paths in a box of 1000 × 1000 (design §5)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from statistics import median

from events.piles import total
from pryvsite.web.comfort import current

BOX = 1000
Corner = tuple[float, float]  # x and y in the box


@dataclass(frozen=True)
class Point:
    """What a bucket of a series shows."""

    x: float  # share of the width, 0 to 1
    value: float
    low: float
    high: float
    width: float = 0.0  # share of the width that a bar takes
    newest: float = 0.0  # when its last value was taken


@dataclass
class Series:
    """One series before drawing."""

    name: str
    unit: str
    points: list[Point]
    style: str = "line"  # bar, line, spline, point
    colour: str = ""  # a style class of its own
    axis: str = ""  # series of the same axis share a scale
    total: bool = False  # whether values are sums
    stream_id: str = ""
    type: str = ""


@dataclass
class Drawn:
    """One series as drawn, with what the page needs to read values off."""

    name: str
    unit: str
    css: str
    colour: str
    path: str = ""
    band: str = ""
    bars: str = ""
    dots: str = ""
    data: str = ""  # x in thousandths and values: "x,v;x,v"
    low: float = 0.0
    high: float = 1.0
    at: tuple[float, float] | None = None  # per cent from left and top of the highlighted point
    value: str = ""
    told: bool = False  # whether the legend tells the value: no scale does, or only the right one


@dataclass
class Chart:
    """A chart as drawn, and its sentence for those who can't see it. Two scales stand left and right; the
    values of more are told in the legend alone."""

    lines: list[Drawn]
    y_labels: list[tuple[float, str]]  # per cent from top, text
    x_labels: list[tuple[float, str]]
    summary: str
    at: float | None = None  # per cent from left of the highlighted moment
    rows: list[tuple[str, list[str]]] = field(default_factory=list)  # the data table
    y_right: list[tuple[float, str]] = field(default_factory=list)
    units: list[str] = field(default_factory=list)  # of the scales, where there are several


def number_text(value: float) -> str:
    """A number with at most two decimals and thin grouping; very large and small ones with an exponent."""
    if value and not 0.005 <= abs(value) < 1e15:
        exact = Decimal(value) if isinstance(value, int) else value  # there are integers beyond all floats
        text = f"{exact:.2e}".replace("e+0", "e").replace("e-0", "e−").replace("e+", "e").replace("e-", "e−")
        return _localised(text) if abs(value) >= 1e-6 or value == 0 else "0"
    text = f"{value:,.2f}"
    text = text.rstrip("0").rstrip(".").replace(",", "\u202f")
    return _localised(text) or "0"


def _localised(text: str) -> str:
    """With a true minus, and the decimal mark that the reader likes."""
    text = text.replace("-", "−")
    return text.replace(".", ",") if current().decimal == "comma" else text


def tick_text(value: float) -> str:
    """A label of the scale: thousands as `10k`."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size <= abs(value) < size * 1000 and (size > 1e3 or abs(value) >= 1e4 or value % 1000 == 0):
            return number_text(value / size) + letter
    return number_text(value)


RESOLUTION = 1e-9  # smaller differences, against the values, are none: no step would tell them apart


def nice_ticks(low: float, high: float, count: int = 3) -> list[float]:
    """Round values from at most `low` to at least `high`."""
    if high - low <= RESOLUTION * max(abs(low), abs(high)):
        spread = abs(low) * 0.1 or 1.0
        low, high = total((low, -spread)), total((high, spread))
    raw = (high - low) / count
    if not math.isfinite(raw) or raw <= 0:
        return [low, high]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((power * f for f in (1, 2, 2.5, 5, 10) if power * f >= raw), power * 10)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(step * i, 10) for i in range(first, min(last, first + 12) + 1)]


def draw(
    series: Sequence[Series], x_labels: list[tuple[float, str]], at: float | None, *, band: bool = True
) -> Chart:
    """Draw series; those of one axis share a scale. `at` is the highlighted share of the width."""
    axes: dict[str, list[float]] = {}
    lone = band and len(series) == 1
    for one in series:
        spread = [v for p in one.points for v in ((p.low, p.high) if lone and not one.total else (p.value,))]
        axes.setdefault(one.axis, []).extend(spread)
        if one.style == "bar":
            axes[one.axis].append(0.0)
    for axis, values in axes.items():
        values += _stacked([one for one in series if one.axis == axis and one.style == "bar"])
    scales = {axis: nice_ticks(min(values), max(values)) for axis, values in axes.items()}
    bases: dict[tuple[str, int], float] = {}
    lines = [_drawn(one, index, scales[one.axis], at, lone, bases) for index, one in enumerate(series)]
    most = 5 if len(scales) == 1 else 3
    labels = [_labels(ticks, most) for ticks in scales.values()] if len(scales) <= 2 else []
    for line, one in zip(lines, series, strict=True):
        line.told = len(scales) > 2 or one.axis != series[0].axis
    chart = Chart(lines, [], x_labels, _summary(series), None if at is None else round(at * 100, 2))
    chart.y_labels, chart.y_right = [*labels, [], []][:2]
    chart.units = [_unit(axis, series) for axis in scales] if len(scales) > 1 else []
    return chart


def _labels(ticks: Sequence[float], most: int) -> list[tuple[float, str]]:
    """Where labels of a scale stand, in per cent from the top."""
    inner = ticks if len(ticks) <= most else ticks[:: math.ceil(len(ticks) / most)]
    return [(_top(tick, ticks[0], ticks[-1]) / 10, tick_text(tick)) for tick in inner]


def _unit(axis: str, series: Sequence[Series]) -> str:
    return next(one.unit for one in series if one.axis == axis)


def _summary(series: Sequence[Series]) -> str:
    parts = []
    for one in series:
        values = [p.value for p in one.points]
        span = f"from {number_text(min(values))} to {number_text(max(values))} {one.unit}".strip()
        parts.append(f"{one.name}: {len(values)} values, {span}")
    return "; ".join(parts)


def _top(value: float, low: float, high: float) -> float:
    # Halves, for the distance between the largest numbers is none; the smallest have none.
    height = high / 2 - low / 2
    return round(BOX * ((high / 2 - value / 2) / height), 1) if height > 0 else BOX / 2


def _stacked(series: Sequence[Series]) -> list[float]:
    """The heights of stacks of bars."""
    heights: dict[int, float] = {}
    for one in series:
        for p in one.points:
            x = round(p.x * BOX)
            heights[x] = total((heights.get(x, 0.0), max(p.value, 0.0)))
    return list(heights.values())


def _drawn(
    one: Series,
    index: int,
    ticks: Sequence[float],
    at: float | None,
    lone: bool,
    bases: dict[tuple[str, int], float],
) -> Drawn:
    """`bases` holds how high the bars of an axis are stacked so far."""
    low, high = ticks[0], ticks[-1]
    css = f"-{index + 1}" if index and not one.colour else ""
    line = Drawn(one.name, one.unit, css, one.colour, low=low, high=high)
    corners = [(p.x * BOX, _top(p.value, low, high)) for p in one.points]
    if one.style == "bar":
        line.bars = bars(one, low, high, bases)
    elif one.style == "point":
        line.dots = " ".join(f"M{x:.0f} {y:.0f}h0" for x, y in corners)
    else:
        parts = runs(corners)
        line.path = "".join(spline(part) if one.style == "spline" else polyline(part) for part in parts)
        single = [part[0] for part in parts if len(part) == 1]
        line.dots = " ".join(f"M{x:.0f} {y:.0f}h0" for x, y in (corners if len(corners) <= 32 else single))
        if lone and any(p.low < p.high for p in one.points):
            line.band = area(one.points, parts, low, high)
    line.data = ";".join(f"{p.x * BOX:.0f},{p.value:.6g}" for p in one.points)
    near = nearest(one.points, at)
    if near is not None:
        line.at = (round(near.x * 100, 2), _top(near.value, low, high) / 10)
        line.value = number_text(near.value)
    return line


def nearest(points: Sequence[Point], at: float | None) -> Point | None:
    """The point next to a share of the width; the last one where none is given."""
    if not points:
        return None
    return points[-1] if at is None else min(points, key=lambda p: abs(p.x - at))


def runs(corners: Sequence[Corner]) -> list[list[Corner]]:
    """Split where values are missing: further apart than three of the usual steps."""
    if len(corners) < 3:
        return [list(corners)] if corners else []
    steps = [b[0] - a[0] for a, b in pairwise(corners)]
    limit = median(steps) * 3.05
    parts = [[corners[0]]]
    for step, corner in zip(steps, corners[1:], strict=True):
        if step > limit:
            parts.append([])
        parts[-1].append(corner)
    return parts


def polyline(part: Sequence[Corner]) -> str:
    """A path of straight lines."""
    if len(part) < 2:
        return ""
    return "M" + " ".join(f"{x:.0f} {y:.0f}" for x, y in part)


def spline(part: Sequence[Corner]) -> str:
    """A smooth path that never swings beyond its values (monotone cubic)."""
    if len(part) < 3:
        return polyline(part)
    slopes = _slopes(part)
    text = f"M{part[0][0]:.0f} {part[0][1]:.0f}"
    for (a, b), (left, right) in zip(pairwise(part), pairwise(slopes), strict=True):
        third = (b[0] - a[0]) / 3
        text += (
            f"C{a[0] + third:.0f} {a[1] + left * third:.0f} {b[0] - third:.0f} {b[1] - right * third:.0f}"
            f" {b[0]:.0f} {b[1]:.0f}"
        )
    return text


def _slopes(part: Sequence[Corner]) -> list[float]:
    steps = [(b[1] - a[1]) / ((b[0] - a[0]) or 1) for a, b in pairwise(part)]
    inner = [
        0.0 if left * right <= 0 else 2 * left * right / (left + right) for left, right in pairwise(steps)
    ]
    return [steps[0], *inner, steps[-1]]


def bars(one: Series, low: float, high: float, bases: dict[tuple[str, int], float]) -> str:
    """One path of all bars, from zero or from the bars below them."""
    parts = []
    for p in one.points:
        key = (one.axis, round(p.x * BOX))
        base = bases.get(key, 0.0) if p.value > 0 else 0.0
        bases[key] = total((base, max(p.value, 0.0)))
        foot, top = _top(base, low, high), _top(total((base, p.value)), low, high)
        width = p.width * BOX * 0.84
        parts.append(f"M{p.x * BOX - width / 2:.1f} {foot:.0f}h{width:.1f}V{top:.0f}h-{width:.1f}z")
    return "".join(parts)


def area(points: Sequence[Point], parts: Sequence[Sequence[Corner]], low: float, high: float) -> str:
    """The band from lowest to highest, for each run of points."""
    text, start = "", 0
    for part in parts:
        run = points[start : start + len(part)]
        start += len(part)
        if len(run) > 1:
            upper = [f"{p.x * BOX:.0f} {_top(p.high, low, high):.0f}" for p in run]
            lower = [f"{p.x * BOX:.0f} {_top(p.low, low, high):.0f}" for p in reversed(run)]
            text += f"M{' '.join(upper)} {' '.join(lower)}z"
    return text
