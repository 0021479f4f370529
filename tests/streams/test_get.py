"""streams.get (spec api-data §2.3; edge cases 33–45)."""

import json
import time

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Api


def ids(streams: list[dict[str, object]]) -> list[object]:
    return [stream["id"] for stream in streams]


def trash(api: Api, stream_id: str) -> None:
    assert api.delete(f"streams/{stream_id}")["stream"]["trashed"] is True


def test_edge_033_trashed_streams_and_their_subtrees_are_left_out(alice: Api) -> None:
    alice.stream("old")
    alice.stream("below", "old")
    trash(alice, "old")
    assert ids(alice.trees()) == ["diary"]


def test_edge_034_state_all_lists_both_in_one_tree(alice: Api) -> None:
    alice.stream("gone", "diary")
    trash(alice, "gone")
    (diary,) = alice.trees("?state=all")
    assert ids(diary["children"]) == ["gone"]
    assert diary["children"][0]["trashed"] is True
    assert "trashed" not in diary


def test_edge_035_deletions_since(alice: Api) -> None:
    for name in ("first", "second"):
        alice.stream(name)
        trash(alice, name)
        alice.delete(f"streams/{name}")
        time.sleep(0.01)
    first, second = alice.get("streams?includeDeletionsSince=0")["streamDeletions"]
    assert (first["id"], second["id"]) == ("first", "second")
    later = alice.get(f"streams?includeDeletionsSince={first['deleted']}")["streamDeletions"]
    assert later == [second]


def test_edge_036_deletions_since_zero_lists_all_and_none_without(alice: Api) -> None:
    assert alice.get("streams?includeDeletionsSince=0")["streamDeletions"] == []
    assert "streamDeletions" not in alice.get("streams").body


def test_edge_037_no_token(alice: Api) -> None:
    answer = Api("alice").get("streams")
    assert (answer.status, answer.error) == (401, "invalid-access-token")


def test_edge_038_parent_id_gives_the_children(alice: Api) -> None:
    alice.stream("b", "diary", "Bee")
    alice.stream("a", "diary", "Zed")
    assert ids(alice.get("streams?parentId=diary")["streams"]) == ["b", "a"]


def test_edge_039_unknown_parent(alice: Api) -> None:
    answer = alice.get("streams?parentId=nowhere")
    assert (answer.status, answer.error) == (400, "unknown-referenced-resource")
    assert answer.data == {"parentId": "nowhere"}


def test_edge_040_unknown_id(alice: Api) -> None:
    answer = alice.get("streams?id=nowhere")
    assert (answer.status, answer.error, answer.data) == (
        400,
        "unknown-referenced-resource",
        {"id": "nowhere"},
    )


def test_one_stream_by_id(alice: Api) -> None:
    alice.stream("below", "diary")
    (stream,) = alice.get("streams?id=below")["streams"]
    assert stream["id"] == "below"
    assert stream["parentId"] == "diary"
    assert alice.get("streams?id=below&parentId=diary").error == "invalid-request-structure"


def test_limited_token_is_not_told_of_unknown_streams(alice: Api) -> None:
    alice.stream("secret")
    guest = alice.guest("read")
    for query in ("parentId=secret", "id=secret", "parentId=nowhere", "id=nowhere"):
        answer = guest.get(f"streams?{query}")
        assert (answer.status, answer.error) == (403, "forbidden"), query


def test_edge_041_limited_token_sees_its_subtrees(alice: Api) -> None:
    for stream_id, parent in (("a", None), ("a1", "a"), ("a2", "a1"), ("b", None)):
        alice.stream(stream_id, parent)
    (root,) = alice.guest("read", "a").get("streams")["streams"]
    assert root["id"] == "a"
    assert root["children"][0]["children"][0]["id"] == "a2"


def test_edge_042_child_of_hidden_parent_is_a_root(alice: Api) -> None:
    alice.stream("child", "diary")
    guest = alice.guest("read", "child")
    (root,) = guest.get("streams")["streams"]
    assert (root["id"], root["parentId"]) == ("child", None)
    assert guest.get("streams?id=child")["streams"][0]["parentId"] is None


def test_edge_043_star_lists_all_but_none(alice: Api) -> None:
    for stream_id in ("a", "b"):
        alice.stream(stream_id)
    assert ids(alice.guest("read", "*").get("streams")["streams"]) == ["diary", "a", "b"]
    narrowed = alice.share({"streamId": "*", "level": "read"}, {"streamId": "b", "level": "none"})
    assert ids(narrowed.get("streams")["streams"]) == ["diary", "a"]


def test_edge_044_create_only_is_listed(alice: Api) -> None:
    assert ids(alice.guest("create-only").get("streams")["streams"]) == ["diary"]


def test_roots_of_a_limited_token_keep_the_order_of_its_permissions(alice: Api) -> None:
    for stream_id, parent in (("a", None), ("z", None), ("a1", "a")):
        alice.stream(stream_id, parent)
    levels = [{"streamId": stream_id, "level": "read"} for stream_id in ("z", "a1", "a")]
    roots = alice.share(*levels).get("streams")["streams"]
    assert ids(roots) == ["z", "a"], "the descendant of a granted stream is listed once"


def test_trashed_grant_shows_with_state_all_only(alice: Api) -> None:
    alice.stream("a")
    guest = alice.guest("read", "a")
    trash(alice, "a")
    assert guest.get("streams")["streams"] == []
    assert ids(guest.get("streams?state=all")["streams"]) == ["a"]


def test_children_are_sorted_by_name_and_always_there(alice: Api) -> None:
    for stream_id, name in (("x", "b"), ("y", "a"), ("z", "C")):
        alice.stream(stream_id, "diary", name)
    (diary,) = alice.trees()
    assert [child["name"] for child in diary["children"]] == ["C", "a", "b"]
    assert all(child["children"] == [] for child in diary["children"])


def test_bad_state_and_tolerated_parameters(alice: Api) -> None:
    assert alice.get("streams?state=gone").error == "invalid-parameters-format"
    assert alice.get("streams?whatever=1").status == 200


def test_answer_is_compact_and_ends_with_meta(alice: Api) -> None:
    raw = alice.http.get("/alice/streams", headers={"Authorization": alice.token}).content.decode()
    assert raw.startswith('{"streams":[{"id":"diary"')
    assert list(json.loads(raw)) == ["streams", "meta"]


def test_statements_do_not_grow(alice: Api) -> None:
    counts = []
    for more in (3, 30):
        for number in range(more):
            alice.stream(f"s-{more}-{number}", "diary")
        alice.get("streams")
        with CaptureQueriesContext(
            connection,
        ) as seen:
            alice.get("streams?includeDeletionsSince=0")
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 2 + 3  # account and access, then the method's own


def test_what_an_access_sees_follows_every_change(transactional_db: None, alice: Api) -> None:
    """Trees and what permissions mean for them are remembered; a change must show at once."""
    alice.stream("a", "diary")
    guest = alice.guest("read")
    shown = lambda: [child["id"] for tree in guest.trees() for child in tree["children"]]  # noqa: E731
    assert shown() == ["a"]
    alice.stream("b", "diary")
    assert shown() == ["a", "b"]
    alice.delete("streams/a")
    assert shown() == ["b"]
    alice.put("streams/b", {"parentId": None})
    assert shown() == []
    with CaptureQueriesContext(connection) as seen:
        guest.trees()
    assert len(seen) == 0
