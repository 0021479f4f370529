"""Adding with the page, without script (ui §4.7)."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from events.demo.pictures import jpeg as drawn
from tests.accesses.test_pages import text
from tests.cast import PASSWORD, Api

GIF = bytes.fromhex("47494638396101000100800000ff0000ffffff2c00000000010001000002024401003b")


def add(page: Client, kind: str, **fields: Any) -> Any:
    return page.post(f"/u/alice/add?kind={kind}", {"stream": "diary", **fields})


@pytest.mark.parametrize(
    ("kind", "fields", "shown"),
    [
        ("note", {"content": "Walked <b>far</b>"}, "Walked &lt;b&gt;far&lt;/b&gt;"),
        ("number", {"content": "71.25", "type": "mass/kg"}, "71.25"),
        ("position", {"content-latitude": "46.5", "content-longitude": "6.6"}, "46.50000, 6.60000"),
        ("picture", {"uploads": SimpleUploadedFile("dot.gif", GIF, content_type="image/gif")}, "<img"),
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
        ("number", {"content": "many", "type": "mass/kg"}, "Give a number, such as 72.5 or 72,5."),
        ("position", {"content-latitude": "91", "content-longitude": "0"}, "Between −90 and 90 expected."),
        ("picture", {}, "Choose at least one picture."),
        (
            "picture",
            {"uploads": SimpleUploadedFile("a.txt", b"x", content_type="text/plain")},
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


def test_files_are_for_their_owner(alice: Api, page: Client, carol: Api) -> None:
    add(page, "picture", uploads=SimpleUploadedFile("dot.svg", b"<svg/>", content_type="image/svg+xml"))
    event = alice.get("events")["events"][0]
    path = f"/u/alice/file/{event['id']}/{event['attachments'][0]['id']}"
    response = page.get(path)
    assert response.status_code == 200
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert Client().get(path).status_code == 302
    stranger = Client()
    stranger.post("/signin", {"login": "carol", "password": PASSWORD})
    assert stranger.get(path).status_code == 404


def newest(api: Api) -> dict[str, Any]:
    return api.events("?fromTime=0&toTime=3000000000")[0]


@pytest.mark.parametrize(
    ("kind", "fields", "wire"),
    [
        ("number",
         {"type": "blood-pressure/mmhg-bpm", "content-systolic": "122", "content-diastolic": "79,5"},
         {"type": "blood-pressure/mmhg-bpm", "content": {"systolic": 122, "diastolic": 79.5}}),
        ("activity", {"lasting": "running"}, {"type": "activity/plain", "duration": None}),
        ("activity", {"lasting": "for", "length": "1:30"}, {"duration": 5400}),
        ("activity", {"time": "2026-03-01T10:00", "lasting": "until", "end": "2026-03-01T10:20"},
         {"duration": 1200}),
        ("link", {"content": "https://example.org/"}, {"type": "url/http", "content": "https://example.org/"}),
        ("other", {"type": "music/basic", "content-title": "Étude", "content-year": "1830"},
         {"content": {"title": "Étude", "year": 1830}}),
        ("other", {"type": "custom/thing", "raw": '{"a": [1]}'},
         {"type": "custom/thing", "content": {"a": [1]}}),
        ("other", {"type": "boolean/bool", "content": "false"}, {"content": False}),
        ("other", {"type": "mood/emoticon", "content": ":)", "client_data": '{"x": 1}'},
         {"content": ":)", "clientData": {"x": 1}}),
        ("note", {"content": "a", "description": "b"}, {"content": "a", "description": "b"}),
    ],
)  # fmt: skip
def test_every_kind(
    alice: Api, page: Client, kind: str, fields: dict[str, Any], wire: dict[str, Any]
) -> None:
    assert add(page, kind, **fields).status_code == 303
    found = newest(alice)
    assert {name: found.get(name) for name in wire} == wire


@pytest.mark.parametrize(
    ("kind", "fields", "problem"),
    [
        ("number", {"type": "blood-pressure/mmhg-bpm", "content-systolic": "122"}, "Give a number."),
        ("link", {"content": "ftp://example.org"}, "begins with http:// or https://"),
        ("other", {"type": "custom/thing", "raw": "{"}, "This is not JSON"),
        ("other", {"type": "custom/thing"}, "Write the content as JSON."),
        ("other", {"type": "no type"}, "A type is a class and a format"),
        ("other", {"type": "music/basic", "content-year": "x"}, "Give a whole number."),
        ("other", {"type": "music/basic", "content-year": "1.5"}, "Give a whole number."),
        ("other", {"type": "file/attached"}, "This type needs a file."),
        ("note", {"content": "x", "client_data": "[1]"}, "must be a JSON object"),
        ("note", {"content": "x", "time": "yesterday"}, "not a date and time"),
        ("activity", {"lasting": "for", "length": "long"}, "Write how long"),
        ("activity", {"lasting": "until"}, "Give the end."),
        ("activity", {"time": "2026-03-01T10:00", "lasting": "until", "end": "2026-03-01T09:00"},
         "before the beginning"),
    ],
)  # fmt: skip
def test_more_mistakes(alice: Api, page: Client, kind: str, fields: dict[str, Any], problem: str) -> None:
    response = add(page, kind, **fields, description="kept text")
    assert (response.status_code, problem in text(response)) == (422, True)
    assert b"kept text" in response.content
    assert alice.events("?limit=9") == []


def test_a_wrong_content_makes_no_stream(alice: Api, page: Client) -> None:
    add(page, "link", content="nothing", stream="+", new_stream="Garden")
    assert [s["name"] for s in alice.trees()] == ["Diary"]


def test_a_new_stream_below_another(alice: Api, page: Client) -> None:
    add(page, "note", content="x", stream="+", new_stream="Garden", new_parent="diary")
    assert [s["name"] for s in alice.trees()[0]["children"]] == ["Garden"]


def test_in_several_streams(alice: Api, page: Client) -> None:
    alice.stream("garden")
    add(page, "note", content="x", also=["garden", "diary"])
    assert newest(alice)["streamIds"] == ["diary", "garden"]


def test_the_stream_in_focus_is_picked(alice: Api, page: Client) -> None:
    alice.stream("garden")
    assert 'value="garden" checked' in page.get("/u/alice/add?stream=garden").content.decode()
    assert 'value="diary" checked' in page.get("/u/alice/add?stream=none").content.decode()


def test_another_type_keeps_what_was_typed(page: Client) -> None:
    typed = {"type": "temperature/c", "content": "36.6", "description": "after sport", "step": "type"}
    response = add(page, "number", **typed)
    assert response.status_code == 200
    assert b"after sport" in response.content
    assert "°C" in response.content.decode()


def test_types_used_lately_come_first(alice: Api, page: Client) -> None:
    alice.event("diary", type="temperature/c", content=37)
    content = page.get("/u/alice/add?kind=number").content.decode()
    assert '<optgroup label="Used lately"><option value="temperature/c" selected>' in content


def jpeg(**where: Any) -> SimpleUploadedFile:
    picture = Image.new("RGB", (8, 8))
    content = drawn(picture, 1_750_000_000.0, where.get("place"))
    return SimpleUploadedFile("shot.jpg", content, content_type="image/jpeg")


def test_pictures_tell_their_time_and_place(alice: Api, page: Client) -> None:
    add(page, "picture", uploads=[jpeg(place=(46.5, -6.25))], as_taken="on", with_place="on")
    picture, place = sorted(alice.events("?fromTime=1749999999&toTime=1750000001"), key=lambda e: e["type"])
    assert (picture["type"], picture["time"]) == ("picture/attached", 1_750_000_000)
    assert place["content"] == {"latitude": 46.5, "longitude": -6.25}


def test_what_pictures_tell_is_offered_first(page: Client) -> None:
    page.cookies["tz"] = "Europe/Zurich"
    found = page.post("/u/alice/add/look", {"file": jpeg(place=(-1.5, 2))}).json()
    assert found == {"time": "2025-06-15T17:06:40", "place": [-1.5, 2.0]}
    nothing = SimpleUploadedFile("a.jpg", b"no picture", content_type="image/jpeg")
    assert page.post("/u/alice/add/look", {"file": nothing}).json() == {"time": None, "place": None}


def test_files_find_their_types(alice: Api, page: Client) -> None:
    files = [
        SimpleUploadedFile("a.pdf", b"x", content_type="application/pdf"),
        SimpleUploadedFile("b.wav", b"x", content_type="audio/wav"),
    ]
    assert add(page, "file", uploads=files).status_code == 303
    assert {event["type"] for event in alice.events()} == {"file/attached", "audio/attached"}
    for file in files:
        file.seek(0)
    add(page, "file", uploads=files, together="on")
    assert [len(e["attachments"]) for e in alice.events() if e["type"] == "file/attached-multiple"] == [2]


def test_a_note_with_files(alice: Api, page: Client) -> None:
    add(page, "note", content="see", uploads=[SimpleUploadedFile("a.txt", b"x", content_type="text/plain")])
    assert newest(alice)["attachments"][0]["fileName"] == "a.txt"


def test_one_by_one_with_script(alice: Api, page: Client) -> None:
    upload = {"X-Requested-With": "upload"}
    fields = {"stream": "diary", "uploads": jpeg()}
    made = page.post("/u/alice/add?kind=picture", fields, headers=upload)
    assert made.status_code == 201
    notice = page.post("/u/alice/add/done", {"id": made.json()["ids"]}).content.decode()
    assert "1 entry added to Diary." in notice
    assert "/undo/" in notice


def test_adding_in_a_dialog(alice: Api, page: Client) -> None:
    htmx = {"HX-Request": "true"}
    assert "<dialog" in page.get("/u/alice/add?kind=number", headers=htmx).content.decode()
    fields = page.post(
        "/u/alice/add?kind=number", {"type": "blood-pressure/mmhg-bpm", "step": "type"},
        headers={**htmx, "HX-Target": "type-fields"},
    ).content.decode()  # fmt: skip
    assert "Systolic" in fields
    assert "<form" not in fields
    made = page.post("/u/alice/add?kind=note", {"stream": "diary", "content": "x"}, headers=htmx)
    assert made.headers["HX-Trigger-After-Settle"] == "pryv:added"
    assert 'hx-swap-oob="true"' in made.content.decode()


def test_adding_is_undone(alice: Api, page: Client) -> None:
    shown = page.get(add(page, "note", content="x").headers["Location"]).content.decode()
    path = re.search(r'action="(/u/alice/undo/[a-z0-9]+)"', shown)
    assert path
    page.post(path[1])
    assert alice.events() == []
    assert "can&#x27;t be undone any more" in page.post(path[1], follow=True).content.decode()


def test_the_period_left_is_found_again(page: Client) -> None:
    inside = page.post("/u/alice/add?kind=note&back=scale%3Dyear", {"stream": "diary", "content": "x"})
    assert inside.headers["Location"] == "/u/alice/?scale=year"
    outside = page.post("/u/alice/add?kind=note&back=scale%3Dyear",
                        {"stream": "diary", "content": "x", "time": "2001-01-01T10:00"})  # fmt: skip
    assert outside.headers["Location"].startswith("/u/alice/?scale=week&from=97")
