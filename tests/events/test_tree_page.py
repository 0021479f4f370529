"""The stream tree: its filter, and what changes it (ui §4.3)."""

import re
import time
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from events.dashboard.colours import HEX, hex_of
from events.guard import own_trees
from events.tree.colours import saved_colours
from pryvsite.kernel.actor import system_actor
from tests.accesses.test_pages import text
from tests.cast import PASSWORD, Api


@pytest.fixture
def page(alice: Api) -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.post("/signin", {"login": "alice", "password": PASSWORD})
    return client


def save(page: Client, path: str, **fields: str) -> Any:
    return page.post(f"/u/alice/streams/{path}", fields)


def tree(alice: Api, query: str = "") -> dict[str, Any]:
    return {node["id"]: node for node in alice.trees(query)}


def undo(page: Client, shown: str = "") -> None:
    found = re.search(r"/u/alice/undo/[\w-]+", shown or page.get("/u/alice/").content.decode())
    assert found
    page.post(found[0])


def test_create(alice: Api, page: Client) -> None:
    assert save(page, "new", name="Garden", colour="05886c").status_code == 303
    made = next(node for node in alice.trees() if node["name"] == "Garden")
    assert made["clientData"] == {"pryv-browser:bgColor": "#05886c"}
    assert save(page, "new", name="By id", own_id="my-app", pinned="on").status_code == 303
    assert "my-app" in tree(alice)
    assert alice.get("profile/private")["profile"]["pryvsite"]["pinned"] == ["my-app"]
    assert save(page, "new", name="Roses", parent=made["id"]).status_code == 303
    assert [child["name"] for child in tree(alice)[made["id"]]["children"]] == ["Roses"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": ""}, "Give the stream a name."),
        ({"name": "Diary"}, "Another stream here has that name."),
        ({"name": "A", "parent": "nowhere"}, "Select a valid choice"),
        ({"name": "A", "own_id": "diary"}, "Another stream has that id."),
        ({"name": "A", "own_id": "null"}, "id"),
        ({"name": "A", "colour": "own", "own_colour": "red"}, "A colour is # and six digits"),
    ],
)
def test_mistakes_keep_what_was_typed(page: Client, fields: dict[str, str], problem: str) -> None:
    response = save(page, "new", **fields)
    assert response.status_code == 422
    assert problem in text(response)
    assert f'value="{fields["name"]}"' in response.content.decode() or not fields["name"]


def test_rename_colour_and_back(alice: Api, page: Client) -> None:
    save(page, "diary/edit", name="Journal", colour="own", own_colour="#ABCDEF")
    node = tree(alice)["diary"]
    assert (node["name"], node["clientData"]) == ("Journal", {"pryv-browser:bgColor": "#abcdef"})
    undo(page)
    node = tree(alice)["diary"]
    assert (node["name"], node.get("clientData")) == ("Diary", {})


def test_moving_and_back(alice: Api, page: Client) -> None:
    alice.stream("garden")
    assert save(page, "diary/move", parent="garden").status_code == 303
    assert [child["id"] for child in tree(alice)["garden"]["children"]] == ["diary"]
    undo(page)
    assert tree(alice).keys() == {"diary", "garden"}


def test_nothing_moves_below_itself(alice: Api, page: Client) -> None:
    alice.stream("garden")
    alice.stream("roses", parent="garden")
    save(page, "garden/move", parent="roses")
    assert "below itself" in text(page.get("/u/alice/"))
    form = page.get("/u/alice/streams/garden/edit").content.decode()
    assert not re.search(r'<option value="(garden|roses)"', form)


def test_trash_restore_and_undo(alice: Api, page: Client) -> None:
    alice.stream("garden")
    alice.stream("roses", parent="garden")
    save(page, "garden/trash", action="trash")
    assert tree(alice).keys() == {"diary"}
    trash = page.get("/u/alice/trash")
    assert "garden with 1 stream inside" in text(trash)
    undo(page, trash.content.decode())
    assert tree(alice).keys() == {"diary", "garden"}
    save(page, "garden/trash", action="trash")
    save(page, "garden/trash", action="restore")
    assert tree(alice).keys() == {"diary", "garden"}


def test_deleting_for_ever_with_the_entries(alice: Api, page: Client) -> None:
    alice.stream("garden")
    alice.event("garden")
    assert page.get("/u/alice/streams/garden/delete").status_code == 404  # not in the trash
    save(page, "garden/trash", action="trash")
    assert "It holds 1 entry" in text(page.get("/u/alice/streams/garden/delete"))
    assert "Say what becomes" in text(save(page, "garden/delete"))
    assert save(page, "garden/delete", events="destroy").status_code == 303
    assert tree(alice, "?state=all").keys() == {"diary"}
    assert alice.events("?state=all") == []


def test_deleting_for_ever_keeps_the_entries_above(alice: Api, page: Client) -> None:
    alice.stream("roses", parent="diary")
    event = alice.event("roses")
    save(page, "roses/trash", action="trash")
    save(page, "roses/delete", events="merge")
    assert alice.get(f"events/{event['id']}")["event"]["streamIds"] == ["diary"]


def test_much_is_deleted_only_by_name(alice: Api, page: Client) -> None:
    alice.stream("garden")
    for _ in range(101):
        alice.event("garden")
    save(page, "garden/trash", action="trash")
    assert "Type the name" in text(save(page, "garden/delete", events="destroy", name="gardn"))
    assert save(page, "garden/delete", events="destroy", name="garden").status_code == 303


def test_others_change_nothing(page: Client, carol: Api) -> None:
    carol.stream("hers")
    for path in ("hers/edit", "hers/delete"):
        assert page.get(f"/u/alice/streams/{path}").status_code == 404
        assert page.get(f"/u/carol/streams/{path}").status_code == 404
    assert save(page, "hers/trash", action="trash").status_code == 404
    assert page.post("/u/carol/streams/hers/trash", {"action": "trash"}).status_code == 404
    assert "hers" in {node["id"] for node in carol.trees()}


def test_a_stream_alone_and_with_those_below(alice: Api, page: Client) -> None:
    alice.stream("garden")
    alice.stream("roses", parent="garden")
    for stream_id in ("garden", "roses"):
        alice.event(stream_id, content=f"text of {stream_id}")

    def shown(streams: str) -> set[str]:
        content = text(page.get("/u/alice/", {"scale": "week", "streams": streams}))
        return {sid for sid in ("garden", "roses") if f"text of {sid}" in content}

    assert shown("garden") == {"garden", "roses"}
    assert shown("garden!") == {"garden"}
    boxes = page.get("/u/alice/?scale=week&filter=1&s=garden", headers={"HX-Request": "true"})
    assert boxes.headers["HX-Push-Url"].endswith("&streams=garden!")


def test_focus_shows_a_level_below(alice: Api, page: Client) -> None:
    alice.stream("garden")
    for stream_id in ("roses", "beans"):
        alice.stream(stream_id, parent="garden")
        alice.event(stream_id)
    every = page.get("/u/alice/?scale=week").content.decode()
    focus = page.get("/u/alice/?scale=week&streams=garden").content.decode()
    islands = r'<section class="island [^"]*" aria-label="(\w+)"'
    assert re.findall(islands, every) == ["garden"]
    assert sorted(re.findall(islands, focus)) == ["beans", "roses"]
    assert 'aria-label="All streams"' in focus


def names(page: Client, query: str = "") -> list[str]:
    return re.findall(r'data-row="([^"]+)"', page.get(f"/u/alice/?{query or 'scale=week'}").content.decode())


def test_sorting(alice: Api, page: Client) -> None:
    now = time.time()
    for stream_id, ages in (("apples", []), ("beans", [0]), ("corn", [90000, 90001])):
        alice.stream(stream_id)
        for age in ages:
            alice.event(stream_id, time=now - age)
    alice.stream("Bees", parent="diary")
    alice.stream("ants", parent="diary")
    assert names(page) == ["apples", "beans", "corn", "diary", "ants", "Bees"]
    week = f"&from={now - 400000:.0f}&to={now + 10000:.0f}"
    assert page.post("/u/alice/streams/arrange", {"sort": "latest"}).headers["Location"] == "/u/alice/"
    assert names(page, f"scale=custom{week}") == ["beans", "corn", "apples", "diary", "ants", "Bees"]
    page.post("/u/alice/streams/arrange", {"sort": "most"})
    assert names(page, f"scale=custom{week}")[:3] == ["corn", "beans", "apples"]
    page.post("/u/alice/streams/arrange", {"sort": "nonsense"})
    assert names(page, f"scale=custom{week}")[:3] == ["corn", "beans", "apples"]
    page.post("/u/alice/streams/arrange", {"sort": ""})
    assert names(page)[0] == "apples"


def test_empty_streams_are_hidden_and_still_chosen(alice: Api, page: Client) -> None:
    alice.stream("apples")
    alice.event("diary")
    page.post("/u/alice/streams/arrange", {"empty": "hide", "next": "/u/alice/?scale=month"})
    shown = page.get("/u/alice/?scale=week").content.decode()
    assert "no-bare" in shown
    assert re.search(r'<li class="depth-0 bare"[^>]*data-row="apples"', shown)
    assert not re.search(r'<li class="[^"]*bare"[^>]*data-row="diary"', shown)
    assert "1 empty stream is hidden." in text(page.get("/u/alice/?scale=week"))
    page.post("/u/alice/streams/arrange", {"empty": "show"})
    assert "no-bare" not in page.get("/u/alice/?scale=week").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/u/carol/", ""])
def test_arranging_leads_back_to_own_pages(page: Client, target: str) -> None:
    response = page.post("/u/alice/streams/arrange", {"sort": "most", "next": target})
    assert response.headers["Location"] == "/u/alice/"


def test_pinned_streams(alice: Api, page: Client) -> None:
    for stream_id in ("apples", "beans"):
        alice.stream(stream_id)

    def pinned() -> list[str]:
        shown = page.get("/u/alice/?scale=week").content.decode()
        box = re.search(r'<ul class="pins".*?</ul>', shown)
        return re.findall(r"streams=(\w+)", box[0]) if box else []

    assert pinned() == []
    page.post("/u/alice/streams/beans/pin")
    save(page, "apples/edit", name="apples", pinned="on")
    assert pinned() == ["beans", "apples"]
    page.post("/u/alice/streams/beans/pin")
    assert pinned() == ["apples"]
    save(page, "apples/trash", action="trash")
    assert pinned() == []
    save(page, "apples/trash", action="restore")
    assert pinned() == ["apples"]
    assert page.post("/u/alice/streams/nowhere/pin").status_code == 404
    assert page.get("/u/alice/streams/beans/pin").status_code == 405


def test_roots_keep_the_colour_they_are_shown_with(alice: Api, page: Client) -> None:
    key = "pryv-browser:bgColor"
    alice.post("streams", {"id": "odd", "name": "odd", "clientData": {key: "url(x)", "mine": 1}})
    alice.post("streams", {"id": "red", "name": "red", "clientData": {key: "#d54556"}})
    alice.stream("apples")
    alice.stream("below", parent="apples")
    shown = page.get("/u/alice/?scale=week").content.decode()
    css = re.search(r'class="trow (s\d+)[^"]*" data-drop="apples"', shown)
    nodes = tree(alice)
    saved = nodes["apples"]["clientData"][key]
    assert css
    assert saved == f"#{HEX[css[1]]}"
    assert nodes["odd"]["clientData"] == {key: "url(x)", "mine": 1}
    assert nodes["red"]["clientData"] == {key: "#d54556"}
    assert "clientData" not in nodes["apples"]["children"][0]
    colours = [node["clientData"][key] for sid, node in nodes.items() if sid != "odd"]
    assert len(set(colours)) == len(colours)
    page.get("/u/alice/?scale=week")
    assert tree(alice) == nodes  # saved once


def test_a_colour_chosen_meanwhile_stays(alice: Api) -> None:
    account = Account.objects.get(username="alice")
    actor = system_actor(account.id, "alice")
    before = own_trees(actor)
    chosen = {"clientData": {"pryv-browser:bgColor": "#123456"}}
    alice.put("streams/diary", chosen)
    after = saved_colours(actor, before)
    assert hex_of(after[0]) == "123456"
