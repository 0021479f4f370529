"""Periods of time as the bar at the bottom knows them (ui §4.13). Bounds are local days of a zone, so
days of clock changes have 23 or 25 hours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pryvsite.web.comfort import current

UNITS = ("day", "week", "month", "half", "year")  # scales of whole units, smallest first
SCALES = (*UNITS, "all", "custom")
SCALE_NAMES = {
    "day": "Day",
    "week": "Week",
    "month": "Month",
    "half": "6 months",
    "year": "Year",
    "all": "All",
}
NEIGHBOURS = 3  # on each side of the selected period
MIN_YEAR, MAX_YEAR = 1, 9990
LAST_LABEL = 95.0  # per cent of the width; labels further right would be cut off
# Moments that can be shown: of years that all calendars and zones know.
EARLIEST = datetime(MIN_YEAR + 1, 1, 2, tzinfo=UTC).timestamp()
LATEST = datetime(MAX_YEAR - 1, 12, 30, tzinfo=UTC).timestamp()
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
SHORTEST, LONGEST = HOUR, 200 * 365 * DAY  # ranges that zooming makes
# Buckets of a range without a unit: the widest range (seconds) that is cut into each.
CUTS = ((2 * DAY, "hour"), (16 * DAY, "quarter"), (100 * DAY, "day"), (400 * DAY, "week"))
YEAR_CUT = 25 * 366 * DAY  # longer ranges are cut into years


@dataclass(frozen=True)
class Period:
    """A stretch of time `[start, end)` in Unix seconds."""

    scale: str
    start: float
    end: float
    zone: ZoneInfo

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start

    @property
    def first(self) -> datetime:
        """The local time at which it begins."""
        return datetime.fromtimestamp(self.start, self.zone)

    @property
    def last(self) -> datetime:
        """The local time of its last second."""
        return datetime.fromtimestamp(self.end - 1, self.zone)

    @property
    def label(self) -> str:
        """The period in words."""
        begin, last = self.first, self.last
        if self.scale == "day":
            return f"{begin:%A} {begin.day} {begin:%B %Y}"
        if self.scale == "week":
            left = f"{begin.day}" if begin.month == last.month else f"{begin.day} {begin:%b}"
            return f"{left} – {last.day} {last:%b %Y}"
        if self.scale == "month":
            return f"{begin:%B %Y}"
        if self.scale == "half":
            return f"{begin:%B} – {last:%B %Y}"
        if self.scale == "year":
            return str(begin.year)
        if self.scale == "all":
            return "All time"
        if self._whole_days():
            return f"{begin.day} {begin:%b %Y} – {last.day} {last:%b %Y}"
        return f"{begin.day} {begin:%b %Y, %H:%M} – {last.day} {last:%b %Y, %H:%M}"

    @property
    def note(self) -> str:
        """What stands beside the label: the ISO number of a week."""
        return f"Week {(self.first + timedelta(days=3)).isocalendar().week}" if self.scale == "week" else ""

    @property
    def short(self) -> str:
        """The label among neighbours."""
        begin = self.first
        formats = {
            "month": f"{begin:%b}",
            "half": f"{begin:%b} – {self.last:%b %y}",
            "year": str(begin.year),
            "all": "All time",
        }
        return formats.get(self.scale, f"{begin.day} {begin:%b}")

    @property
    def query(self) -> str:
        """The period as a query string."""
        if self.scale in ("custom", "all"):
            return f"scale={self.scale}&from={self.start:.0f}&to={self.end:.0f}"
        return f"scale={self.scale}&from={self.start:.0f}"

    def _whole_days(self) -> bool:
        end = datetime.fromtimestamp(self.end, self.zone)
        return not (self.first.hour or self.first.minute or end.hour or end.minute)

    def shifted(self, count: int) -> "Period":
        """The period `count` units later (earlier when negative)."""
        if self.scale not in UNITS:
            start = min(max(self.start + self.length * count, EARLIEST), max(LATEST - self.length, EARLIEST))
            return Period("custom", start, min(start + self.length, LATEST), self.zone)
        return _whole(self.scale, _step(self.scale, self.first.date(), count), self.zone)

    def neighbours(self) -> list["Period"]:
        """Those before, this one, those after; a range over everything has none."""
        if self.scale == "all":
            return [self]
        near = [self.shifted(count) for count in range(-NEIGHBOURS, NEIGHBOURS + 1)]
        near[NEIGHBOURS] = self
        return near

    @property
    def cut(self) -> str:
        """What its buckets are: hours, quarters of days, days, weeks, months, years (ui §4.13, 1)."""
        fixed = {"day": "hour", "week": "quarter", "month": "day", "half": "week", "year": "week"}
        if self.scale in fixed:
            return fixed[self.scale]
        longest = "month" if self.length <= YEAR_CUT else "year"
        return next((unit for limit, unit in CUTS if self.length <= limit), longest)

    def edges(self, cut: str = "") -> list[float]:
        """The bounds of its buckets: whole units, those at the ends cut off."""
        return bounds(cut or self.cut, self.start, self.end, self.zone)

    def ticks(self) -> list[tuple[float, str]]:
        """Labels of the time axis: (share of the width in per cent, text)."""
        names: dict[str, tuple[str, Callable[[datetime], str]]] = {
            "day": ("hour", lambda d: f"{d:%H:%M}"),
            "week": ("day", lambda d: f"{d:%a} {d.day}"),
            "month": ("week", lambda d: f"{d.day} {d:%b}"),
            "half": ("month", lambda d: f"{d:%b}"),
            "year": ("month", lambda d: f"{d:%b}"),
        }
        unit, name = names.get(self.scale, self._axis())
        marks = [mark for mark in bounds(unit, self.start, self.end, self.zone)[:-1] if mark >= self.start]
        if self.scale == "month" and marks[0] == self.start and len(marks) > 5:
            marks = [marks[0], *marks[2:]] if marks[1] - marks[0] < 3 * DAY else marks
        every = 3 if self.scale == "day" else max(1, -(-len(marks) // 12))
        shown = [m for m in marks[::every] if self.share(m) <= LAST_LABEL]
        return [(self.share(m), name(datetime.fromtimestamp(m, self.zone))) for m in shown]

    def _axis(self) -> tuple[str, Callable[[datetime], str]]:
        """Unit and label of the axis of a range."""
        if self.length <= 2 * DAY:
            return "hour", lambda d: f"{d:%H:%M}"
        if self.length <= 40 * DAY:
            return "day", lambda d: f"{d.day} {d:%b}"
        if self.length <= 800 * DAY:
            return "month", lambda d: f"{d:%b %y}"
        return "year", lambda d: str(d.year)

    def share(self, moment: float) -> float:
        """Where a moment lies, in per cent of the width."""
        return round(100 * (moment - self.start) / (self.end - self.start), 3)

    def clamp(self, moment: float) -> float:
        """The moment itself, or the nearer end (ui §4.13, highlighted time)."""
        return min(max(moment, self.start), self.end)

    def bucket_name(self, start: float, end: float) -> str:
        """One bucket in words."""
        begin, last = datetime.fromtimestamp(start, self.zone), datetime.fromtimestamp(end - 1, self.zone)
        if self.cut in ("hour", "quarter"):
            past = datetime.fromtimestamp(end, self.zone)
            return f"{begin:%a} {begin.day} {begin:%b}, {begin:%H:%M} – {past:%H:%M}"
        if begin.date() == last.date():
            return f"{begin:%a} {begin.day} {begin:%b %Y}"
        if self.cut == "month":
            return f"{begin:%B %Y}"
        if self.cut == "year":
            return str(begin.year)
        return f"{begin.day} {begin:%b} – {last.day} {last:%b %Y}"


def bounds(unit: str, start: float, end: float, zone: ZoneInfo) -> list[float]:
    """Where units of local time begin between two moments, with both moments themselves."""
    marks = [start]
    day = datetime.fromtimestamp(start, zone).date()
    while True:
        day, more = _marks(unit, day, zone)
        marks += [mark for mark in more if marks[-1] < mark < end]
        if more[-1] >= end:
            return [*marks, end]


def _marks(unit: str, day: date, zone: ZoneInfo) -> tuple[date, list[float]]:
    """The beginnings of units from a day on, up to that of the next unit or day, and that day."""
    if unit in ("hour", "quarter"):
        following = day + timedelta(days=1)
        first, past = _midnight(day, zone), _midnight(following, zone)
        if unit == "quarter":
            hours = [
                datetime(day.year, day.month, day.day, h, tzinfo=zone).timestamp() for h in (0, 6, 12, 18)
            ]
            return following, [*hours, past]
        return following, [first + HOUR * i for i in range(round((past - first) / HOUR))] + [past]
    following = _step(unit, _first_of(unit, day), 1)
    return following, [_midnight(following, zone)]


def _first_of(unit: str, day: date) -> date:
    if unit == "week":
        return day - timedelta(days=(day.weekday() - current().first_weekday) % 7)
    if unit == "month":
        return day.replace(day=1)
    if unit == "half":
        return day.replace(month=1 if day.month <= 6 else 7, day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _step(unit: str, day: date, count: int) -> date:
    if unit == "day":
        return day + timedelta(days=count)
    if unit == "week":
        return day + timedelta(weeks=count)
    months = day.year * 12 + day.month - 1 + count * {"month": 1, "half": 6, "year": 12}[unit]
    return date(min(max(months // 12, MIN_YEAR), MAX_YEAR), months % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _whole(scale: str, first: date, zone: ZoneInfo) -> Period:
    return Period(scale, _midnight(first, zone), _midnight(_step(scale, first, 1), zone), zone)


def day_bounds(start: float, end: float, zone: ZoneInfo) -> list[float]:
    """The local midnights around a range: that at or before its start to that at or after its end."""
    day = datetime.fromtimestamp(start, zone).date()
    marks = [_midnight(day, zone)]
    while marks[-1] < end:
        day += timedelta(days=1)
        marks.append(_midnight(day, zone))
    return marks


def month_bounds(start: float, end: float, zone: ZoneInfo) -> list[float]:
    """The local beginnings of months around a range: that at or before its start to that at or after its
    end."""
    day = datetime.fromtimestamp(start, zone).date().replace(day=1)
    marks = [_midnight(day, zone)]
    while marks[-1] < end:
        day = _first_of("month", day + timedelta(days=31))
        marks.append(_midnight(day, zone))
    return marks


@lru_cache(maxsize=4096)
def month_days(first: float, zone: ZoneInfo) -> tuple[float, ...]:
    """The bounds of the days of the month that begins at a moment."""
    following = datetime.fromtimestamp(first, zone).date() + timedelta(days=31)
    return tuple(day_bounds(first, _midnight(following.replace(day=1), zone), zone))


def period_at(scale: str, moment: float, zone: ZoneInfo) -> Period:
    """The whole day, week (from the day that the reader chose), month, half or year around a moment."""
    return _whole(scale, _first_of(scale, datetime.fromtimestamp(moment, zone).date()), zone)


def initial_period(latest: float | None, now: float, zone: ZoneInfo) -> Period:
    """The week, month or year around now that holds the newest data; else the year of that data."""
    if latest is None:
        return period_at("week", now, zone)
    for scale in ("week", "month", "year"):
        period = period_at(scale, now, zone)
        if period.start <= latest < period.end:
            return period
    return period_at("year", latest, zone)


def zoomed(period: Period, moment: float, *, inward: bool) -> Period:
    """The next shorter period around a moment of it, or the next longer one: the next unit, else half or
    twice as long."""
    if period.scale in UNITS:
        index = UNITS.index(period.scale) + (-1 if inward else 1)
        if 0 <= index < len(UNITS):
            return period_at(UNITS[index], moment, period.zone)
    length = period.length / 2 if inward else period.length * 2
    if not SHORTEST <= length <= LONGEST:
        return period
    start = moment - length / 2 if inward else period.start - length / 4
    start = round(start / MINUTE) * MINUTE
    return Period("custom", start, start + length, period.zone)


def whole_time(oldest: float | None, latest: float | None, now: float, zone: ZoneInfo) -> Period:
    """From the day of the oldest data to that of the newest."""
    if oldest is None or latest is None:
        return period_at("year", now, zone)
    days = day_bounds(oldest, latest + 1, zone)
    return Period("all", days[0], days[-1], zone)


def from_query(scale: str, start: str, end: str, now: float, zone: ZoneInfo) -> Period | None:
    """The period of a query string, or None when it names none that makes sense."""
    begin = moment_of(start, zone)
    if scale in ("custom", "all"):
        stop = moment_of(end, zone)
        return Period(scale, begin, stop, zone) if begin is not None and stop and begin < stop else None
    if scale not in UNITS:
        return None
    return period_at(scale, now if begin is None else begin, zone)


def local_time(moment: float, zone: ZoneInfo) -> datetime | None:
    """The local date and time of a moment; None where the calendar doesn't reach."""
    return datetime.fromtimestamp(moment, zone) if EARLIEST <= moment < LATEST else None


def moment_of(text: str, zone: ZoneInfo) -> float | None:
    """Unix seconds, or a local date and time as forms send them."""
    try:
        found = datetime.fromisoformat(text).replace(tzinfo=zone) if "-" in text[1:] else None
        moment = found.timestamp() if found else float(text)
        year = datetime.fromtimestamp(moment, zone).year
    except (ValueError, OverflowError, OSError):
        return None
    return moment if MIN_YEAR < year < MAX_YEAR else None
