"""Account fields as streams and events (spec api-data §2.8; edge cases 45, 74, 115, 116, 148–153)."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import meter
from tests.cast import Answer, Api, register

ROOT = ":_system:account"
EMAIL = ":system:email"
LANGUAGE = ":_system:language"
HIDDEN = [":_system:appId", ":_system:invitationToken", ":_system:referer"]


def write(api: Api, stream_id: str, content: Any, event_type: str | None = None) -> Answer:
    types = {EMAIL: "email/string", LANGUAGE: "language/iso-639-1"}
    body = {"streamIds": [stream_id], "type": event_type or types.get(stream_id, "note/txt")}
    return api.post("events", {**body, "content": content})


def fields(api: Api, query: str = "") -> dict[str, Any]:
    listed = api.get(f"events{query}")["events"]
    return {event["id"]: event["content"] for event in listed if event["id"].startswith(":")}


def test_edge_045_the_tree(alice: Api) -> None:
    trees = alice.get("streams")["streams"]
    assert [tree["id"] for tree in trees] == ["diary", ROOT]
    account = trees[-1]
    assert [child["id"] for child in account["children"]] == [EMAIL, LANGUAGE, ":_system:storageUsed"]
    assert account["createdBy"] == "system"
    assert alice.share({"streamId": "*", "level": "manage"}).trees() == alice.trees()
    assert alice.get(f"streams?id={ROOT}")["streams"][0]["id"] == ROOT


def test_edge_115_visible_fields_are_listed(alice: Api) -> None:
    assert fields(alice) == {
        EMAIL: "alice@example.org",
        LANGUAGE: "en",
        ":_system:dbDocuments": 0,
        ":_system:attachedFiles": 0,
    }
    for stream_id in HIDDEN:
        assert alice.get(f"events/{stream_id}").error == "forbidden"
        assert alice.get(f"events?streams={stream_id}").error == "forbidden"
    event = alice.get(f"events/{EMAIL}")["event"]
    assert (event["streamIds"], event["type"]) == ([EMAIL], "email/string")


def test_filters_apply_to_fields(alice: Api) -> None:
    assert fields(alice, "?types=language/*") == {LANGUAGE: "en"}
    assert fields(alice, "?fromTime=0&toTime=10") == {}
    assert fields(alice, "?state=trashed") == {}
    assert fields(alice, "?running=true") == {}
    assert fields(alice, "?modifiedSince=99999999999") == {}
    assert fields(alice, f"?streams={ROOT}").keys() == fields(alice).keys()
    assert fields(alice, f"?streams={ROOT}!") == {}
    assert fields(alice, '?content=[{"path":"$","eq":"en"}]') == {LANGUAGE: "en"}
    assert fields(alice, '?streams={"any":["*"],"not":[":_system:storageUsed"]}').keys() == {EMAIL, LANGUAGE}
    alice.event("diary", time=1)
    assert len(alice.get("events?limit=3")["events"]) == 3
    assert [event["time"] for event in alice.get("events?skip=4")["events"]] == [1]
    assert alice.get("events?sortAscending=true&limit=1")["events"][0]["time"] == 1


def test_edge_116_star_reveals_nothing(alice: Api) -> None:
    star = alice.share({"streamId": "*", "level": "read"})
    assert fields(star) == {}
    assert star.get(f"events?streams={EMAIL}").error == "forbidden"
    named = alice.share({"streamId": "*", "level": "read"}, {"streamId": EMAIL, "level": "read"})
    assert fields(named) == {}
    assert fields(named, f"?streams={EMAIL}") == {EMAIL: "alice@example.org"}
    alone = alice.share({"streamId": EMAIL, "level": "read"})
    assert fields(alone) == {EMAIL: "alice@example.org"}
    assert [tree["id"] for tree in alone.get("streams")["streams"]] == [EMAIL]
    assert alone.get("streams")["streams"][0]["parentId"] is None
    assert alone.get(f"events/{LANGUAGE}").error == "forbidden"


def test_edge_074_the_streams_are_fixed(alice: Api) -> None:
    for stream_id in (ROOT, LANGUAGE, ":_system:nothing"):
        assert alice.put(f"streams/{stream_id}", {"name": "x"}).error == "invalid-operation"
        assert alice.delete(f"streams/{stream_id}").error == "invalid-operation"
    assert alice.post("streams", {"name": "x", "parentId": ROOT}).error == "invalid-operation"
    assert alice.post("streams", {"name": "Account"}).error == "item-already-exists"


def test_edge_148_not_editable(alice: Api) -> None:
    for stream_id in [*HIDDEN, ROOT, ":_system:dbDocuments"]:
        answer = write(alice, stream_id, "x")
        assert (answer.error, answer.data) == ("invalid-operation", {"streamId": stream_id})
    assert alice.put("events/:_system:dbDocuments", {"content": 5}).error == "invalid-operation"
    answer = write(alice, ":_system:unknown", "x")
    assert (answer.error, answer.data) == (
        "unknown-referenced-resource",
        {"streamIds": [":_system:unknown"]},
    )


def test_edge_149_creating_replaces(alice: Api) -> None:
    first, second = write(alice, LANGUAGE, "fr"), write(alice, LANGUAGE, "de")
    assert (first.status, second.status) == (201, 201)
    assert second["event"]["id"] == LANGUAGE
    assert fields(alice, f"?streams={LANGUAGE}") == {LANGUAGE: "de"}
    assert second["event"]["modifiedBy"] == alice.get("access-info")["id"]
    assert alice.put(f"events/{LANGUAGE}", {"content": "it"})["event"]["content"] == "it"


@pytest.mark.parametrize("content", [None, {"a": 1}, ["x"], 5, "", "much-too-long"])
def test_contents_are_checked(alice: Api, content: Any) -> None:
    answer = write(alice, LANGUAGE, content)
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")
    assert fields(alice)[LANGUAGE] == "en"


def test_edge_150_an_address_of_somebody_else(alice: Api, carol: Api) -> None:
    for answer in (
        write(carol, EMAIL, "Alice@example.org"),
        carol.put(f"events/{EMAIL}", {"content": "x"}),
    ):
        assert answer.error in ("item-already-exists", "unknown-resource")
    assert write(carol, EMAIL, "carol@example.org").status == 201
    answer = carol.put(f"events/{EMAIL}", {"content": "alice@example.org"})
    assert (answer.status, answer.error) == (409, "item-already-exists")
    assert answer.data == {"email": "alice@example.org"}
    assert carol.get(f"events/{EMAIL}")["event"]["content"] == "carol@example.org"


def test_no_address_no_event(carol: Api) -> None:
    assert EMAIL not in fields(carol)
    assert carol.get(f"events/{EMAIL}").status == 404


def test_edge_151_fields_stay_where_they_are(alice: Api) -> None:
    body = {"streamIds": [EMAIL, LANGUAGE], "type": "email/string", "content": "x"}
    answer = alice.post("events", body)
    assert (answer.error, answer.data) == ("invalid-operation", {"streamIds": [EMAIL, LANGUAGE]})
    assert alice.put(f"events/{EMAIL}", {"streamIds": [LANGUAGE]}).error == "invalid-operation"
    assert alice.put(f"events/{EMAIL}", {"streamIds": [EMAIL, LANGUAGE]}).error == "invalid-operation"
    assert alice.put(f"events/{EMAIL}", {"streamIds": ["diary"]}).error == "invalid-request-structure"
    note = alice.event("diary")
    assert alice.put(f"events/{note['id']}", {"streamIds": [EMAIL]}).error == "invalid-operation"
    assert alice.put(f"events/{EMAIL}", {"description": "mine"}).error == "invalid-operation"
    assert alice.put(f"events/{EMAIL}", {"type": "note/txt"}).error == "invalid-parameters-format"


def test_edge_152_no_delete(alice: Api) -> None:
    assert alice.delete(f"events/{EMAIL}").error == "invalid-operation"
    assert alice.guest("manage", "*").delete(f"events/{EMAIL}").error == "forbidden"


def test_edge_153_other_accesses(alice: Api) -> None:
    star = alice.guest("manage", "*")
    assert write(star, EMAIL, "x@example.org").error == "forbidden"
    assert star.put(f"events/{EMAIL}", {"content": "x@example.org"}).error == "forbidden"
    assert write(alice.guest("read", EMAIL), EMAIL, "x@example.org").error == "forbidden"
    allowed = alice.guest("contribute", EMAIL)
    assert write(allowed, EMAIL, "y@example.org").status == 201
    assert allowed.put(f"events/{EMAIL}", {"content": "z@example.org"}).status == 200
    assert write(allowed, LANGUAGE, "fr").error == "forbidden"


@pytest.mark.parametrize(
    ("stream_id", "level", "error"),
    [
        (":_system:nothing", "read", "forbidden"),
        (":_system:appId", "read", "invalid-operation"),
        (LANGUAGE, "manage", "invalid-operation"),
        (ROOT, "read", None),
        (EMAIL, "contribute", None),
    ],
)
def test_permissions_on_fields(alice: Api, stream_id: str, level: str, error: str | None) -> None:
    body = {"name": "x", "permissions": [{"streamId": stream_id, "level": level}]}
    assert alice.post("accesses", body).error == error


def test_storage_used(alice: Api, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            event = alice.event("diary")
        file = SimpleUploadedFile("a.bin", b"12345", content_type="application/octet-stream")
        kept = alice.form("events", {"event": '{"streamIds":["diary"],"type":"file/attached"}', "file": file})
    used = fields(alice, "?limit=50")
    assert (used[":_system:dbDocuments"], used[":_system:attachedFiles"]) == (3, 5)
    with django_capture_on_commit_callbacks(execute=True):
        for target in (event["id"], kept["event"]["id"]):
            alice.delete(f"events/{target}")
            alice.delete(f"events/{target}")
    meter.flush()
    used = fields(alice)
    assert (used[":_system:dbDocuments"], used[":_system:attachedFiles"]) == (1, 0)


def test_accounts_are_apart(alice: Api) -> None:
    other = register("dave-d", email="dave@example.org")
    assert fields(other)[EMAIL] == "dave@example.org"
    assert write(other, LANGUAGE, "fr").status == 201
    assert fields(alice)[LANGUAGE] == "en"


@pytest.mark.parametrize("order", ["", "&sortAscending=true"])
def test_fields_are_skipped_like_other_events(alice: Api, order: str) -> None:
    """Fields lie in between, before all or after all; each place in the list is the page's beginning once."""
    write(alice, LANGUAGE, "fr")
    for time in (1000, 2000, 3e10, 4e10):
        alice.event("diary", time=time)
    whole = [event["id"] for event in alice.get(f"events?limit=100{order}")["events"]]
    assert len(whole) > 6 and any(one.startswith(":") for one in whole)
    for skip in range(len(whole) + 3):
        for limit in (1, 3, 2000):
            page = alice.get(f"events?skip={skip}&limit={limit}{order}")["events"]
            assert [event["id"] for event in page] == whole[skip : skip + limit], (skip, limit)
