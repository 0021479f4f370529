"""streams.create (spec api-data §2.4; edge cases 46–59, 64, 75)."""

import pytest

from pryvsite.kernel.changes import Change
from tests.cast import Api


def test_edge_046_minimal_stream(alice: Api, told: list[Change]) -> None:
    answer = alice.post("streams", {"name": "Walks"})
    stream = answer["stream"]
    assert answer.status == 201
    assert (stream["name"], stream["parentId"]) == ("Walks", None)
    assert len(stream["id"]) == 24
    assert stream["created"] == stream["modified"]
    assert stream["createdBy"] == stream["modifiedBy"] == answer.headers["Pryv-Access-Id"]
    assert "children" not in stream and "trashed" not in stream and "clientData" not in stream
    assert told == [Change.STREAMS]


def test_edge_047_name_is_required(alice: Api) -> None:
    answer = alice.post("streams", {"id": "x"})
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")
    entry = answer.data[0]
    assert (entry["code"], entry["params"], entry["path"]) == (
        "OBJECT_MISSING_REQUIRED_PROPERTY",
        ["name"],
        "#/",
    )


def test_all_violations_are_listed(alice: Api) -> None:
    answer = alice.post("streams", {"name": 3, "trashed": "yes", "parentId": ""})
    codes = {(entry["path"], entry["code"]) for entry in answer.data}
    assert codes >= {("#/name", "INVALID_TYPE"), ("#/trashed", "INVALID_TYPE"), ("#/parentId", "MIN_LENGTH")}


def test_edge_048_explicit_nulls(alice: Api) -> None:
    body = {"name": "x", "id": None, "clientData": None, "parentId": None, "trashed": None}
    assert alice.post("streams", body).status == 201


def test_edge_049_empty_parent(alice: Api) -> None:
    assert alice.post("streams", {"name": "x", "parentId": ""}).error == "invalid-parameters-format"


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("Crème brûlée!", "Creme-brulee"),
        ("foo/bar", "foobar"),
        ("a:b", "ab"),
        ("my_id.v2~x", "my_id.v2~x"),
        ("日本", "5pel5pys"),
        ("size", "size"),
        (":_system:zzz", "_systemzzz"),
    ],
)
def test_edge_050_052_ids_are_slugs(alice: Api, given: str, stored: str) -> None:
    answer = alice.post("streams", {"name": "x", "id": given})
    assert answer.status == 201
    assert answer["stream"]["id"] == stored


@pytest.mark.parametrize("given", ["null", "undefined", "*", " null "])
def test_edge_051_reserved_ids(alice: Api, given: str) -> None:
    answer = alice.post("streams", {"name": "x", "id": given})
    assert (answer.status, answer.error) == (400, "invalid-item-id")


@pytest.mark.parametrize("stream_id", [".", "..", " . ", "/../"])
def test_ids_that_mean_folders_in_paths(alice: Api, stream_id: str) -> None:
    answer = alice.post("streams", {"name": "x", "id": stream_id})
    assert (answer.status, answer.error) == (400, "invalid-item-id")


def test_edge_053_existing_id_conflicts(alice: Api) -> None:
    assert alice.post("streams", {"name": "other", "id": "diary"}).data == {"id": "diary"}
    alice.delete("streams/diary")
    answer = alice.post("streams", {"name": "other", "id": "diary"})
    assert (answer.status, answer.error, answer.data) == (409, "item-already-exists", {"id": "diary"})


def test_edge_054_deleted_id_is_free_again(alice: Api) -> None:
    alice.stream("x")
    alice.delete("streams/x")
    alice.delete("streams/x")
    assert alice.post("streams", {"name": "x", "id": "x"}).status == 201
    assert alice.get("streams?includeDeletionsSince=0")["streamDeletions"] == []


def test_edge_055_sibling_names(alice: Api) -> None:
    alice.stream("a", "diary", "Same")
    answer = alice.post("streams", {"name": "Same", "parentId": "diary"})
    assert (answer.status, answer.error, answer.data) == (409, "item-already-exists", {"name": "Same"})
    assert alice.post("streams", {"name": "Same"}).status == 201
    assert alice.post("streams", {"name": "same", "parentId": "diary"}).status == 201
    alice.delete("streams/a")
    assert alice.post("streams", {"name": "Same", "parentId": "diary"}).status == 409, "trashed ones count"


def test_edge_056_unknown_parent(alice: Api) -> None:
    answer = alice.post("streams", {"name": "x", "parentId": "nowhere"})
    assert (answer.status, answer.error) == (400, "unknown-referenced-resource")
    assert answer.data == {"parentId": "nowhere"}


def test_edge_057_trashed_parent(alice: Api) -> None:
    alice.stream("below", "diary")
    alice.delete("streams/diary")
    for parent in ("diary", "below"):
        answer = alice.post("streams", {"name": "x", "parentId": parent})
        assert (answer.status, answer.error) == (400, "invalid-operation")


@pytest.mark.parametrize(
    ("level", "status"),
    [("none", 403), ("read", 403), ("create-only", 403), ("contribute", 403), ("manage", 201)],
)
def test_edge_058_059_who_may_create_below(alice: Api, level: str, status: int) -> None:
    answer = alice.guest(level).post("streams", {"name": "x", "parentId": "diary"})
    assert answer.status == status
    assert answer.error == (None if status == 201 else "forbidden")


def test_roots_need_everything(alice: Api) -> None:
    assert alice.guest("manage").post("streams", {"name": "x"}).error == "forbidden"
    assert alice.guest("manage", "*").post("streams", {"name": "x"}).status == 201
    assert alice.guest("manage").post("streams", {"name": "x", "parentId": "nowhere"}).error == "forbidden"


def test_edge_064_unknown_properties_are_refused(alice: Api) -> None:
    answer = alice.post("streams", {"name": "x", "singleActivity": True})
    assert answer.error == "invalid-parameters-format"
    entry = answer.data[0]
    assert (entry["code"], entry["params"], entry["path"]) == (
        "OBJECT_ADDITIONAL_PROPERTIES",
        ["singleActivity"],
        "#",
    )


def test_children_are_ignored(alice: Api) -> None:
    assert alice.post("streams", {"name": "x", "children": [{"name": "y"}]}).status == 201


def test_born_in_the_trash(alice: Api) -> None:
    assert alice.post("streams", {"name": "x", "trashed": True})["stream"]["trashed"] is True


def test_client_data_is_kept(alice: Api) -> None:
    data = {"pryv-browser:bgColor": "#c0392b", "deep": {"list": [1, None, "é"]}}
    assert alice.post("streams", {"name": "x", "id": "x", "clientData": data})["stream"]["clientData"] == data
    assert alice.get("streams?id=x")["streams"][0]["clientData"] == data


def test_edge_075_stores_do_not_mix(alice: Api) -> None:
    answer = alice.post("streams", {"name": "x", "id": ":_audit:x", "parentId": "diary"})
    assert (answer.status, answer.error) == (400, "invalid-request-structure")


@pytest.mark.parametrize(
    ("parent", "status", "error"),
    [
        (":_audit:", 400, "invalid-operation"),
        (":_system:account", 400, "invalid-operation"),
        (":system:email", 400, "invalid-operation"),
        (":nostore:x", 404, "unknown-resource"),
    ],
)
def test_reserved_parents(alice: Api, parent: str, status: int, error: str) -> None:
    answer = alice.post("streams", {"name": "x", "parentId": parent})
    assert (answer.status, answer.error) == (status, error)


def test_bodies_that_are_no_objects(alice: Api) -> None:
    assert alice.post("streams", '{"name":').error == "invalid-request-structure"
    assert alice.post("streams", "[]").error == "invalid-parameters-format"


def test_accounts_are_apart(alice: Api, carol: Api) -> None:
    alice.stream("mine", name="Mine")
    assert carol.stream("mine", name="Mine") == "mine"
    assert Api("carol", alice.token).get("streams").status == 403


def test_trees_have_a_deepest_level(alice: Api, db: None) -> None:
    from streams.models import Stream
    from streams.operations import MAX_DEPTH

    base = Stream.objects.get(account__username="alice", id="diary")
    parent = "diary"
    rows = []
    for level in range(MAX_DEPTH - 1):
        fields = {"created": 1.0, "created_by": "x", "modified": 1.0, "modified_by": "x"}
        rows.append(Stream(account_id=base.account_id, id=f"l{level}", name="n", parent_id=parent, **fields))
        parent = f"l{level}"
    Stream.objects.bulk_create(rows)
    assert alice.post("streams", {"name": "x", "parentId": parent}).error == "invalid-operation"
    assert alice.get("streams").status == 200
