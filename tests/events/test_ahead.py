"""Accounts that aren't summed up yet: pages show what is, and the rest is made in the background."""

import threading
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from events import ahead, digest_store, rows, views
from events.digests import Book
from pryvsite import chores, live
from pryvsite.kernel.changes import Change
from tests.accesses.test_pages import text
from tests.cast import Api
from tests.events.test_get import actor_of

DAY = 86_400.0
START = 1_700_000_000.0  # 14 November 2023
NUMBER = 120
YEAR = "/u/alice/?scale=custom&from=1700000000&to=1731536000"


@pytest.fixture
def many(alice: Api) -> Iterator[int]:
    """An account with an event each second day, of which nothing is summed up; its id."""
    account_id = actor_of(alice).account_id
    rows.insert(account_id, [
        {"id": f"c{i:024}", "streamIds": ["diary"], "type": "mass/kg", "time": START + 2 * DAY * i,
         "content": i, "created": 1.0, "createdBy": "t", "modified": 1.0, "modifiedBy": "t"}
        for i in range(NUMBER)
    ])  # fmt: skip
    yield account_id
    ahead._lookers.clear()
    chores._hurried.clear()


def test_pages_show_what_there_is(many: int, page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 10)
    first = text(page.get(YEAR))
    assert "Adding up your entries" in first
    assert f"{NUMBER} entries in" not in first
    assert 0 < ahead.catch_up() < NUMBER
    whole = text(page.get(YEAR))
    assert "Adding up" not in whole
    assert f"{NUMBER} entries in" in whole


def test_looking_again_is_enough(many: int, page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 10)
    looks = 0
    while "Adding up" in text(page.get(YEAR)):
        looks += 1
        assert looks < NUMBER
    assert looks > 2
    assert f"{NUMBER} entries in" in text(page.get(YEAR))


def test_an_empty_stretch_of_what_is_left_isnt_called_empty(
    many: int, page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Book, "_make_all", lambda book, wanted: setattr(book, "complete", False))
    shown = text(page.get(YEAR))
    assert "Adding up your entries: 0 %" in shown
    assert "Nothing recorded" not in shown


def test_tiles_leave_much_work_to_others(
    many: int, page: Client, monkeypatch: pytest.MonkeyPatch, alice: Api
) -> None:
    tile = YEAR.replace("/?", "/tile?island=diary&kind=numbers:mass&")
    assert page.get(tile).status_code == 200
    assert digest_store.months(many, ZoneInfo("Europe/Zurich"), 0, 1e10) == []
    ahead.looked(many, zone := ZoneInfo("Europe/Zurich"), complete=True)
    ahead.catch_up()
    alice.event("diary", type="mass/kg", content=7, time=START + DAY)
    page.cookies["tz"] = zone.key
    assert f"{NUMBER + 1}" in text(page.get(tile))


def test_pages_that_wait_are_told(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, Change]] = []
    monkeypatch.setattr(live, "outlet", lambda account_id, change: told.append((account_id, change)))
    monkeypatch.setattr(ahead, "PART", 50)
    ahead.looked(many, ZoneInfo("UTC"), complete=False)
    assert ahead.catch_up() == NUMBER
    assert len(told) >= 2
    assert set(told) == {(many, Change.EVENTS)}
    assert ahead.catch_up() == 0


def test_who_looked_long_ago_is_forgotten(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead.looked(many, ZoneInfo("UTC"), complete=False)
    monkeypatch.setattr(ahead, "LATELY", -1.0)
    assert ahead.catch_up() == 0


def test_a_chore_can_be_hurried() -> None:
    turn = threading.Semaphore(0)

    def run() -> int:
        turn.release()
        return 0

    chores.start([chores.Chore("Test", run, every=1e6)])
    assert turn.acquire(timeout=60)
    chores.hurry(run)
    assert turn.acquire(timeout=60)
