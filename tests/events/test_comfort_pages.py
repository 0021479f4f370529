"""Display settings, first steps, example, export, keys (ui §4.11, §4.12)."""

import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import Account
from events.dashboard.periods import period_at
from events.units import measured
from pryvsite.web.comfort import Comfort, using
from tests.accesses.test_pages import text
from tests.accesses.test_password_pages import turn_on
from tests.cast import Api


def save(page: Client, **given: str) -> Any:
    return page.post("/u/alice/settings", {"week": "monday", **given})


class TestSettings:
    """What is kept of how pages look."""

    def test_are_kept_for_the_account(self, alice: Api, page: Client) -> None:
        given = {
            "theme": "dark",
            "contrast": "more",
            "week": "sunday",
            "units": "imperial",
            "zone": "Asia/Tokyo",
            "decimal": "comma",
        }
        assert save(page, **given).status_code == 303
        shown = page.get("/u/alice/settings").content.decode()
        assert 'data-theme="dark"' in shown
        assert 'data-contrast="more"' in shown
        assert alice.get("profile/private")["profile"]["pryvsite"] == given
        elsewhere = Client(headers={"Accept": "text/html"})
        elsewhere.cookies = page.cookies.copy()
        del elsewhere.cookies["theme"]
        assert 'data-theme="dark"' in elsewhere.get("/u/alice/settings").content.decode()

    def test_the_zone_and_units_count(self, alice: Api, page: Client) -> None:
        made = alice.event("diary", type="temperature/c", content=20, time=1_750_000_000)
        assert "15:06" in text(page.get(f"/u/alice/event/{made['id']}"))
        save(page, zone="Asia/Tokyo", units="imperial")
        shown = text(page.get(f"/u/alice/event/{made['id']}"))
        assert "00:06" in shown
        assert "68 °F" in shown

    def test_what_is_no_choice(self, page: Client) -> None:
        assert save(page, theme="pink").status_code == 422
        assert save(page, zone="../etc/passwd").status_code == 422

    @pytest.mark.parametrize("stored", [None, [], {"pryvsite": 3}, {"pryvsite": {"theme": 1, "zone": "x"}}])
    def test_nonsense_counts_as_not_set(self, stored: Any) -> None:
        assert Comfort.of(stored) == Comfort()

    def test_other_keys_of_the_profile_stay(self, alice: Api, page: Client) -> None:
        alice.put("profile/private", {"other": 1, "pryvsite": {"steps": "hidden"}})
        save(page, theme="light")
        profile = alice.get("profile/private")["profile"]
        assert (profile["other"], profile["pryvsite"]["steps"]) == (1, "hidden")


@pytest.mark.parametrize(
    ("units", "event_type", "value", "shown"),
    [
        ("", "mass/kg", 70, (70, "Kg")),
        ("imperial", "mass/kg", 10, (22.046226218, "lb")),
        ("imperial", "temperature/c", 100, (212, "°F")),
        ("metric", "temperature/f", 212, (100, "°C")),
        ("imperial", "count/steps", 5, (5, "Steps")),
    ],
)
def test_units(units: str, event_type: str, value: float, shown: tuple[float, str]) -> None:
    with using(Comfort(units=units)):
        found, unit = measured(event_type, value)
    assert (round(found, 6), unit.lower()) == (round(shown[0], 6), shown[1].lower())


@pytest.mark.parametrize(("week", "first"), [("monday", 9), ("sunday", 15), ("saturday", 14)])
def test_the_week_begins_when_it_is_said_to(week: str, first: int) -> None:
    sunday = 1_749_988_800  # 15 June 2025, noon
    with using(Comfort(week=week)):
        period = period_at("week", sunday, ZoneInfo("UTC"))
    assert (period.first.day, period.end - period.start) == (first, 7 * 86400)


def test_charts_speak_in_the_units_chosen(alice: Api, page: Client) -> None:
    for number in range(2):
        alice.event("diary", type="mass/kg", content=100 + number, time=1_750_000_000 + number * 3600)
    path = "/u/alice/?scale=week&from=1750000000&tiles=all"
    assert "from 100 to 101 kg" in page.get(path).content.decode()
    save(page, units="imperial")
    assert "from 220.46 to 222.67 lb" in page.get(path).content.decode()


class TestFirstSteps:
    """The list for new accounts."""

    def test_can_be_put_away_and_back(self, page: Client) -> None:
        assert "First steps" in text(page.get("/u/alice/"))
        page.post("/u/alice/first-steps", {"action": "hide"})
        assert "First steps" not in text(page.get("/u/alice/")).replace("The first steps", "")
        page.post("/u/alice/first-steps", {"action": "show"})
        assert "First steps" in text(page.get("/u/alice/"))

    def test_lead_to_address_and_second_step(self, alice: Api, page: Client, settings: Any) -> None:
        first = page.get("/u/alice/").content.decode()
        assert 'href="/account/profile">Add address' not in first  # Alice gave one
        assert 'href="/account/security">Turn on' in first
        Account.objects.filter(username="alice").update(email=None)
        assert 'href="/account/profile">Add address' in page.get("/u/alice/").content.decode()
        turn_on(alice)
        done = page.get("/u/alice/")
        assert 'href="/account/security">Turn on' not in done.content.decode()
        assert "Sign in with two steps (done)" in text(done)
        settings.MFA_MODE = "disabled"
        assert "Sign in with two steps" not in text(page.get("/u/alice/"))

    def test_a_note_in_place(self, alice: Api, page: Client) -> None:
        page.post("/u/alice/add?kind=note", {"stream": "diary", "content": "first"})
        assert [event["content"] for event in alice.events()] == ["first"]


def test_example_comes_and_goes(alice: Api, page: Client) -> None:
    alice.event("diary", content="mine")
    shown = page.post("/u/alice/sample", {"action": "load"}, follow=True)
    assert "Remove the example" in text(shown)
    every = "?fromTime=0&toTime=3000000000&limit=10000"
    types = {event["type"] for event in alice.events(every)}
    assert types >= {
        "mass/kg",
        "blood-pressure/mmhg-bpm",
        "picture/attached",
        "position/wgs84",
        "activity/plain",
    }
    assert "there already" in text(page.post("/u/alice/sample", {"action": "load"}, follow=True))
    page.post("/u/alice/sample", {"action": "remove"})
    assert [event["content"] for event in alice.events(every)] == ["mine"]
    assert [tree["id"] for tree in alice.trees()] == ["diary"]


class TestExport:
    """What is filtered, as a file."""

    @pytest.fixture
    def filled(self, alice: Api) -> None:
        alice.stream("garden")
        alice.stream("roses", parent="garden")
        for number, stream in enumerate(("diary", "garden", "roses")):
            alice.event(stream, content=stream, time=1_750_000_000 + number * 86400)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", ["roses", "garden", "diary"]),
            ("?streams=garden", ["roses", "garden"]),
            ("?streams=garden!", ["garden"]),
            ("?streams=diary,roses", ["roses", "diary"]),
            ("?streams=", []),
            ("?streams=none", []),
            ("?scale=day&from=1750086400", ["garden"]),
        ],
    )
    def test_csv(self, filled: None, page: Client, query: str, found: list[str]) -> None:
        response = page.get(f"/u/alice/export.csv{query}")
        body = b"".join(response.streaming_content).decode("utf-8-sig")
        assert [row["content"] for row in csv.DictReader(io.StringIO(body))] == found

    def test_json(self, alice: Api, filled: None, page: Client) -> None:
        response = page.get("/u/alice/export.json")
        body = b"".join(response.streaming_content)
        assert b'"content":"roses"' in body
        assert body.startswith(b'{"events":[')

    def test_asks_first(self, filled: None, page: Client) -> None:
        asked = page.get("/u/alice/export?streams=garden&scale=day&from=1750086400")
        assert "garden" in text(asked)
        assert "/u/alice/export.csv?streams=garden" in asked.content.decode()
        dialog = page.get("/u/alice/export", headers={"HX-Request": "true"}).content.decode()
        assert dialog.lstrip().startswith("<dialog")


def test_keys(page: Client) -> None:
    assert "Add an entry" in text(page.get("/u/alice/keys"))
    assert "<dialog" in page.get("/u/alice/keys", headers={"HX-Request": "true"}).content.decode()


@pytest.mark.parametrize("path", ["settings", "keys", "export", "export.csv", "export.json", "trash", "live"])
def test_are_for_the_owner(page: Client, carol: Api, path: str) -> None:
    assert page.get(f"/u/carol/{path}").status_code == 404
    assert Client().get(f"/u/alice/{path}").status_code == 302
