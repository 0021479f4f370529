"""Periods of time as the bar at the bottom knows them (ui §4.13). Bounds are local days of a zone, so
days of clock changes have 23 or 25 hours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SCALES = ("day", "week", "month", "year", "custom")
NEIGHBOURS = 3  # on each side of the selected period
MIN_YEAR, MAX_YEAR = 1, 9990


@dataclass(frozen=True)
class Period:
    """A stretch of time `[start, end)` in Unix seconds."""

    scale: str
    start: float
    end: float
    zone: ZoneInfo

    @property
    def first(self) -> datetime:
        """The local time at which it begins."""
        return datetime.fromtimestamp(self.start, self.zone)

    @property
    def label(self) -> str:
        """The period in words."""
        begin, last = self.first, datetime.fromtimestamp(self.end - 1, self.zone)
        if self.scale == "day":
            return f"{begin:%A} {begin.day} {begin:%B %Y}"
        if self.scale == "week":
            left = f"{begin.day}" if begin.month == last.month else f"{begin.day} {begin:%b}"
            return f"{left} – {last.day} {last:%b %Y}"
        if self.scale == "month":
            return f"{begin:%B %Y}"
        if self.scale == "year":
            return str(begin.year)
        return f"{begin.day} {begin:%b %Y, %H:%M} – {last.day} {last:%b %Y, %H:%M}"

    @property
    def short(self) -> str:
        """The label among neighbours."""
        begin = self.first
        formats = {"month": f"{begin:%b}", "year": str(begin.year)}
        return formats.get(self.scale, f"{begin.day} {begin:%b}")

    @property
    def query(self) -> str:
        """The period as a query string."""
        if self.scale == "custom":
            return f"scale=custom&from={self.start:.0f}&to={self.end:.0f}"
        return f"scale={self.scale}&from={self.start:.0f}"

    def shifted(self, count: int) -> "Period":
        """The period `count` units later (earlier when negative)."""
        if self.scale == "custom":
            length = (self.end - self.start) * count
            return Period("custom", self.start + length, self.end + length, self.zone)
        return _whole(self.scale, _step(self.scale, self.first.date(), count), self.zone)

    def neighbours(self) -> list["Period"]:
        """Those before, this one, those after."""
        return [self.shifted(count) for count in range(-NEIGHBOURS, NEIGHBOURS + 1)]

    def edges(self) -> list[float]:
        """The bounds of the histogram's buckets: hours, quarters of days, days, weeks."""
        if self.scale == "day":
            return _ticks(self.start, self.end, 3600.0)
        if self.scale == "week":
            return _ticks(self.start, self.end, 21600.0)
        if self.scale == "month":
            return [p.start for p in self._parts("day")] + [self.end]
        if self.scale == "year":
            return [p.start for p in self._parts("month")] + [self.end]
        return _ticks(self.start, self.end, (self.end - self.start) / 30)

    def ticks(self) -> list[tuple[float, str]]:
        """Labels of the time axis: (share of the width in per cent, text)."""
        names: dict[str, tuple[str, Callable[[Period], str]]] = {
            "week": ("day", lambda p: f"{p.first:%a} {p.first.day}"),
            "month": ("week", lambda p: f"{p.first.day} {p.first:%b}"),
            "year": ("month", lambda p: f"{p.first:%b}"),
        }
        if self.scale in names:
            unit, name = names[self.scale]
            return [(self.share(p.start), name(p)) for p in self._parts(unit) if p.start >= self.start]
        count = 6
        moments = [self.start + (self.end - self.start) * i / count for i in range(count)]
        pattern = "%H:%M" if self.end - self.start <= 2 * 86400 else "%d %b"
        return [(self.share(m), f"{datetime.fromtimestamp(m, self.zone):{pattern}}") for m in moments]

    def share(self, moment: float) -> float:
        """Where a moment lies, in per cent of the width."""
        return round(100 * (moment - self.start) / (self.end - self.start), 3)

    def _parts(self, unit: str) -> list["Period"]:
        part = period_at(unit, self.start, self.zone)
        found = []
        while part.start < self.end:
            found.append(part)
            part = part.shifted(1)
        return found


def _ticks(start: float, end: float, width: float) -> list[float]:
    count = max(1, round((end - start) / width))
    return [start + (end - start) * i / count for i in range(count)] + [end]


def _step(scale: str, day: date, count: int) -> date:
    if scale == "day":
        return day + timedelta(days=count)
    if scale == "week":
        return day + timedelta(weeks=count)
    months = day.year * 12 + day.month - 1 + count * (12 if scale == "year" else 1)
    return date(min(max(months // 12, MIN_YEAR), MAX_YEAR), months % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _whole(scale: str, first: date, zone: ZoneInfo) -> Period:
    return Period(scale, _midnight(first, zone), _midnight(_step(scale, first, 1), zone), zone)


def period_at(scale: str, moment: float, zone: ZoneInfo) -> Period:
    """The whole day, week (from Monday), month or year around a moment."""
    day = datetime.fromtimestamp(moment, zone).date()
    if scale == "week":
        day -= timedelta(days=day.weekday())
    elif scale == "month":
        day = day.replace(day=1)
    elif scale == "year":
        day = day.replace(month=1, day=1)
    return _whole(scale, day, zone)


def initial_period(latest: float | None, now: float, zone: ZoneInfo) -> Period:
    """The week, month or year around now that holds the newest data; else the year of that data."""
    if latest is None:
        return period_at("week", now, zone)
    for scale in ("week", "month", "year"):
        period = period_at(scale, now, zone)
        if period.start <= latest < period.end:
            return period
    return period_at("year", latest, zone)


def from_query(scale: str, start: str, end: str, now: float, zone: ZoneInfo) -> Period | None:
    """The period of a query string, or None when it names none that makes sense."""
    begin = _moment(start, zone)
    if scale == "custom":
        stop = _moment(end, zone)
        return Period("custom", begin, stop, zone) if begin is not None and stop and begin < stop else None
    if scale not in SCALES:
        return None
    return period_at(scale, now if begin is None else begin, zone)


def _moment(text: str, zone: ZoneInfo) -> float | None:
    """Unix seconds, or a local date and time as forms send them."""
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=zone) if "-" in text[1:] else None
        moment = found.timestamp() if found else float(text)
        year = datetime.fromtimestamp(moment, zone).year
    except (ValueError, OverflowError, OSError):
        return None
    return moment if MIN_YEAR < year < MAX_YEAR else None
