"""streams.update (spec api-data §2.5; edge cases 56, 60–65, 74, 75)."""

import pytest
from django.test import override_settings

from pryvsite.kernel.changes import Change
from tests.cast import Api


def test_rename(alice: Api, told: list[Change]) -> None:
    before = alice.trees()[0]
    told.clear()
    stream = alice.put("streams/diary", {"name": "Journal"})["stream"]
    assert stream["name"] == "Journal"
    assert stream["created"] == before["created"]
    assert stream["modified"] >= before["modified"]
    assert "children" not in stream
    assert told == [Change.STREAMS]


def test_client_data_merges_key_by_key(alice: Api) -> None:
    alice.put("streams/diary", {"clientData": {"a": 1, "b": 2}})
    stream = alice.put("streams/diary", {"clientData": {"b": None, "c": 3}})["stream"]
    assert stream["clientData"] == {"a": 1, "c": 3}
    assert "clientData" not in alice.put("streams/diary", {"clientData": None})["stream"]


def test_trash_and_restore(alice: Api) -> None:
    assert alice.put("streams/diary", {"trashed": True})["stream"]["trashed"] is True
    for restored in (False, None):
        assert "trashed" not in alice.put("streams/diary", {"trashed": restored})["stream"]


def test_move_and_move_to_the_root(alice: Api) -> None:
    alice.stream("a")
    assert alice.put("streams/a", {"parentId": "diary"})["stream"]["parentId"] == "diary"
    assert alice.put("streams/a", {"parentId": None})["stream"]["parentId"] is None


def test_edge_056_unknown_parent(alice: Api) -> None:
    answer = alice.put("streams/diary", {"parentId": "nowhere"})
    assert (answer.status, answer.error) == (400, "unknown-referenced-resource")
    assert answer.data == {"parentId": "nowhere"}


def test_edge_060_moving_under_an_unmanaged_parent(alice: Api) -> None:
    alice.stream("a")
    alice.stream("child", "a")
    guest = alice.guest("manage", "a")
    assert guest.put("streams/child", {"parentId": "diary"}).error == "forbidden"
    assert guest.put("streams/child", {"parentId": None}).error == "forbidden"
    assert guest.put("streams/child", {"name": "renamed"}).status == 200, "the parent stays: no right on it"


def test_edge_061_own_name_and_parent_again(alice: Api) -> None:
    alice.stream("a", "diary", "A")
    assert alice.put("streams/a", {"name": "A", "parentId": "diary"}).status == 200
    assert alice.guest("manage", "a").put("streams/a", {"name": "A", "parentId": "diary"}).status == 200


def test_edge_062_own_parent(alice: Api) -> None:
    answer = alice.put("streams/diary", {"parentId": "diary"})
    assert (answer.status, answer.error) == (400, "invalid-operation")


def test_no_cycles(alice: Api) -> None:
    alice.stream("a", "diary")
    alice.stream("b", "a")
    answer = alice.put("streams/diary", {"parentId": "b"})
    assert (answer.status, answer.error) == (400, "invalid-operation")
    assert alice.trees()[0]["id"] == "diary"


@pytest.mark.parametrize("field", ["id", "children", "created", "createdBy", "modified", "modifiedBy"])
def test_edge_063_protected_fields(alice: Api, field: str) -> None:
    answer = alice.put("streams/diary", {field: "x", "name": "New"})
    assert (answer.status, answer.error) == (403, "forbidden")
    with override_settings(UPDATES_IGNORE_PROTECTED=True):
        answer = alice.put("streams/diary", {field: "x", "name": "New"})
    assert answer["stream"]["name"] == "New"
    assert answer["stream"]["id"] == "diary"


def test_edge_064_unknown_property(alice: Api) -> None:
    answer = alice.put("streams/diary", {"singleActivity": True})
    assert answer.error == "invalid-parameters-format"
    assert answer.data[0]["path"] == "#/update"


def test_edge_065_unknown_stream(alice: Api) -> None:
    answer = alice.put("streams/nowhere", {"name": "x"})
    assert (answer.status, answer.error) == (404, "unknown-resource")


def test_edge_074_account_streams(alice: Api) -> None:
    assert alice.put("streams/:_system:account", {"name": "x"}).error == "invalid-operation"


def test_edge_075_moving_to_another_store(alice: Api) -> None:
    answer = alice.put("streams/diary", {"parentId": ":_audit:x"})
    assert (answer.status, answer.error) == (400, "invalid-request-structure")


def test_trashed_parent(alice: Api) -> None:
    alice.stream("a")
    alice.delete("streams/diary")
    assert alice.put("streams/a", {"parentId": "diary"}).error == "invalid-operation"


def test_names_of_siblings_below_the_root(alice: Api) -> None:
    alice.stream("a", "diary", "A")
    alice.stream("b", "diary", "B")
    alice.stream("root-a", None, "A")
    assert alice.put("streams/b", {"name": "A"}).data == {"name": "A"}
    answer = alice.put("streams/root-a", {"parentId": "diary"})
    assert (answer.status, answer.error, answer.data) == (409, "item-already-exists", {"name": "A"})


@pytest.mark.parametrize(
    ("level", "status"), [("read", 403), ("create-only", 403), ("contribute", 403), ("manage", 200)]
)
def test_who_may_update(alice: Api, level: str, status: int) -> None:
    assert alice.guest(level).put("streams/diary", {"name": "x"}).status == status


def test_in_a_batch_the_change_is_nested(alice: Api) -> None:
    call = {"method": "streams.update", "params": {"id": "diary", "update": {"name": "N"}}}
    answer = alice.call("POST", "/alice/", [call])
    assert answer["results"][0]["stream"]["name"] == "N"
