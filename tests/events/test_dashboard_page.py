"""The dashboard and its forms without script (ui §4)."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from pryvsite.kernel.clock import now
from tests.accesses.test_pages import text
from tests.cast import PASSWORD, Api

GIF = bytes.fromhex("47494638396101000100800000ff0000ffffff2c00000000010001000002024401003b")


@pytest.fixture
def page(alice: Api) -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.post("/signin", {"login": "alice", "password": PASSWORD})
    return client


def add(page: Client, kind: str, **fields: Any) -> Any:
    return page.post(f"/u/alice/add?kind={kind}", {"stream": "diary", **fields})


def test_first_run(page: Client) -> None:
    assert "Welcome, alice" in text(page.get("/u/alice/"))


def test_others_are_sent_to_sign_in_or_get_nothing(page: Client, carol: Api) -> None:
    assert Client().get("/u/alice/").headers["Location"] == "/signin?next=/u/alice/"
    assert Client().get("/u/nobody42/").headers["Location"] == "/signin?next=/u/nobody42/"
    assert page.get("/u/carol/").status_code == page.get("/u/nobody42/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "fields", "shown"),
    [
        ("note", {"content": "Walked <b>far</b>"}, "Walked &lt;b&gt;far&lt;/b&gt;"),
        ("number", {"content": "71.25", "type": "mass/kg"}, "71.25"),
        ("position", {"latitude": "46.5", "longitude": "6.6"}, "46.50000, 6.60000"),
        ("picture", {"pictures": SimpleUploadedFile("dot.gif", GIF, content_type="image/gif")}, "<img"),
    ],
)
def test_adding_shows_on_the_dashboard(page: Client, kind: str, fields: dict[str, Any], shown: str) -> None:
    response = add(page, kind, **fields)
    assert response.status_code == 303
    assert shown in page.get(response.headers["Location"]).content.decode()


@pytest.mark.parametrize(
    ("kind", "fields", "problem"),
    [
        ("note", {"content": ""}, "Write something first."),
        ("note", {"content": "x", "stream": ""}, "Pick a stream first."),
        ("note", {"content": "x", "stream": "+"}, "Give the new stream a name."),
        ("note", {"content": "x", "stream": "+", "new_stream": "Diary"}, "already exists"),
        ("note", {"content": "x", "stream": "none"}, "Unknown streamIds"),
        ("number", {"content": "many", "type": "mass/kg"}, "Give a number."),
        ("position", {"latitude": "91", "longitude": "0"}, "less than or equal to 90"),
        ("picture", {}, "Choose at least one picture."),
        (
            "picture",
            {"pictures": SimpleUploadedFile("a.txt", b"x", content_type="text/plain")},
            "Only pictures",
        ),
    ],
)
def test_mistakes_are_told(alice: Api, page: Client, kind: str, fields: dict[str, Any], problem: str) -> None:
    response = add(page, kind, **fields)
    assert (response.status_code, problem in text(response)) == (422, True)
    assert alice.events("?limit=9") == []


def test_a_new_stream_is_made_while_adding(alice: Api, page: Client) -> None:
    add(page, "note", content="x", stream="+", new_stream="Garden")
    assert [s["name"] for s in alice.trees()] == ["Diary", "Garden"]


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
    assert content.count('class="m-path"') == 2
    assert content.count('role="img"') >= 5


def test_trash_and_restore(alice: Api, page: Client) -> None:
    event = alice.event("diary")
    path = f"/u/alice/event/{event['id']}"
    assert "hello" in text(page.get(path))
    page.post(f"{path}/trash", {"action": "trash"})
    assert "hello" not in text(page.get("/u/alice/"))
    assert "in the trash" in text(page.get(path))
    page.post(f"{path}/trash", {"action": "restore"})
    assert "trashed" not in alice.get(f"events/{event['id']}")["event"]


def test_files_are_for_their_owner(alice: Api, page: Client, carol: Api) -> None:
    add(page, "picture", pictures=SimpleUploadedFile("dot.svg", b"<svg/>", content_type="image/svg+xml"))
    event = alice.get("events")["events"][0]
    path = f"/u/alice/file/{event['id']}/{event['attachments'][0]['id']}"
    response = page.get(path)
    assert response.status_code == 200
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert Client().get(path).status_code == 302
    stranger = Client()
    stranger.post("/signin", {"login": "carol", "password": PASSWORD})
    assert stranger.get(path).status_code == 404


def test_cost_does_not_grow(alice: Api, page: Client, django_assert_max_num_queries: Any) -> None:
    for i in range(30):
        alice.event("diary", content=f"note {i}")
    for i in range(10):
        alice.stream(f"stream-{i}")
    with django_assert_max_num_queries(20):
        page.get("/u/alice/")
