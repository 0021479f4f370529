"""One entry: seeing, changing, its files and versions; several at once; the trash (ui §4.8)."""

import csv
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from events.keeping.export import COLUMNS
from tests.accesses.test_pages import text
from tests.cast import Api

HTMX = {"HX-Request": "true"}
LOCAL = "2025-06-15T15:06:40"  # 1750000000 in UTC


def fields(page: Client, event: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The edit form as a browser would send it."""
    form = page.get(f"/u/alice/event/{event['id']}/edit").context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    for name in ("time", "end"):
        if name in sent:
            sent[name] = sent[name].isoformat()
    return {"modified": event["modified"], **sent, **changed}


def save(page: Client, event: dict[str, Any], **changed: Any) -> Any:
    return page.post(f"/u/alice/event/{event['id']}/edit", fields(page, event, **changed))


def undo(page: Client, shown: str) -> None:
    found = re.search(r'action="(/u/alice/undo/[a-z0-9]+)"', shown)
    assert found
    page.post(found[1])


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (
            {"type": "note/txt", "content": "# Head\n\nbody <script> **b**"},
            "<h1>Head</h1>\n<p>body &lt;script&gt; <strong>b</strong>",
        ),
        ({"type": "mass/kg", "content": 71.25}, "71.25 <small>kg</small>"),
        ({"type": "blood-pressure/mmhg-bpm", "content": {"systolic": 120, "diastolic": 80, "rate": 66}},
         "120 / 80 mmHg, 66 bpm"),
        ({"type": "position/wgs84", "content": {"latitude": 46, "longitude": 6, "altitude": 450}}, "450 m"),
        ({"type": "activity/plain", "content": None, "duration": 5400}, "1:30 h"),
        ({"type": "activity/plain", "content": None, "duration": None, "time": 1}, 'data-since="1.000"'),
        ({"type": "url/http", "content": "https://example.org/"}, 'href="https://example.org/"'),
        ({"type": "custom/thing", "content": {"deep": {"er": [1, True, None]}}}, "Deep"),
        ({"type": "custom/list", "content": [1, 2]}, "Content"),
        ({"type": "boolean/bool", "content": False}, "No"),
        ({"type": "mood/emoticon", "content": ":)", "description": "calm"}, "calm"),
        ({"type": "series:frequency/bpm", "content": None}, "Frequency"),
    ],
)  # fmt: skip
def test_every_kind_is_shown(alice: Api, page: Client, event: dict[str, Any], shown: str) -> None:
    made = alice.event("diary", **event)
    content = page.get(f"/u/alice/event/{made['id']}").content.decode()
    assert shown in content
    assert made["type"] in content
    assert "Added by" in content


@pytest.mark.parametrize("tail", ["", "/edit", ".json"])
def test_what_is_not_there(page: Client, carol: Api, tail: str) -> None:
    foreign = carol.event("diary")["id"]
    for event_id in ("nothing", foreign, "c" + "a" * 24):
        assert page.get(f"/u/alice/event/{event_id}{tail}").status_code == 404
    assert page.get(f"/u/carol/event/{foreign}{tail}").status_code == 404


@pytest.mark.parametrize("tail", ["trash", "delete", "stop", "copy", "files", "files/x/remove", "versions/0"])
def test_nobody_changes_what_belongs_to_others(page: Client, carol: Api, tail: str) -> None:
    foreign = carol.event("diary")
    assert page.post(f"/u/alice/event/{foreign['id']}/{tail}").status_code == 404
    assert page.post(f"/u/carol/event/{foreign['id']}/{tail}").status_code == 404
    assert carol.get(f"events/{foreign['id']}")["event"] == foreign


def test_no_token_of_a_file_in_the_page(alice: Api, page: Client) -> None:
    made = alice.form("events", {"event": '{"streamIds":["diary"],"type":"file/attached"}',
                                 "f": SimpleUploadedFile("a.txt", b"x")})["event"]  # fmt: skip
    for tail in ("", "/edit", ".json"):
        assert "readToken" not in page.get(f"/u/alice/event/{made['id']}{tail}").content.decode()


def test_who_wrote_it(alice: Api, page: Client) -> None:
    app = alice.guest("contribute")
    made = app.event("diary")
    alice.put(f"events/{made['id']}", {"content": "changed"})
    content = text(page.get(f"/u/alice/event/{made['id']}"))
    assert "Added by guest" in content
    assert "You, with test-app" in content


class TestList:
    """The entries of a tile."""

    def test_opens_at_the_nearest(self, alice: Api, page: Client) -> None:
        made = [alice.event("diary", time=1_750_000_000 + i * 100, content=f"n{i}") for i in range(5)]
        for at, number in ((1_750_000_000 - 999, 0), (1_750_000_000 + 240, 2), (1_760_000_000, 4)):
            opened = page.get(f"/u/alice/entries?of=diary&types=note/txt&at={at}")
            assert made[number]["id"] in opened.headers["Location"]

    def test_nothing_there(self, page: Client) -> None:
        found = page.get("/u/alice/entries?of=diary&types=mass/kg")
        assert found.status_code == 404
        assert "This item is gone" in text(found)

    def test_holds_the_tile_only(self, alice: Api, page: Client) -> None:
        alice.stream("garden")
        alice.stream("roses", parent="garden")
        event = alice.event("garden", content="one")
        alice.event("roses", content="two")
        alice.event("roses", type="mass/kg", content=3)
        alice.event("diary", content="four")
        found = page.get(f"/u/alice/event/{event['id']}?of=garden&types=note/txt")
        assert sorted(row.title for row in found.context["list"]) == ["one", "two"]
        assert found.context["total"] == "2"
        assert found.context["title"] == "garden"

    def test_pages(self, alice: Api, page: Client) -> None:
        made = [alice.event("diary", time=1_750_000_000 + i, content=f"n{i}") for i in range(45)]
        query = "?of=diary&types=note/txt"
        found = page.get(f"/u/alice/event/{made[40]['id']}{query}").context
        assert [row.title for row in found["list"]] == [f"n{44 - i}" for i in range(30)]
        assert found["newer_one"].startswith(f"/u/alice/event/{made[41]['id']}?")
        assert found["older_one"].startswith(f"/u/alice/event/{made[39]['id']}?")
        rest = page.get(f"/u/alice/event/{made[40]['id']}{found['older']}").context["list"]
        assert [row.title for row in rest] == [f"n{14 - i}" for i in range(15)]
        middle = page.get(f"/u/alice/event/{made[10]['id']}{query}").context
        assert made[10]["id"] in [row.id for row in middle["list"]]

    def test_counts_no_further_than_it_must(
        self, alice: Api, page: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for module in ("events.query.run", "events.keeping.detail"):
            monkeypatch.setattr(f"{module}.COUNTED", 10)
        made = [alice.event("diary", time=1_750_000_000 + i, content=f"n{i}") for i in range(60)]
        found = page.get(f"/u/alice/event/{made[45]['id']}?of=diary").context
        assert found["total"] == "10+"
        assert [row.title for row in found["list"]] == [f"n{45 - i}" for i in range(30)]
        rest = page.get(f"/u/alice/event/{made[45]['id']}{found['older']}").context["list"]
        assert [row.title for row in rest] == [f"n{15 - i}" for i in range(16)]

    def test_a_period_narrows(self, alice: Api, page: Client) -> None:
        alice.event("diary", time=1_700_000_000, content="old")
        event = alice.event("diary", time=1_750_000_000, content="new")
        found = page.get(f"/u/alice/event/{event['id']}?of=diary&scale=day&from=1750000000").context
        assert [row.title for row in found["list"]] == ["new"]
        assert found["close"] == "/u/alice/?scale=day&from=1749945600"

    def test_costs_the_same_for_many(
        self, alice: Api, page: Client, django_assert_max_num_queries: Any
    ) -> None:
        event = [alice.event("diary", content=f"n{i}") for i in range(60)][5]
        with django_assert_max_num_queries(16):
            page.get(f"/u/alice/event/{event['id']}")


class TestEdit:
    """Changing the fields of an entry."""

    @pytest.mark.parametrize(
        ("event", "changed", "wire"),
        [
            ({}, {"content": "better"}, {"content": "better"}),
            ({"type": "mass/kg", "content": 70}, {"content": "71,5"}, {"content": 71.5}),
            ({"type": "blood-pressure/mmhg-bpm", "content": {"systolic": 1, "diastolic": 2}},
             {"content-rate": "60"}, {"content": {"systolic": 1, "diastolic": 2, "rate": 60}}),
            ({"type": "custom/x", "content": [1]}, {"raw": "[2]"}, {"content": [2]}),
            ({"description": "a"}, {"description": ""}, {"description": None}),
            ({}, {"description": "new"}, {"description": "new"}),
            ({}, {"time": "2026-01-01T00:00:00"}, {"time": 1_767_225_600}),
            ({}, {"lasting": "running"}, {"duration": None}),
            ({"duration": 60}, {"lasting": "moment"}, {"duration": 0}),
            ({"duration": None}, {"lasting": "for", "length": "2"}, {"duration": 120}),
            ({"clientData": {"a": 1, "b": 2}}, {"client_data": '{"b": 3}'}, {"clientData": {"b": 3}}),
            ({}, {"type": "note/text"}, {"type": "note/text"}),
        ],
    )  # fmt: skip
    def test_each_field_and_back(
        self, alice: Api, page: Client, event: dict[str, Any], changed: dict[str, Any], wire: dict[str, Any]
    ) -> None:
        made = alice.event("diary", **event)
        saved = save(page, made, **changed)
        assert saved.status_code == 303, saved.content.decode()
        found = alice.get(f"events/{made['id']}")["event"]
        assert {name: found.get(name, 0 if name == "duration" else None) for name in wire} == wire
        undo(page, page.get(saved.headers["Location"]).content.decode())
        after = alice.get(f"events/{made['id']}")["event"]
        tracked = ("modified", "modifiedBy", "integrity")
        assert {k: v for k, v in after.items() if k not in tracked} == {
            k: v for k, v in made.items() if k not in tracked
        }

    def test_nothing_changed_writes_nothing(self, alice: Api, page: Client) -> None:
        made = alice.event("diary", time=1_750_000_000.123, duration=3.5, clientData={"a": {"b": 1}})
        assert save(page, made).status_code == 303
        assert alice.get(f"events/{made['id']}")["event"] == made

    def test_moving_between_streams(self, alice: Api, page: Client) -> None:
        alice.stream("garden")
        made = alice.event("diary")
        save(page, made, streams=["garden"])
        assert alice.get(f"events/{made['id']}")["event"]["streamIds"] == ["garden"]
        assert save(page, alice.get(f"events/{made['id']}")["event"], streams=[]).status_code == 422

    @pytest.mark.parametrize(
        ("event", "changed", "problem"),
        [
            ({"type": "mass/kg", "content": 70}, {"content": "x"}, "Give a number, such as"),
            ({"type": "url/http", "content": "https://a.b"}, {"content": "x"}, "begins with http"),
            ({}, {"type": "mass/kg"}, "is not of type"),
            ({}, {"client_data": "{"}, "This is not JSON"),
        ],
    )
    def test_mistakes_keep_the_text(
        self, alice: Api, page: Client, event: dict[str, Any], changed: dict[str, Any], problem: str
    ) -> None:
        made = alice.event("diary", **event)
        found = save(page, made, description="kept text", **changed)
        assert (found.status_code, problem in text(found)) == (422, True)
        assert b"kept text" in found.content
        assert alice.get(f"events/{made['id']}")["event"] == made

    def test_changed_meanwhile(self, alice: Api, page: Client) -> None:
        made = alice.event("diary", content="first")
        sent = fields(page, made, content="mine")
        alice.put(f"events/{made['id']}", {"content": "theirs"})
        path = f"/u/alice/event/{made['id']}/edit"
        found = page.post(path, sent)
        assert found.status_code == 409
        content = found.content.decode()
        assert "Changed meanwhile" in content
        assert "<del>theirs</del><ins>mine</ins>" in content
        assert alice.get(f"events/{made['id']}")["event"]["content"] == "theirs"
        modified = re.search(r'name="modified" value="([^"]+)"', content)
        assert modified
        assert page.post(path, {**sent, "modified": modified[1]}).status_code == 303
        assert alice.get(f"events/{made['id']}")["event"]["content"] == "mine"

    def test_points_of_a_series_stay(self, alice: Api, page: Client) -> None:
        made = alice.event("diary", type="series:frequency/bpm", content=None)
        assert save(page, made, description="run").status_code == 303
        assert alice.get(f"events/{made['id']}")["event"]["content"] == made["content"]

    def test_stop_and_copy(self, alice: Api, page: Client) -> None:
        made = alice.event("diary", type="activity/plain", content=None, duration=None, time=1_750_000_000)
        page.post(f"/u/alice/event/{made['id']}/stop")
        assert alice.get(f"events/{made['id']}")["event"]["duration"] > 1000
        copied = page.post(f"/u/alice/event/{made['id']}/copy")
        assert made["id"] not in copied.headers["Location"]
        assert len(alice.events("?fromTime=0&toTime=3000000000")) == 2


class TestFiles:
    """Files of an entry."""

    def test_add_download_remove(self, alice: Api, page: Client) -> None:
        made = alice.event("diary")
        path = f"/u/alice/event/{made['id']}"
        page.post(
            f"{path}/files",
            {"uploads": [SimpleUploadedFile("a.txt", b"abc"), SimpleUploadedFile("b.txt", b"d")]},
        )
        files = alice.get(f"events/{made['id']}")["event"]["attachments"]
        assert [file["fileName"] for file in files] == ["a.txt", "b.txt"]
        got = page.get(f"/u/alice/file/{made['id']}/{files[0]['id']}?download=1")
        assert b"".join(got.streaming_content) == b"abc"
        assert got.headers["Content-Disposition"].startswith("attachment")
        asked = page.post(f"{path}/files/{files[0]['id']}/remove")
        assert "Remove a.txt?" in text(asked)
        page.post(f"{path}/files/{files[0]['id']}/remove", {"sure": "yes"})
        assert len(alice.get(f"events/{made['id']}")["event"]["attachments"]) == 1

    def test_adding_is_undone(self, alice: Api, page: Client) -> None:
        made = alice.event("diary")
        path = f"/u/alice/event/{made['id']}/files"
        page.post(path, {"uploads": [SimpleUploadedFile("old.txt", b"o")]}, follow=True)
        two = [SimpleUploadedFile("a.txt", b"a"), SimpleUploadedFile("b.txt", b"b")]
        undo(page, page.post(path, {"uploads": two}, follow=True).content.decode())
        files = alice.get(f"events/{made['id']}")["event"]["attachments"]
        assert [file["fileName"] for file in files] == ["old.txt"]

    def test_none_chosen(self, alice: Api, page: Client) -> None:
        made = alice.event("diary")
        assert "Choose a file first." in text(page.post(f"/u/alice/event/{made['id']}/files", follow=True))


class TestMap:
    """Where an entry was, among the positions of its tile."""

    def place(self, alice: Api, stream: str, minute: int, lat: float, lon: float = 6.6) -> dict[str, Any]:
        content = {"latitude": lat, "longitude": lon}
        moment = 1_750_000_000 + 60 * minute
        return alice.event(stream, type="position/wgs84", content=content, time=moment)

    def test_in_the_page_and_to_explore(self, alice: Api, page: Client) -> None:
        alice.stream("walks")
        first, here, _ = (self.place(alice, "walks", i, 46.5 + i / 100) for i in range(3))
        self.place(alice, "diary", 0, 10.0)
        url = f"/u/alice/event/{here['id']}"
        shown = page.get(url).content.decode()
        assert 'aria-label="Map of 3 positions: walks"' in shown
        assert "m-pin" in shown
        found = page.get(f"{url}/places").json()
        assert found["pin"] == [46.51, 6.6]
        assert [(track["name"], [spot[1] for spot in track["spots"]]) for track in found["tracks"]] == [
            ("walks", [46.5, 46.51, 46.52])
        ]
        both = page.get(f"{url}/places?of=walks,diary&types=position/wgs84").json()["tracks"]
        assert sorted(track["name"] for track in both) == ["Diary", "walks"]
        assert "Map of 4 positions" in page.get(f"{url}?of=walks,diary").content.decode()
        page.post(f"/u/alice/event/{first['id']}/trash", {"action": "trash"})
        assert "Map of 2 positions" in page.get(url).content.decode()

    def test_the_pin_is_the_entry_among_those_of_its_moment(self, alice: Api, page: Client) -> None:
        places = [self.place(alice, "diary", 0, lat) for lat in (46.0, 46.5, 47.0)]
        pins = set()
        for one in places:
            shown = page.get(f"/u/alice/event/{one['id']}").content.decode()
            pins.update(re.findall(r'class="m-pin" cx="([\d.]+)" cy="([\d.]+)"', shown))
        assert len(pins) == 3

    def test_only_the_nearest_are_read(self, alice: Api, page: Client, monkeypatch: Any) -> None:
        monkeypatch.setattr("events.keeping.where.AROUND", 2)
        made = [self.place(alice, "diary", i, 46 + i / 100) for i in range(9)]
        track = page.get(f"/u/alice/event/{made[4]['id']}/places").json()["tracks"][0]
        assert [round(spot[1] - 46, 2) for spot in track["spots"]] == [0.03, 0.04, 0.05]

    def test_none_for_what_is_no_position(self, alice: Api, page: Client, carol: Api) -> None:
        note = alice.event("diary")
        assert "data-explorable" not in page.get(f"/u/alice/event/{note['id']}").content.decode()
        foreign = self.place(carol, "diary", 0, 46.0)
        for event_id in (note["id"], foreign["id"], "nothing"):
            assert page.get(f"/u/alice/event/{event_id}/places").status_code == 404


class TestVersions:
    """Earlier versions, where the platform keeps them."""

    @override_settings(FORCE_KEEP_HISTORY=True)
    def test_difference_and_restore(self, alice: Api, page: Client) -> None:
        made = alice.event("diary", content="the afternoon run", description="a")
        alice.put(f"events/{made['id']}", {"content": "the evening run"})
        shown = page.get(f"/u/alice/event/{made['id']}").content.decode()
        assert "the <del>afternoon</del><ins>evening</ins> run" in shown
        page.post(f"/u/alice/event/{made['id']}/versions/0")
        assert alice.get(f"events/{made['id']}")["event"]["content"] == "the afternoon run"
        assert page.post(f"/u/alice/event/{made['id']}/versions/9").status_code == 404

    def test_none_kept(self, alice: Api, page: Client) -> None:
        made = alice.event("diary")
        alice.put(f"events/{made['id']}", {"content": "b"})
        assert "Versions" not in text(page.get(f"/u/alice/event/{made['id']}"))


class TestMany:
    """Several entries at once."""

    @pytest.fixture
    def three(self, alice: Api) -> list[str]:
        return [alice.event("diary", content=f"n{i}", time=1_750_000_000 + i)["id"] for i in range(3)]

    def batch(self, page: Client, ids: list[str], action: str, **more: str) -> str:
        sent = {"id": ids, "action": action, "next": "/u/alice/trash", **more}
        return page.post("/u/alice/entries/batch", sent, follow=True).content.decode()

    def count(self, alice: Api, state: str = "default") -> int:
        return len(alice.events(f"?fromTime=0&toTime=3000000000&state={state}"))

    def test_trash_and_undo(self, alice: Api, page: Client, three: list[str]) -> None:
        shown = self.batch(page, three[:2], "trash")
        assert "2 entries moved to the trash." in shown
        assert self.count(alice) == 1
        undo(page, shown)
        assert self.count(alice) == 3

    def test_restore_and_delete(self, alice: Api, page: Client, three: list[str]) -> None:
        self.batch(page, three, "trash")
        self.batch(page, three[:1], "restore")
        assert "Tick the box" in self.batch(page, three, "delete")
        shown = self.batch(page, three, "delete", sure="yes")
        assert "2 entries deleted for ever. 1 entry could not be." in shown
        assert (self.count(alice), self.count(alice, "trashed")) == (1, 0)

    def test_move_and_shift(self, alice: Api, page: Client, three: list[str]) -> None:
        alice.stream("garden")
        assert "Pick the stream" in self.batch(page, three, "move", stream="none")
        undoable = self.batch(page, three, "move", stream="garden")
        assert len(alice.events("?streams=garden&limit=9")) == 3
        undo(page, undoable)
        assert len(alice.events("?streams=diary&limit=9")) == 3
        shown = self.batch(page, three[:1], "join", stream="garden")
        assert "1 entry added to the stream." in shown
        assert alice.get(f"events/{three[0]}")["event"]["streamIds"] == ["diary", "garden"]
        undo(page, shown)
        assert alice.get(f"events/{three[0]}")["event"]["streamIds"] == ["diary"]
        assert "Give the minutes" in self.batch(page, three, "shift", minutes="x")
        self.batch(page, three[:1], "shift", minutes="-60,5")
        assert alice.get(f"events/{three[0]}")["event"]["time"] == 1_750_000_000 - 3630

    def test_export(self, page: Client, three: list[str]) -> None:
        response = page.post("/u/alice/entries/batch", {"id": three[:2], "action": "export"})
        body = b"".join(response.streaming_content).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(body)))
        assert [row["content"] for row in rows] == ["n0", "n1"]
        assert rows[0]["streams"] == "Diary"
        assert rows[0]["time"] == "2025-06-15T15:06:40Z"
        assert tuple(rows[0]) == COLUMNS

    def test_nothing_ticked_or_foreign(self, alice: Api, page: Client, carol: Api) -> None:
        assert "Tick entries first." in self.batch(page, [], "trash")
        foreign = carol.event("diary")["id"]
        assert "0 entries" in self.batch(page, [foreign], "trash")
        assert "trashed" not in carol.get(f"events/{foreign}")["event"]
        assert page.post("/u/alice/entries/batch", {"id": ["x"], "action": "explode"}).status_code == 404

    def test_leads_nowhere_else(self, page: Client) -> None:
        found = page.post("/u/alice/entries/batch", {"action": "trash", "next": "https://evil.example/"})
        assert found.headers["Location"] == "/u/alice/"


class TestTrash:
    """The trash of entries."""

    def test_shows_what_was_trashed(self, alice: Api, page: Client) -> None:
        assert "No entries in the trash." in text(page.get("/u/alice/trash"))
        made = alice.event("diary", content="thrown", trashed=True)
        assert "thrown" in text(page.get("/u/alice/trash"))
        assert "in the trash" in text(page.get(f"/u/alice/event/{made['id']}"))

    def test_delete_for_ever_asks(self, alice: Api, page: Client) -> None:
        made = alice.event("diary")
        path = f"/u/alice/event/{made['id']}/delete"
        page.post(path, {"sure": "yes"})
        assert "event" in alice.get(f"events/{made['id']}").body
        page.post(f"/u/alice/event/{made['id']}/trash")
        page.post(path)
        assert alice.get(f"events/{made['id']}")["event"]["trashed"]
        assert page.post(path, {"sure": "yes"}).headers["Location"] == "/u/alice/trash"
        assert "deleted" in alice.get(f"events/{made['id']}")["event"]


def test_panel_with_script(alice: Api, page: Client) -> None:
    made = alice.event("diary")
    path = f"/u/alice/event/{made['id']}"
    panel = page.get(path, headers=HTMX).content.decode()
    assert panel.lstrip().startswith('<aside class="panel" id="panel"')
    changed = page.post(f"{path}/trash", {"action": "trash"}, headers=HTMX)
    assert changed.headers["HX-Trigger-After-Settle"] == "pryv:changed"
    assert "Moved to the trash." in changed.content.decode()


def test_the_end_of_a_session_is_told_in_place(alice: Api, page: Client) -> None:
    made = alice.event("diary")
    page.post("/signout")
    headers = {**HTMX, "HX-Current-URL": "http://testserver/u/alice/?scale=week"}
    told = page.post(f"/u/alice/event/{made['id']}/edit", {"content": "typed"}, headers=headers)
    assert told.headers["HX-Retarget"] == "#toasts"
    assert "Your session ended." in text(told)
    assert "/signin?next=/u/alice/%3Fscale%3Dweek" in told.content.decode()


def test_formulas_are_disarmed(alice: Api, page: Client) -> None:
    made = alice.event("diary", content='=HYPERLINK("http://evil")')
    number = alice.event("diary", type="mass/kg", content=-5)
    response = page.post("/u/alice/entries/batch", {"id": [made["id"], number["id"]], "action": "export"})
    body = b"".join(response.streaming_content).decode()
    assert "'=HYPERLINK" in body
    assert ",-5," in body
