"""Numbers as fluid SVG: positions in per cent, paths in a box of 1000 × 1000 (design §5)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from events.dashboard.periods import Period

BOX = 1000.0
MAX_POINTS = 400  # of one line; more are thinned to lowest and highest of each stretch
Sample = tuple[float, float]  # (time, value)


@dataclass(frozen=True)
class Line:
    """One series as drawn."""

    name: str
    css: str
    path: str
    dots: list[tuple[float, float]]  # per cent from left and top


@dataclass(frozen=True)
class Chart:
    """A chart as drawn, and its sentence for those who can't see it."""

    lines: list[Line]
    y_labels: list[tuple[float, str]]  # (per cent from top, text)
    x_labels: list[tuple[float, str]]
    summary: str


def number_text(value: float) -> str:
    """A number with at most two decimals and thin grouping."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".").replace(",", "\u202f")
    return text.replace("-", "−") or "0"


def nice_ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round values from at most `low` to at least `high`."""
    if high <= low:
        spread = abs(low) * 0.1 or 1.0
        low, high = low - spread, high + spread
    raw = (high - low) / count
    if not math.isfinite(raw) or raw <= 0:
        return [low, high]
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((power * f for f in (1, 2, 2.5, 5, 10) if power * f >= raw), power * 10)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(step * i, 10) for i in range(first, min(last, first + 12) + 1)]


def chart(series: Sequence[tuple[str, Sequence[Sample]]], period: Period, unit: str) -> Chart:
    """A chart of one or several series that share a scale."""
    values = [value for _, samples in series for _, value in samples]
    ticks = nice_ticks(min(values), max(values))
    low, high = ticks[0], ticks[-1]

    def top(value: float) -> float:
        return round(100 * (high - value) / (high - low), 3) if high > low else 50.0

    lines = []
    for index, (name, samples) in enumerate(series):
        thin = thinned(sorted(samples))
        places = [(period.share(time), top(value)) for time, value in thin]
        path = " ".join(f"{'L' if i else 'M'}{x * 10:.1f} {y * 10:.1f}" for i, (x, y) in enumerate(places))
        css = f"ln-{index + 1}" if index else ""
        lines.append(Line(name, css, path if len(places) > 1 else "", places if len(places) <= 40 else []))
    y_labels = [(top(tick), number_text(tick)) for tick in ticks]
    span = f"from {number_text(min(values))} to {number_text(max(values))} {unit}"
    return Chart(lines, y_labels, period.ticks(), f"{len(values)} values {span}")


def thinned(samples: list[Sample]) -> list[Sample]:
    """At most about MAX_POINTS samples, keeping the extremes of each stretch."""
    if len(samples) <= MAX_POINTS:
        return samples
    size = math.ceil(len(samples) / (MAX_POINTS / 2))
    bounds = [*range(0, len(samples), size), len(samples)]
    kept: list[Sample] = []
    for start, end in pairwise(bounds):
        part = samples[start:end]
        ends = {min(part, key=lambda s: s[1]), max(part, key=lambda s: s[1])}
        kept.extend(sorted(ends))
    return kept
