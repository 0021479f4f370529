"""Charts of high-frequency series: bands from lowest to highest, so that no spike is lost (ui §4.5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from events import types
from events.dashboard.charts import Point, Series
from events.dashboard.frame import Frame
from events.dashboard.numbers import Figure, finish, in_units_liked
from events.dashboard.selection import Tree
from events.series.bands import Band, Bands

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
    lines: dict[str, dict[int, Band]] = {name: {} for name in fields}
    for event in events:
        _read(frame, event, fields, lines)
    series = []
    for name, values in lines.items():
        points, unit = in_units_liked(element, "" if name == VALUE else name, _points(values))
        label = _name(name, event=events[0], members=members, nodes=nodes)
        series.append(Series(label, unit, points, axis=unit or element, type=element))
    return finish(frame, series, 0, at)


def _read(
    frame: Frame, event: Mapping[str, Any], fields: Sequence[str], lines: dict[str, dict[int, Band]]
) -> None:
    moment = event["time"]
    span = (frame.period.start - moment, frame.period.end - moment)
    found = Bands(frame.actor.account_id, event["id"], span, BUCKETS).read(fields)
    for name, bands in zip(fields, found, strict=True):
        for index, band in bands.items():
            band.newest += moment
            known = lines[name].setdefault(index, band)
            if known is not band:
                known.take(band.count, band.total, band.low, band.high, band.newest)


def _points(values: Mapping[int, Band]) -> list[Point]:
    return [
        Point((index + 0.5) / BUCKETS, band.total / band.count, band.low, band.high, 1 / BUCKETS, band.newest)
        for index, band in sorted(values.items())
    ]


def _name(field: str, event: Mapping[str, Any], members: frozenset[str], nodes: Mapping[str, Tree]) -> str:
    if field != VALUE:
        return field.replace("_", " ").replace(".", " ").capitalize()
    stream_id = next((sid for sid in event["streamIds"] if sid in members), "")
    return str(nodes.get(stream_id, {}).get("name", types.class_name(str(event["type"]).partition("/")[0])))
