"""Charts of high-frequency series: bands from lowest to highest, so that no spike is lost (ui §4.5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from events import types
from events.dashboard.charts import Point, Series
from events.dashboard.frame import Frame
from events.dashboard.numbers import Figure, finish, in_units_liked
from events.dashboard.selection import Tree
from events.series import store

MAX_EVENTS = 12  # read for one chart, those nearest to the highlighted moment
MAX_FIELDS = 3
BUCKETS = 240
VALUE = "value"


def figure(
    frame: Frame,
    events: Sequence[Mapping[str, Any]],
    members: frozenset[str],
    nodes: Mapping[str, Tree],
    at: float | None,
) -> Figure:
    """The chart of series events that the actor was shown."""
    if not events:
        return Figure(None, "", "")
    element = str(events[0]["type"]).removeprefix(types.SERIES)
    fields = types.number_fields(element)[:MAX_FIELDS] or [VALUE]
    lines: dict[str, dict[int, list[float]]] = {name: {} for name in fields}
    for event in events:
        _read(frame, event, fields, lines)
    series = []
    for name, values in lines.items():
        points, unit = in_units_liked(element, "" if name == VALUE else name, _points(values))
        label = _name(name, event=events[0], members=members, nodes=nodes)
        series.append(Series(label, unit, points, axis=unit or element, type=element))
    return finish(frame, series, 0, at)


def _read(
    frame: Frame, event: Mapping[str, Any], fields: Sequence[str], lines: dict[str, dict[int, list[float]]]
) -> None:
    start, end = frame.period.start - event["time"], frame.period.end - event["time"]
    rows = store.read(frame.actor.account_id, event["id"], ["deltaTime", *fields], start, end, BUCKETS * 4)
    for delta, *values in rows:
        bucket = int((delta - start) / (end - start) * BUCKETS)
        for name, value in zip(fields, values, strict=True):
            if isinstance(value, int | float) and not isinstance(value, bool):
                known = lines[name].setdefault(bucket, [0, 0.0, value, value, 0.0])
                known[0] += 1
                known[1] += value
                known[2] = min(known[2], value)
                known[3] = max(known[3], value)
                known[4] = event["time"] + delta


def _points(values: Mapping[int, list[float]]) -> list[Point]:
    return [
        Point((bucket + 0.5) / BUCKETS, total / count, low, high, 1 / BUCKETS, newest)
        for bucket, (count, total, low, high, newest) in sorted(values.items())
    ]


def _name(field: str, event: Mapping[str, Any], members: frozenset[str], nodes: Mapping[str, Tree]) -> str:
    if field != VALUE:
        return field.replace("_", " ").replace(".", " ").capitalize()
    stream_id = next((sid for sid in event["streamIds"] if sid in members), "")
    return str(nodes.get(stream_id, {}).get("name", types.class_name(str(event["type"]).partition("/")[0])))
