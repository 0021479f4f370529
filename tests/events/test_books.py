"""Digests of days and months against the events themselves: any cut, any zone, after any change."""

from collections.abc import Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import rows
from events.digests import Book
from events.models import Event, EventStream
from events.piles import fewer
from tests.cast import Api
from tests.events.test_get import actor_of

DAY = 86400.0
YEAR_START = 1_698_000_000.0  # 22 October 2023: clocks change within days, a leap day follows
moments = st.floats(YEAR_START, YEAR_START + 500 * DAY, allow_nan=False)
zones = st.sampled_from(["UTC", "Europe/Zurich", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia"])


def everything(place: object) -> bool:
    return True


def put(account_id: int, times: Sequence[float], first: int = 0) -> None:
    rows.insert(account_id, [
        {"id": f"c{i:024}", "streamIds": ["diary"], "type": ("mass/kg", "count/steps")[i % 2], "time": moment,
         "content": i % 7, "duration": 5.0, "created": 1.0, "createdBy": "t", "modified": 1.0,
         "modifiedBy": "t"}
        for i, moment in enumerate(times, first)
    ])  # fmt: skip


def clear(account_id: int) -> None:
    EventStream.objects.filter(account_id=account_id).delete()
    Event.objects.filter(account_id=account_id).delete()


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)
@given(
    before=st.lists(moments, max_size=25),
    later=st.lists(moments, max_size=5),
    cuts=st.lists(moments, min_size=2, max_size=6, unique=True),
    zone=zones,
)
def test_buckets(alice: Api, before: list[float], later: list[float], cuts: list[float], zone: str) -> None:
    account_id, edges = actor_of(alice).account_id, sorted(cuts)
    clear(account_id)
    put(account_id, before)
    Book(account_id, ZoneInfo(zone)).refresh(edges[0], edges[-1])
    put(account_id, later, first=100)
    times = [*enumerate(before), *enumerate(later, 100)]
    book = Book(account_id, ZoneInfo(zone))
    book.refresh(edges[0], edges[-1])
    counted = book.counts(edges, everything)
    summed = book.piles(edges, everything, frozenset({"mass/kg"}))
    for (left, right), briefs, piles in zip(pairwise(edges), counted, summed, strict=True):
        inside = [(i, moment) for i, moment in times if left <= moment < right]
        assert sum(brief.count for brief in briefs) == len(inside)
        values = [i % 7 for i, _ in inside if i % 2 == 0]
        assert sum(pile.count for pile in piles) == len(values)
        assert sum(pile.values[""][1] for pile in piles) == sum(values)
        assert sum(pile.seconds for pile in piles) == 5 * len(values)
        if values:
            assert min(pile.values[""][2] for pile in piles) == min(values)
            assert max(pile.values[""][3] for pile in piles) == max(values)
            assert max(pile.newest for pile in piles) == max(m for i, m in inside if i % 2 == 0)


def test_a_limit_leaves_the_rest_for_later(alice: Api) -> None:
    account_id, zone = actor_of(alice).account_id, ZoneInfo("Europe/Zurich")
    clear(account_id)
    put(account_id, [YEAR_START + DAY * i for i in range(200)])
    edges = [YEAR_START - DAY, YEAR_START + 300 * DAY]

    def look() -> tuple[int, bool]:
        book = Book(account_id, zone, most=20)
        book.refresh(*edges)
        assert book.summed <= 20 + 16
        return sum(brief.count for brief in book.counts(edges, everything)[0]), book.complete

    looks = [look()]
    while not looks[-1][1]:
        looks.append(look())
    counts = [count for count, _ in looks]
    assert counts == sorted(counts)
    assert 0 < counts[0] < 200
    assert counts[-1] == 200


def test_what_is_out_of_date_is_left_out_until_it_is_made_again(alice: Api) -> None:
    account_id, zone = actor_of(alice).account_id, ZoneInfo("UTC")
    clear(account_id)
    put(account_id, [YEAR_START + DAY * i for i in range(20) for _ in range(3)])
    edges = [YEAR_START - DAY, YEAR_START + 30 * DAY]
    Book(account_id, zone).refresh(*edges)
    Event.objects.filter(account_id=account_id, id=f"c{0:024}").delete()
    Event.objects.filter(account_id=account_id, id=f"c{59:024}").delete()
    book = Book(account_id, zone, most=1)
    book.refresh(*edges)
    assert not book.complete
    assert (
        sum(brief.count for brief in book.counts(edges, everything)[0]) == 60 - 3 - 1
    )  # the older day is left out
    whole = Book(account_id, zone)
    whole.refresh(*edges)
    assert sum(brief.count for brief in whole.counts(edges, everything)[0]) == 58


@pytest.mark.parametrize("number", [20, 2000])
def test_a_book_reads_as_often_whatever_it_holds(alice: Api, number: int) -> None:
    account_id, zone = actor_of(alice).account_id, ZoneInfo("Europe/Zurich")
    clear(account_id)
    put(account_id, [YEAR_START + 365 * DAY * i / number for i in range(number)])
    edges = [YEAR_START, YEAR_START + 100 * DAY, YEAR_START + 365 * DAY]
    Book(account_id, zone).refresh(edges[0], edges[-1])
    book = Book(account_id, zone)
    before = len(connection.queries_log)
    connection.force_debug_cursor = True
    try:
        book.refresh(edges[0], edges[-1])
        book.counts(edges, everything)
        book.piles(edges, everything, frozenset({"mass/kg"}))
    finally:
        connection.force_debug_cursor = False
    assert len(connection.queries_log) - before <= 9


def test_fewer_positions_keep_trips_and_weights() -> None:
    spots = [(float(i), 46.0, 6.0, 1) for i in range(100)]
    spots[42] = (42.0, 10.0, 100.0, 1)
    found = fewer(spots, 8)
    assert len(found) == 8
    assert sum(weight for *_, weight in found) == 100
    assert any(spot[:3] == spots[42][:3] for spot in found)
