"""streams.delete (spec api-data §2.6; edge cases 30, 66–76)."""

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from events.models import Attachment
from pryvsite.kernel.changes import Change
from pryvsite.kernel.integrity import event_integrity
from tests.cast import Answer, Api


def remove(api: Api, stream_id: str, query: str = "") -> Answer:
    """Trash, then delete."""
    assert api.delete(f"streams/{stream_id}").status == 200
    return api.delete(f"streams/{stream_id}{query}")


def test_edge_066_first_call_trashes(alice: Api) -> None:
    alice.stream("below", "diary")
    answer = alice.delete("streams/diary")
    assert answer.status == 200
    assert answer["stream"]["trashed"] is True
    below = alice.trees("?state=all")[0]["children"][0]
    assert "trashed" not in below, "descendants keep their own flag"


def test_edge_067_second_call_deletes_all_below(alice: Api) -> None:
    alice.stream("below", "diary")
    answer = remove(alice, "diary")
    assert answer.body == {
        "updatedEvents": [],
        "streamDeletion": {"id": "diary"},
        "meta": answer["meta"],
    }
    assert alice.trees("?state=all") == []
    gone = {d["id"] for d in alice.get("streams?includeDeletionsSince=0")["streamDeletions"]}
    assert gone == {"diary", "below"}


def test_edge_068_events_and_no_choice(alice: Api) -> None:
    alice.event("diary")
    answer = remove(alice, "diary")
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")


def test_edge_069_merge_at_the_root(alice: Api) -> None:
    answer = remove(alice, "diary", "?mergeEventsWithParent=true")
    assert (answer.status, answer.error, answer.data) == (400, "invalid-operation", {"streamId": "diary"})


def test_edge_070_merge_with_parent(alice: Api, told: list[Change]) -> None:
    alice.stream("child", "diary")
    alice.stream("grandchild", "child")
    first, second = alice.event("child"), alice.event("grandchild", "diary")
    told.clear()
    answer = remove(alice, "child", "?mergeEventsWithParent=true")
    assert {(e["action"], e["id"]) for e in answer["updatedEvents"]} == {
        ("mergedToParent", first["id"]),
        ("mergedToParent", second["id"]),
    }
    assert sorted(told, key=str) == sorted([Change.STREAMS, Change.STREAMS, Change.EVENTS], key=str)
    for event in alice.get("events?streams=diary")["events"]:
        assert event["streamIds"] == ["diary"]
        assert event["integrity"] == event_integrity(event)
        assert event["modifiedBy"] == answer.headers["Pryv-Access-Id"]
    assert len(alice.get("events?streams=diary")["events"]) == 2


def test_edge_071_without_merge_events_vanish_with_files(alice: Api) -> None:
    alice.stream("child", "diary")
    file = SimpleUploadedFile("a.txt", b"abc", content_type="text/plain")
    event = '{"streamIds":["child"],"type":"file/attached"}'
    made = alice.form("events", {"event": event, "file": file})["event"]
    blob = Attachment.objects.get(event_id=made["id"]).blob
    answer = remove(alice, "child", "?mergeEventsWithParent=false")
    assert answer["updatedEvents"] == [{"action": "deleted", "id": made["id"]}]
    assert alice.get(f"events/{made['id']}")["event"]["deleted"] > 0
    assert not Attachment.objects.exists()
    assert blob


@pytest.mark.django_db(transaction=True)
def test_edge_071_files_are_removed_after_commit(alice: Api) -> None:
    file = SimpleUploadedFile("a.txt", b"abc", content_type="text/plain")
    made = alice.form("events", {"event": '{"streamIds":["diary"],"type":"file/attached"}', "f": file})
    blob = Attachment.objects.get(event_id=made["event"]["id"]).blob
    assert storages["attachments"].exists(blob)
    assert remove(alice, "diary", "?mergeEventsWithParent=false").status == 200
    assert not storages["attachments"].exists(blob)


def test_edge_072_event_in_a_live_stream_stays_there(alice: Api) -> None:
    alice.stream("a")
    event = alice.event("a", "diary")
    answer = remove(alice, "a", "?mergeEventsWithParent=false")
    assert answer["updatedEvents"] == [{"action": "updatedStreamIds", "id": event["id"]}]
    assert alice.get(f"events/{event['id']}")["event"]["streamIds"] == ["diary"]


def test_edge_073_two_deleted_streams_become_one_parent(alice: Api) -> None:
    alice.stream("p", "diary")
    alice.stream("p1", "p")
    alice.stream("p2", "p")
    event = alice.event("p1", "p2")
    remove(alice, "p", "?mergeEventsWithParent=true")
    assert alice.get(f"events/{event['id']}")["event"]["streamIds"] == ["diary"]


def test_trashed_events_are_treated_like_others(alice: Api) -> None:
    alice.stream("child", "diary")
    event = alice.event("child")
    alice.delete(f"events/{event['id']}")
    assert remove(alice, "child").error == "invalid-parameters-format"
    alice.delete("streams/child?mergeEventsWithParent=true")
    assert alice.get(f"events/{event['id']}")["event"]["streamIds"] == ["diary"]


def test_edge_074_account_stream(alice: Api) -> None:
    answer = alice.delete("streams/:_system:language")
    assert (answer.status, answer.error) == (400, "invalid-operation")


@pytest.mark.parametrize(
    ("level", "status"), [("read", 403), ("create-only", 403), ("contribute", 403), ("manage", 200)]
)
def test_edge_076_who_may_delete(alice: Api, level: str, status: int) -> None:
    assert alice.guest(level).delete("streams/diary").status == status


def test_unknown_stream(alice: Api) -> None:
    assert alice.delete("streams/nowhere").error == "unknown-resource"
    assert alice.guest("read").delete("streams/nowhere").status == 404


def test_edge_030_in_a_batch(alice: Api) -> None:
    call = {"method": "streams.delete", "params": {"id": "diary"}}
    results = alice.call("POST", "/alice/", [call, call])["results"]
    assert results[0]["stream"]["trashed"] is True
    assert results[1] == {"updatedEvents": [], "streamDeletion": {"id": "diary"}}


def test_many_events_need_few_statements(alice: Api, django_assert_max_num_queries: object) -> None:
    alice.stream("child", "diary")
    batch = [
        {"method": "events.create", "params": {"streamIds": ["child"], "type": "mass/kg", "content": n}}
        for n in range(120)
    ]
    alice.call("POST", "/alice/", batch)
    alice.delete("streams/child")
    with django_assert_max_num_queries(30):
        answer = alice.delete("streams/child?mergeEventsWithParent=true")
    assert len(answer["updatedEvents"]) == 120
    assert len(alice.get("events?streams=diary&limit=500")["events"]) == 120
