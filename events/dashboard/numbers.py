"""Charts of numbers: one series per stream, type and field, in buckets (ui §4.6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from events import types
from events.dashboard.charts import Chart, Point, Series, draw, number_text
from events.dashboard.frame import Frame, kind
from events.dashboard.periods import DAY
from events.dashboard.selection import Tree
from events.dashboard.settings import ChartSettings, adds_up, cut_of, settings_of
from events.piles import Pile, total
from events.units import field_unit, scale_of

MAX_LINES = 6
MAX_DOTS = 420  # points of a tile in all; more lines make coarser buckets


@dataclass
class Figure:
    """A chart with the value at the highlighted moment."""

    chart: Chart | None
    value: str
    unit: str
    delta: str = ""
    caption: str = ""  # what the buckets are, for bars and bands
    more: int = 0  # series left out
    series: list[Series] = field(default_factory=list)


@dataclass(frozen=True)
class _Key:
    stream_id: str
    type: str
    field: str


def figure(
    frame: Frame, members: frozenset[str], kinds: Sequence[str], nodes: Mapping[str, Tree], at: float | None
) -> Figure:
    """The chart of an island's events of some kinds."""
    loose = _loose(frame, members, kinds)
    of = frame.types_of(kinds)
    whole = _by_key(frame.piles([frame.period.start, frame.period.end], of), members, kinds, loose)
    keys = sorted(whole, key=lambda key: -sum(count for _, (count, *_) in whole[key]))
    if not keys:
        return Figure(None, "", "")
    shown, chosen = keys[:MAX_LINES], {}
    for key in shown:
        chosen[key] = settings_of(nodes.get(key.stream_id, {}).get("clientData"), key.type)
    series = _series(frame, shown, chosen, members, kinds, loose, nodes)
    return finish(frame, series, len(keys) - len(shown), at)


def _loose(frame: Frame, members: frozenset[str], kinds: Sequence[str]) -> list[Pile]:
    """Events that run or last into the period: with their value at their beginning, if that is shown."""
    both = (*frame.running, *frame.lasting)
    return [pile for pile in both if _fits(pile, members, kinds) and pile.newest >= frame.period.start]


def _fits(pile: Pile, members: frozenset[str], kinds: Sequence[str]) -> bool:
    return not members.isdisjoint(pile.place) and kind(pile) in kinds


Values = list[tuple[int, list[float]]]  # bucket, then count, sum, lowest, highest, last, time


def _by_key(
    buckets: Sequence[Iterable[Pile]], members: frozenset[str], kinds: Sequence[str], loose: Sequence[Pile]
) -> dict[_Key, Values]:
    found: dict[_Key, dict[int, list[float]]] = {}
    for index, bucket in enumerate(buckets):
        for pile in bucket:
            if _fits(pile, members, kinds):
                _take(found, index, pile, members)
    for pile in loose:
        _take(found, len(buckets) - 1, pile, members)
    return {key: sorted(values.items()) for key, values in found.items()}


def _take(found: dict[_Key, dict[int, list[float]]], index: int, pile: Pile, members: frozenset[str]) -> None:
    stream_id = next(sid for sid in pile.place if sid in members)
    for name, value in pile.values.items():
        known = found.setdefault(_Key(stream_id, pile.type, name), {}).setdefault(
            index, [0, 0.0, value[2], value[3], value[4], pile.newest]
        )
        known[0] += value[0]
        known[1] = total((known[1], value[1]))
        known[2] = min(known[2], value[2])
        known[3] = max(known[3], value[3])
        if pile.newest >= known[5]:
            known[4:] = [value[4], pile.newest]


def _series(
    frame: Frame,
    keys: Sequence[_Key],
    chosen: Mapping[_Key, ChartSettings],
    members: frozenset[str],
    kinds: Sequence[str],
    loose: Sequence[Pile],
    nodes: Mapping[str, Tree],
) -> list[Series]:
    """The lines, each in the buckets that its settings and its operation want."""
    read: dict[str, dict[_Key, Values]] = {}
    of = frame.types_of(kinds)
    found = []
    for key in keys:
        settings = chosen[key]
        operation = settings.transform or ("sum" if adds_up(key.type) else "avg")
        fine = operation not in ("sum", "count") and settings.style != "bar"
        cut = cut_of(settings.interval, frame.period, fine=fine)
        if fine and cut == "day" and frame.period.length / DAY * len(keys) > MAX_DOTS:
            cut = "week"
        edges = frame.period.edges(cut)
        if cut not in read:
            read[cut] = _by_key(frame.piles(edges, of), members, kinds, loose)
        values = read[cut].get(key, [])
        style = settings.style or ("bar" if operation in ("sum", "count") else "line")
        raw = [_point(frame, edges, index, value, operation, style) for index, value in values]
        counting = operation == "count"
        points, unit = (raw, "entries") if counting else in_units_liked(key.type, key.field, raw)
        one = Series(_name(key, keys, nodes), unit, points, style, axis=unit or key.type,
                     total=operation in ("sum", "count"), stream_id=key.stream_id, type=key.type)  # fmt: skip
        one.colour = settings.css
        found.append(one)
    return found


def _point(
    frame: Frame, edges: Sequence[float], index: int, value: list[float], operation: str, style: str
) -> Point:
    count, whole, low, high, last, newest = value
    average = rounded(whole / count) if count > 1 else last
    result = {"sum": whole, "avg": average, "min": low, "max": high, "count": count, "last": last,
              "none": last}[operation]  # fmt: skip
    left, right = frame.period.share(edges[index]) / 100, frame.period.share(edges[index + 1]) / 100
    # A value that is alone in its bucket stands at its own time.
    middle = (left + right) / 2
    x = frame.period.share(newest) / 100 if count == 1 and style != "bar" else middle
    return Point(min(max(x, 0.0), 1.0), result, low, high, right - left, newest)


def rounded(value: float) -> float:
    """An average with as many decimals as it deserves."""
    return round(value, 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 2)


def in_units_liked(event_type: str, field: str, points: list[Point]) -> tuple[list[Point], str]:
    """Points and unit as the reader likes them; those of fields have the unit of the field."""
    if field:
        return points, field_unit(event_type, field)
    factor, offset, unit = scale_of(event_type)
    if factor == 1 and offset == 0:
        return points, unit

    def liked(value: float) -> float:
        return total((value * factor, offset))

    return [replace(p, value=liked(p.value), low=liked(p.low), high=liked(p.high)) for p in points], unit


def _name(key: _Key, keys: Sequence[_Key], nodes: Mapping[str, Tree]) -> str:
    """The field where there are several, the stream where there are several, else the stream."""
    stream = str(nodes.get(key.stream_id, {}).get("name", key.stream_id))
    label = key.field.replace("_", " ").replace(".", " ").capitalize()
    streams = {other.stream_id for other in keys}
    same = [other for other in keys if other.stream_id == key.stream_id and other.field == key.field]
    kind_name = types.class_name(key.type.partition("/")[0]) if len(same) > 1 else ""
    parts = [stream if len(streams) > 1 or not (label or kind_name) else "", label, kind_name]
    return " ".join(part for part in parts if part)


def finish(frame: Frame, series: list[Series], more: int, at: float | None) -> Figure:
    series = [one for one in series if one.points]
    if not series:
        return Figure(None, "", "")
    share = None if at is None else frame.period.share(at) / 100
    lone = (
        len(series) == 1
        and len(series[0].points) == 1
        and series[0].points[0].low == series[0].points[0].high
    )
    chart = draw(series, frame.period.ticks(), share)
    first = chart.lines[0]
    value = f"{first.value} / {chart.lines[1].value}" if _is_pair(series) else first.value
    figure = Figure(None if lone else chart, value, first.unit, more=more, series=series)
    if lone:
        figure.caption = moment_text(frame, series[0].points[0].newest)
    else:
        figure.caption = _caption(series)
        figure.delta = _delta(frame, series)
        chart.rows = _rows(frame, series)
    return figure


def _is_pair(series: Sequence[Series]) -> bool:
    """Two fields of one measurement, such as blood pressure."""
    if len(series) < 2 or len({one.axis for one in series[:2]}) > 1:
        return False
    return (series[0].stream_id, series[0].type) == (series[1].stream_id, series[1].type)


def _caption(series: Sequence[Series]) -> str:
    if len(series) > 1 or not any(p.low < p.high for p in series[0].points):
        return ""
    return "Total" if series[0].total else "Average, lowest and highest"


def _delta(frame: Frame, series: Sequence[Series]) -> str:
    """The change over the period in words, for what doesn't add up."""
    one = series[0]
    if one.total or len(one.points) < 3 or len({s.axis for s in series}) > 1 or _is_pair(series):
        return ""
    change = rounded(one.points[-1].value - one.points[0].value)
    sign = "+" if change > 0 else ""
    first = datetime.fromtimestamp(one.points[0].newest, frame.period.zone)
    since = f"{first:%B}" if frame.period.length > 62 * DAY else f"{first.day} {first:%b}"
    return f"{sign}{number_text(change)} since {since}"


def _rows(frame: Frame, series: Sequence[Series]) -> list[tuple[str, list[str]]]:
    """The data table: a row for each moment, newest first."""
    moments: dict[int, dict[int, str]] = {}
    for index, one in enumerate(series):
        for p in one.points:
            moments.setdefault(round(p.x * 1000), {})[index] = number_text(p.value)
    rows = []
    for x in sorted(moments, reverse=True):
        moment = frame.period.start + frame.period.length * x / 1000
        rows.append((moment_text(frame, moment), [moments[x].get(i, "") for i in range(len(series))]))
    return rows


def moment_text(frame: Frame, moment: float) -> str:
    """A date, with the time of day in short periods."""
    local = datetime.fromtimestamp(moment, frame.period.zone)
    if frame.period.length > 40 * DAY:
        return f"{local.day} {local:%B %Y}"
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
