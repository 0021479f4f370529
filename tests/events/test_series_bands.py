"""Bands of a series against its points: none is lost, none counted twice, extremes stay where they are."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.models import SeriesChunk
from events.series import blocks, store
from events.series.bands import Bands
from events.series.blocks import Block, block_of
from tests.cast import Api
from tests.events.test_get import actor_of

BITS = 3  # two fields
values = st.one_of(st.none(), st.integers(-50, 50), st.sampled_from([True, "text"]))
series = st.dictionaries(st.integers(0, 400), st.tuples(values, values), max_size=60)


@pytest.fixture
def series_event(alice: Api, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The account and an event with small blocks."""
    monkeypatch.setattr(blocks, "MOST", 12)
    event = alice.event("diary", type="series:position/wgs84", content=None, time=1000)
    return actor_of(alice).account_id, event["id"]


def is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)
@given(points=series, window=st.tuples(st.integers(-10, 300), st.integers(1, 420)), number=st.integers(1, 50))
def test_bands_hold_the_points(
    series_event: tuple[int, str],
    points: dict[int, tuple[Any, Any]],
    window: tuple[int, int],
    number: int,
) -> None:
    account_id, event_id = series_event
    SeriesChunk.objects.filter(account_id=account_id).delete()
    if points:
        rows = [(float(delta), *pair) for delta, pair in sorted(points.items())]
        store.write(account_id, event_id, block_of(BITS, [row[0] for row in rows], rows))
    start, end = float(window[0]), float(window[0] + window[1])
    found = Bands(account_id, event_id, (start, end), number).read(["latitude", "longitude", "speed"])
    assert found[2] == {}
    size = (end - start) / number
    for place in (0, 1):
        inside = {d: p[place] for d, p in points.items() if start <= d < end and is_number(p[place])}
        bands = found[place]
        assert sum(band.count for band in bands.values()) == len(inside)
        assert sum(band.total for band in bands.values()) == sum(inside.values())
        for index, band in bands.items():
            left, right = start + size * (index - 1) - 1e-6, start + size * (index + 2) + 1e-6
            near = [value for delta, value in inside.items() if left <= delta < right]
            assert band.low in near
            assert band.high in near
            assert left <= band.newest < right
        if inside:
            assert min(band.low for band in bands.values()) == min(inside.values())
            assert max(band.high for band in bands.values()) == max(inside.values())


def test_a_long_time_is_read_without_points(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    event = alice.event("diary", type="series:position/wgs84", content=None, time=1000)
    account_id = actor_of(alice).account_id
    for first in range(0, 20_000, 5000):
        store.write(
            account_id, event["id"], Block(1, [(float(i), i % 100) for i in range(first, first + 5000)])
        )
    monkeypatch.setattr(store, "points", None)
    connection.force_debug_cursor = True
    try:
        before = len(connection.queries_log)
        bands = Bands(account_id, event["id"], (-1e6, 1e6), 240).read(["latitude"])[0]
        assert len(connection.queries_log) - before == 2
    finally:
        connection.force_debug_cursor = False
    assert sum(band.count for band in bands.values()) == 20_000
    assert {(band.low, band.high) for band in bands.values()} == {(0, 99)}
