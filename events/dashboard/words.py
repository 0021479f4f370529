"""Moments and lengths of time in words (design §5, §8)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def when(moment: float, now: float, zone: ZoneInfo) -> str:
    """A moment, the nearer the shorter: "Today, 14:05", "Tue 3 Nov, 14:05", "3 Nov 2024"."""
    local, today = datetime.fromtimestamp(moment, zone), datetime.fromtimestamp(now, zone)
    if local.date() == today.date():
        return f"Today, {local:%H:%M}"
    if local.date() == (today - timedelta(days=1)).date():
        return f"Yesterday, {local:%H:%M}"
    if local.year == today.year:
        return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
    return f"{local.day} {local:%b %Y}, {local:%H:%M}"


def duration(seconds: float) -> tuple[str, str]:
    """A length of time in its two largest units: ("183 d", "9 h"); the second may be empty."""
    left = round(seconds)
    for name, size, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if left >= size:
            rest = left % size // part
            return f"{left // size} {name}", f"{rest} {smaller}" if rest else ""
    return f"{left} s", ""
