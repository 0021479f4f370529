"""Ranges of time in words: "last 2 weeks", "3 nov – 9 nov", "2025-06", "yesterday" (ui §4.13, 3)."""

import re
from collections.abc import MutableMapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from events.dashboard.periods import HOUR, Period, moment_of, period_at

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
UNITS = {"day": "day", "week": "week", "month": "month", "year": "year"}
HELP = "Try “last 2 weeks”, “3 Nov – 9 Nov”, “June 2025” or “yesterday”."
QUICK = (
    ("Last 24 hours", "last 24 hours"),
    ("Last 7 days", "last 7 days"),
    ("Last 30 days", "last 30 days"),
    ("Last 3 months", "last 3 months"),
    ("Last 6 months", "last 6 months"),
    ("Last 12 months", "last 12 months"),
    ("This week", "this week"),
    ("This month", "this month"),
    ("Last year", "last year"),
    ("All time", "all"),
)
RECENT = 4  # ranges in words that are offered again
_KEY = "ranges"
_NUMBERED = re.compile(r"(?:last|past)\s+(\d{1,4})\s*(h|hours?|d|days?|w|weeks?|m|months?|y|years?)")
_UNIT = re.compile(r"(this|last|previous|next)\s+(day|week|month|year)")
_MONTH = re.compile(r"([a-z]{3,9})\.?\s*(\d{4})?")
_DAY = re.compile(r"(\d{1,2})\.?\s+([a-z]{3,9})\.?\s*(\d{4})?")
_SPLIT = re.compile(r"\s+(?:–|—|-|to|until)\s+|\s*[–—]\s*|\.\.")


def parse_range(text: str, now: float, zone: ZoneInfo) -> Period | None:
    """The period that words mean; None where they mean none."""
    words = " ".join(text.lower().replace(",", " ").split())
    if not words:
        return None
    found = _relative(words, now, zone) or _single(words, now, zone)
    if found:
        return found
    parts = _SPLIT.split(words)
    if len(parts) != 2:
        return None
    first, last = _single(parts[0], now, zone), _single(parts[1], now, zone)
    if first is None and last is not None and re.fullmatch(r"\d{1,2}\.?", parts[0]):
        month = f"{last.first:%b %Y}".lower()  # "3 – 9 nov"
        first = _single(f"{parts[0]} {month}", now, zone)
    if first is None or last is None or first.start >= last.end:
        return None
    return Period("custom", first.start, last.end, zone)


def remember(session: MutableMapping[str, Any], text: str, problem: str) -> list[str]:
    """The ranges that somebody typed last in this session, the newest first; nonsense isn't among them."""
    kept: list[str] = session.get(_KEY, [])
    words = " ".join(text.split())[:80]
    if not words or problem or words.lower() in {quick for _, quick in QUICK}:
        return kept
    found = [words, *(one for one in kept if one.lower() != words.lower())][:RECENT]
    if found != kept:
        session[_KEY] = found
    return found


def _relative(words: str, now: float, zone: ZoneInfo) -> Period | None:
    if words in ("today", "now"):
        return period_at("day", now, zone)
    if words == "yesterday":
        return period_at("day", now, zone).shifted(-1)
    if match := _UNIT.fullmatch(words):
        count = {"this": 0, "next": 1}.get(match[1], -1)
        return period_at(UNITS[match[2]], now, zone).shifted(count)
    if match := _NUMBERED.fullmatch(words):
        return _last(int(match[1]), match[2][0], now, zone)
    return None


def _last(count: int, unit: str, now: float, zone: ZoneInfo) -> Period | None:
    """So many units until now: hours to the hour, the others with today as their last day."""
    if not count:
        return None
    if unit == "h":
        end = (now // HOUR + 1) * HOUR
        return Period("custom", end - count * HOUR, end, zone)
    today = period_at("day", now, zone)
    if unit in "dw":
        day = today.first.date() + timedelta(days=1 - count * (7 if unit == "w" else 1))
    else:
        months = today.first.year * 12 + today.first.month - 1 - count * (12 if unit == "y" else 1)
        if months < 24:
            return None
        day = _day(months // 12, months % 12 + 1, today.first.day) + timedelta(days=1)
    start = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
    return Period("custom", start, today.end, zone)


def _single(words: str, now: float, zone: ZoneInfo) -> Period | None:
    """One day, month or year, or a moment."""
    today = datetime.fromtimestamp(now, zone).date()
    if match := re.fullmatch(r"(\d{4})(?:-(\d{2}))?", words):
        month = int(match[2] or 1)
        if 1 <= month <= 12 and int(match[1]) > 1:
            return _at("month" if match[2] else "year", date(int(match[1]), month, 1), zone)
        return None
    if (match := _MONTH.fullmatch(words)) and match[1][:3] in MONTHS:
        return _at("month", date(int(match[2] or today.year), MONTHS.index(match[1][:3]) + 1, 1), zone)
    if (match := _DAY.fullmatch(words)) and match[2][:3] in MONTHS:
        year = int(match[3] or today.year)
        try:
            return _at("day", date(year, MONTHS.index(match[2][:3]) + 1, int(match[1])), zone)
        except ValueError:
            return None
    moment = moment_of(words, zone) if "-" in words or re.fullmatch(r"\d{9,11}(\.\d+)?", words) else None
    return None if moment is None else period_at("day", moment, zone)


def _at(unit: str, day: date, zone: ZoneInfo) -> Period | None:
    if not 1 < day.year < 9990:
        return None
    return period_at(unit, datetime(day.year, day.month, day.day, tzinfo=zone).timestamp(), zone)


def _day(year: int, month: int, day: int) -> date:
    """That day of the month, or its last."""
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1
