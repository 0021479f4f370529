"""The dashboard and its forms without script (ui §4)."""

from typing import Any

import pytest
from django.test import Client

from pryvsite.kernel.clock import now
from tests.accesses.test_pages import text
from tests.cast import Api


def test_first_run(page: Client) -> None:
    assert "Welcome, alice" in text(page.get("/u/alice/"))


def test_others_are_sent_to_sign_in_or_get_nothing(page: Client, carol: Api) -> None:
    assert Client().get("/u/alice/").headers["Location"] == "/signin?next=/u/alice/"
    assert Client().get("/u/nobody42/").headers["Location"] == "/signin?next=/u/nobody42/"
    assert page.get("/u/carol/").status_code == page.get("/u/nobody42/").status_code == 404


def test_ticking_streams(alice: Api, page: Client) -> None:
    alice.stream("garden")
    alice.stream("roses", parent="garden")
    for stream_id in ("diary", "garden", "roses"):
        alice.event(stream_id, content=f"text of {stream_id}")

    def shown(query: str) -> set[str]:
        content = text(page.get(f"/u/alice/?scale=week{query}"))
        return {sid for sid in ("diary", "garden", "roses") if f"text of {sid}" in content}

    assert shown("") == {"diary", "garden", "roses"}
    assert shown("&streams=diary") == {"diary"}
    assert shown("&filter=1&s=garden&s=roses") == {"garden", "roses"}
    assert shown("&streams=roses") == {"roses"}
    assert "No stream selected" in text(page.get("/u/alice/?streams="))


def test_neighbours_are_drawn_as_high_as_their_own_most(alice: Api, page: Client) -> None:
    alice.event("diary", time=now() - 7 * 86_400)

    def drawn() -> Any:
        return page.get("/u/alice/?scale=week").context["bar"]["before"][-1]["strokes"]

    alone = drawn()
    assert alone
    for _ in range(20):
        alice.event("diary")
    assert drawn() == alone


def test_old_data_is_found(alice: Api, page: Client) -> None:
    alice.event("diary", time=1_000_000_000, content="long ago")
    assert "long ago" in text(page.get("/u/alice/"))
    empty = page.get("/u/alice/?scale=day").content.decode()
    assert "Nothing recorded in this period" in empty
    assert "Go there" in empty


@pytest.mark.parametrize(
    "query",
    ["scale=custom&from=2&to=1", "scale=x", "from=abc", "scale=day&from=1e99", "scale=year&from=-1e12"],
)
def test_senseless_periods_fall_back(page: Client, query: str) -> None:
    assert page.get(f"/u/alice/?{query}").status_code == 200


@pytest.mark.parametrize("scale", ["day", "week", "month", "year"])
def test_every_kind_at_every_scale(alice: Api, page: Client, scale: str) -> None:
    for i in range(3):
        moment = now() - i
        alice.event(
            "diary",
            type="blood-pressure/mmhg-bpm",
            content={"systolic": 120 + i, "diastolic": 80},
            time=moment,
        )
        alice.event("diary", type="position/wgs84", content={"latitude": 46 + i, "longitude": 6}, time=moment)
        alice.event("diary", type="activity/plain", content=None, duration=60, time=moment)
        alice.event("diary", type="custom/thing", content={"a": [1, {"b": None}]}, time=moment)
        alice.event("diary", type="mass/kg", content=1e300 if i else -5, time=moment)
    series = alice.event("diary", type="series:frequency/bpm", content=None, time=now() - 100)
    body = {
        "format": "flatJSON",
        "fields": ["deltaTime", "value"],
        "points": [[i, 60 + i] for i in range(50)],
    }
    assert alice.post(f"events/{series['id']}/series", body).status == 200
    route = alice.event("diary", type="series:position/wgs84", content=None, time=now() - 100)
    body = {
        "format": "flatJSON",
        "fields": ["deltaTime", "latitude", "longitude"],
        "points": [[0, 46, 6], [9, 46.1, 6]],
    }
    assert alice.post(f"events/{route['id']}/series", body).status == 200
    content = page.get(f"/u/alice/?scale={scale}").content.decode()
    assert 'class="m-path ' in content
    assert content.count('role="img"') >= 5


def test_cost_does_not_grow(alice: Api, page: Client, django_assert_max_num_queries: Any) -> None:
    for i in range(30):
        alice.event("diary", content=f"note {i}")
    for i in range(10):
        alice.stream(f"stream-{i}")
    page.cookies["tz"] = "UTC"  # a browser with script: tiles follow one by one
    page.get("/u/alice/?scale=week")
    with django_assert_max_num_queries(20):
        page.get("/u/alice/?scale=week")
    with django_assert_max_num_queries(14):
        page.get("/u/alice/tile?scale=week&island=diary&kind=notes")


class TestTime:
    """What the time bar's links ask for."""

    def test_now_is_followed(self, page: Client) -> None:
        content = page.get("/u/alice/?scale=week&at=now").content.decode()
        assert " data-follow>" in content
        assert "scale=week&amp;at=now" in content
        assert " data-follow>" not in page.get("/u/alice/?scale=week&from=0&at=now").content.decode()

    def test_the_address_of_now_stays_so(self, page: Client) -> None:
        answer = page.get("/u/alice/?scale=week&at=now", headers={"HX-Request": "true"})
        assert answer["HX-Push-Url"] == "/u/alice/?scale=week&at=now"

    def test_from_entry_to_entry(self, alice: Api, page: Client) -> None:
        times = [1_600_000_000.4, 1_600_000_100, 1_650_000_000]
        for moment in times:
            alice.event("diary", time=moment)

        def at(query: str) -> str:
            answer = page.get(f"/u/alice/?scale=week&from=1600000000&{query}", headers={"HX-Request": "true"})
            return str(answer["HX-Push-Url"]).rpartition("at=")[2]

        assert at("at=1600000000&go=after") == "1600000100"
        assert at("at=1600000100&go=before") == "1600000000"
        assert at("at=1600000100&go=after") == "1650000000"
        assert at("at=1600000000&go=before") == "1600000000"

    def test_zooming_and_ranges_typed_before(self, page: Client) -> None:
        page.get("/u/alice/?range=june+2025")
        content = page.get("/u/alice/?scale=week&go=out").content.decode()
        assert ">june 2025</a>" in content
        assert 'aria-current="true" data-scale="month"' in content
