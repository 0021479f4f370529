"""Periods of the time bar: whole local units, without gaps, through clock changes."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.dashboard import periods, ranges
from events.dashboard.periods import SCALES, Period, from_query, initial_period, period_at, whole_time

ZURICH = ZoneInfo("Europe/Zurich")
zones = st.sampled_from([ZoneInfo(n) for n in ("UTC", "Europe/Zurich", "America/New_York", "Asia/Kathmandu")])
scales = st.sampled_from(["day", "week", "month", "half", "year"])
moments = st.floats(min_value=0, max_value=4e9)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH).timestamp()


@given(scales, moments, zones)
def test_a_period_holds_its_moment_and_touches_its_neighbours(
    scale: str, moment: float, zone: ZoneInfo
) -> None:
    period = period_at(scale, moment, zone)
    assert period.start <= moment < period.end
    near = period.neighbours()
    assert all(left.end == right.start for left, right in pairwise(near))
    assert near[3] == period


@given(scales, moments, zones)
def test_buckets_fill_the_period(scale: str, moment: float, zone: ZoneInfo) -> None:
    period = period_at(scale, moment, zone)
    edges = period.edges()
    assert (edges[0], edges[-1]) == (period.start, period.end)
    assert all(left < right for left, right in pairwise(edges))
    assert all(0 <= share < 100 for share, _ in period.ticks())


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_days_of_clock_changes(day: str, hours: int) -> None:
    period = period_at("day", at(f"{day} 12:00"), ZURICH)
    assert period.end - period.start == hours * 3600


@pytest.mark.parametrize(
    ("scale", "label"),
    [
        ("day", "Monday 23 November 2026"),
        ("week", "23 – 29 Nov 2026"),
        ("month", "November 2026"),
        ("half", "July – December 2026"),
        ("year", "2026"),
    ],
)
def test_labels(scale: str, label: str) -> None:
    assert period_at(scale, at("2026-11-23 10:00"), ZURICH).label == label


@pytest.mark.parametrize(
    ("latest", "scale", "start"),
    [
        (None, "week", "2026-11-23"),
        ("2026-11-24", "week", "2026-11-23"),
        ("2026-11-02", "month", "2026-11-01"),
        ("2026-02-02", "year", "2026-01-01"),
        ("2020-05-05", "year", "2020-01-01"),
    ],
)
def test_initial_period_shows_the_newest_data(latest: str | None, scale: str, start: str) -> None:
    moment = at(f"{latest} 08:00") if latest else None
    period = initial_period(moment, at("2026-11-25 10:00"), ZURICH)
    assert (period.scale, f"{period.first:%Y-%m-%d}") == (scale, start)


def test_custom_range_from_a_form() -> None:
    period = from_query("custom", "2026-11-03T10:00", "2026-11-09T12:30", 0.0, ZURICH)
    assert period is not None
    assert (period.start, period.end) == (at("2026-11-03 10:00"), at("2026-11-09 12:30"))
    assert period.shifted(-1).end == period.start


@pytest.mark.parametrize(
    ("start", "end"), [("", ""), ("2", "1"), ("x", "3"), ("1e400", "2e400"), ("nan", "5"), ("-1e12", "5")]
)
def test_custom_range_without_sense(start: str, end: str) -> None:
    assert from_query("custom", start, end, 0.0, ZURICH) is None


@given(st.integers(0, 4 * 10**9), st.integers(60, 4 * 10**9), zones)
def test_any_range_is_cut_into_buckets(start: int, length: int, zone: ZoneInfo) -> None:
    period = from_query("custom", str(start), str(start + length), 0.0, zone)
    assert period is not None
    edges = period.edges()
    assert (edges[0], edges[-1]) == (period.start, period.end)
    assert all(left < right for left, right in pairwise(edges))
    assert len(edges) <= 420


def test_quarters_of_days_keep_to_the_clock() -> None:
    week = period_at("week", at("2026-10-25 12:00"), ZURICH)
    hours = [datetime.fromtimestamp(edge, ZURICH).hour for edge in week.edges()]
    assert hours == [0, 6, 12, 18] * 7 + [0]


def test_all_time_reaches_from_the_first_day_to_the_last() -> None:
    period = whole_time(at("2020-02-03 10:00"), at("2026-11-23 10:00"), 0.0, ZURICH)
    assert (period.start, period.end) == (at("2020-02-03"), at("2026-11-24"))
    assert period.scale in SCALES


@pytest.mark.parametrize(
    ("scale", "inward", "found"),
    [("week", True, "day"), ("week", False, "month"), ("half", False, "year"), ("day", True, "custom"),
     ("year", False, "custom"), ("custom", True, "custom"), ("custom", False, "custom")],
)  # fmt: skip
def test_zooming(scale: str, inward: bool, found: str) -> None:
    zone = ZoneInfo("Europe/Zurich")
    moment = datetime(2026, 3, 29, 12, tzinfo=zone).timestamp()
    period = (
        Period("custom", moment - 9999, moment + 5000, zone)
        if scale == "custom"
        else period_at(scale, moment, zone)
    )
    zoomed = periods.zoomed(period, moment, inward=inward)
    assert zoomed.scale == found
    assert zoomed.start <= moment < zoomed.end
    assert (zoomed.length < period.length) == inward


@given(st.floats(-1e10, 1e11), st.floats(1, 1e10), st.lists(st.booleans(), max_size=40))
def test_zooming_ends_somewhere(start: float, length: float, ways: list[bool]) -> None:
    period = Period("custom", start, start + length, ZoneInfo("UTC"))
    for inward in ways:
        period = periods.zoomed(period, (period.start + period.end) / 2, inward=inward)
    assert period.label


def test_ranges_that_were_typed_are_offered_again() -> None:
    session: dict[str, object] = {}
    assert ranges.remember(session, "", "") == []
    for words in ("june 2025", "3  nov", "June 2025", "last 7 days", "2024", "2023", "2022"):
        found = ranges.remember(session, words, "")
    assert found == ["2022", "2023", "2024", "June 2025"]
    assert ranges.remember(session, "nonsense", "No such range.") == found
