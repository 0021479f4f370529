"""How a series is drawn: kept with its stream, as clients of the original dashboard keep it (ui §4.6).

`clientData["pryv-browser:charts"][type].settings = {color, style, transform, interval}`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from events.dashboard.colours import class_of, digits_of
from events.dashboard.periods import DAY, Period

KEY = "pryv-browser:charts"
STYLES = {"": "Automatic", "bar": "Bars", "line": "Line", "spline": "Smooth line", "point": "Points"}
OPERATIONS = {
    "": "Automatic",
    "none": "None",
    "sum": "Sum",
    "avg": "Average",
    "min": "Lowest",
    "max": "Highest",
    "count": "Count",
    "last": "Last",
}
INTERVALS = {
    "auto": "Automatic",
    "hourly": "Hourly",
    "daily": "Daily",
    "weekly": "Weekly",
    "monthly": "Monthly",
    "yearly": "Yearly",
}
_CUTS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
_ALIASES = {"points": "point", "splines": "spline", "average": "avg", "minimum": "min", "maximum": "max"}
# Classes whose values add up over time; of others the average tells more.
ADDING = frozenset({"money", "energy", "volume", "length", "time", "gas-consumption", "data-quantity"})


@dataclass(frozen=True)
class ChartSettings:
    """Settings of one series; empty for automatic."""

    color: str = ""
    style: str = ""
    transform: str = ""
    interval: str = "auto"

    @property
    def css(self) -> str:
        """The style class of the colour; empty for that of the stream."""
        digits = digits_of(self.color)
        return class_of(digits) if digits else ""

    def wire(self) -> dict[str, str]:
        """As it is stored."""
        return {name: value for name, value in vars(self).items() if value}


def settings_of(client_data: Any, event_type: str) -> ChartSettings:
    """What is stored for a type, nonsense left out."""
    charts = client_data.get(KEY) if isinstance(client_data, Mapping) else None
    of_type = charts.get(event_type) if isinstance(charts, Mapping) else None
    given = of_type.get("settings") if isinstance(of_type, Mapping) else None
    if not isinstance(given, Mapping):
        return ChartSettings()

    def read(name: str, known: Mapping[str, str], default: str = "") -> str:
        value = str(given.get(name) or default).lower()
        value = _ALIASES.get(value, value)
        return value if value in known else default

    color = given.get("color")
    return ChartSettings(
        color if isinstance(color, str) else "",
        read("style", STYLES),
        read("transform", OPERATIONS),
        read("interval", INTERVALS, "auto"),
    )


def classes_of(streams: Iterable[Mapping[str, Any]]) -> set[str]:
    """The style classes of all colours that were picked for charts of these streams."""
    found = set()
    for stream in streams:
        data = stream.get("clientData")
        charts = data.get(KEY) if isinstance(data, Mapping) else None
        for event_type in charts if isinstance(charts, Mapping) else ():
            found.add(settings_of(data, event_type).css)
    return found - {""}


def adds_up(event_type: str) -> bool:
    """Whether the sum of values is what one wants to see."""
    return event_type == "count/steps" or event_type.partition("/")[0] in ADDING


def cut_of(interval: str, period: Period, *, fine: bool) -> str:
    """The buckets of a chart: as set, unless that is too fine or too coarse for the period; else by the
    length. Fine ones suit lines, others bars."""
    if interval in _CUTS and _sensible(_CUTS[interval], period):
        return _CUTS[interval]
    length = period.length
    if fine:
        if length <= 8 * DAY:
            return "hour"
        return "day" if length <= 400 * DAY else "week" if length <= 1500 * DAY else "month"
    if length <= 2 * DAY:
        return "hour"
    return "day" if length < 60 * DAY else "month" if length < 3000 * DAY else "year"


def _sensible(cut: str, period: Period) -> bool:
    size = {"hour": DAY / 24, "day": DAY, "week": 7 * DAY, "month": 28 * DAY, "year": 365 * DAY}[cut]
    return period.length / size <= 400
