"""What the generators of a made-up life give: entries, files, and days of a zone."""

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Wire = dict[str, Any]
ZONE = ZoneInfo("Europe/Zurich")  # where the life is lived
HOUR, DAY = 3600.0, 86400.0
OWNER = "owner"


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file with its bytes."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """An event before it has an id; `author` is a role, not an access."""

    stream: str
    type: str
    time: float
    content: Any = None
    duration: float | None = 0
    description: str = ""
    author: str = OWNER
    files: tuple[MadeFile, ...] = ()
    points: tuple[tuple[float, list[Any]], ...] = ()  # of a series: (seconds since `time`, values)
    trashed: bool = False
    also: str = ""  # a second stream


@dataclass(frozen=True)
class Span:
    """The days of a life: `days` days up to the moment `until` (Unix seconds)."""

    until: float
    days: int
    seed: int

    def rng(self, habit: str) -> random.Random:
        """Chance that belongs to one habit, so that habits don't disturb each other."""
        return random.Random(f"{self.seed}:{habit}")  # noqa: S311 (made-up data)

    def each(self) -> Iterator[tuple[int, date]]:
        """Number and date of each day, the last one being that of `until`."""
        last = datetime.fromtimestamp(self.until, ZONE).date()
        for number in range(self.days):
            yield number, last - timedelta(days=self.days - 1 - number)

    def at(self, day: date, hour: float) -> float:
        """A local time of a day, in whole seconds."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        return float(round((midnight + timedelta(hours=hour)).timestamp()))


def made_id(rng: random.Random) -> str:
    """An id of the usual form, from the given chance."""
    first, rest = string.ascii_lowercase, string.ascii_lowercase + string.digits
    return rng.choice(first) + "".join(rng.choices(rest, k=23))
