"""events.update (spec api-data §3.8; edge cases 122, 127, 130–139)."""

import time
from typing import Any

import pytest
from django.test import override_settings

from events.models import EventStream
from pryvsite.kernel.changes import Change
from pryvsite.kernel.integrity import event_integrity
from tests.cast import Answer, Api


def put(api: Api, event: dict[str, Any], **fields: Any) -> Answer:
    return api.put(f"events/{event['id']}", fields)


@pytest.fixture
def shared(alice: Api) -> dict[str, Any]:
    """An event in A and B."""
    for stream_id in ("a", "b", "c"):
        alice.stream(stream_id)
    return alice.event("a", "b")


def grants(**levels: str) -> list[dict[str, str]]:
    return [{"streamId": stream_id, "level": level} for stream_id, level in levels.items()]


def test_changes_and_tracking(alice: Api, told: list[Change]) -> None:
    event = alice.event("diary")
    time.sleep(0.002)
    told.clear()
    answer = put(alice, event, content="new", description="d", time=5.5, duration=3)
    new = answer["event"]
    assert answer.status == 200
    assert (new["content"], new["description"], new["time"], new["duration"]) == ("new", "d", 5.5, 3)
    assert new["created"] == event["created"]
    assert new["modified"] > event["modified"]
    assert new["integrity"] == event_integrity(new) != event["integrity"]
    assert told == [Change.EVENTS]
    assert alice.get(f"events/{event['id']}")["event"] == new


def test_empty_update_touches_tracking_only(alice: Api) -> None:
    event = alice.event("diary")
    time.sleep(0.002)
    new = put(alice, event)["event"]
    assert new["modified"] > event["modified"]
    own = ("modified", "integrity")
    assert {k: v for k, v in new.items() if k not in own} == {k: v for k, v in event.items() if k not in own}


def test_moved_events_are_found_where_they_are(alice: Api) -> None:
    alice.stream("b")
    event = alice.event("diary", time=1000)
    put(alice, event, streamIds=["b"], time=2000)
    assert alice.get("events?streams=diary")["events"] == []
    assert len(alice.get("events?streams=b&fromTime=1500&toTime=2500")["events"]) == 1
    assert list(EventStream.objects.values_list("stream_id", "time")) == [("b", 2000.0)]


def test_edge_122_nulls_remove(alice: Api) -> None:
    event = alice.event("diary", type="test/test", description="d", clientData={"a": 1}, duration=4)
    new = put(alice, event, description=None, content=None, clientData=None, trashed=None, time=None)["event"]
    assert not {"description", "content", "clientData", "trashed"} & new.keys()
    assert new["time"] == event["time"]
    assert put(alice, event, duration=None)["event"]["duration"] is None
    assert "duration" not in put(alice, event, duration=0)["event"]


def test_edge_127_content_must_fit(alice: Api) -> None:
    event = alice.event("diary", type="mass/kg", content=1)
    answer = put(alice, event, content="1")
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")
    assert answer.data[0]["code"] == "INVALID_TYPE"
    assert put(alice, event, type="note/txt").error == "invalid-parameters-format", "merged event is checked"
    assert put(alice, event, type="mass/g")["event"]["content"] == 1
    assert put(alice, event, type="bad").data[0]["path"] == "#/update/type"


def test_edge_130_131_new_streams_are_checked(alice: Api, shared: dict[str, Any]) -> None:
    answer = put(alice, shared, streamIds=["a", "nope"])
    assert (answer.error, answer.data) == ("unknown-referenced-resource", {"streamIds": ["nope"]})
    alice.delete("streams/c")
    answer = put(alice, shared, streamIds=["a", "c"])
    assert (answer.error, answer.data) == ("invalid-operation", {"trashedReference": "streamIds"})
    unknown = {"id": "cm3a9k2w0000008l4h2x1q9z"}
    assert put(alice, unknown, streamIds=["nope"]).error == "unknown-referenced-resource"
    assert put(alice, shared, streamIds=[]).error == "invalid-parameters-format"


def test_edge_133_one_writable_stream_suffices(alice: Api, shared: dict[str, Any]) -> None:
    guest = alice.share(*grants(a="contribute", b="read"))
    assert put(guest, shared, description="x").status == 200


def test_edge_134_added_streams_need_the_right(alice: Api, shared: dict[str, Any]) -> None:
    without = alice.share(*grants(a="contribute", b="read"))
    assert put(without, shared, streamIds=["a", "b", "c"]).error == "forbidden"
    with_it = alice.share(*grants(a="contribute", b="read", c="contribute"))
    assert put(with_it, shared, streamIds=["a", "b", "c"]).status == 200


def test_edge_135_removed_streams_need_the_right(alice: Api, shared: dict[str, Any]) -> None:
    without = alice.share(*grants(a="contribute", b="read"))
    assert put(without, shared, streamIds=["a"]).error == "forbidden"
    with_it = alice.share(*grants(a="contribute", b="contribute"))
    assert put(with_it, shared, streamIds=["a"])["event"]["streamIds"] == ["a"]


def test_edge_136_client_data_merges(alice: Api) -> None:
    event = alice.event("diary", clientData={"b": 1, "c": {"x": 1}})
    new = put(alice, event, clientData={"a": 1, "b": None})["event"]
    assert new["clientData"] == {"c": {"x": 1}, "a": 1}


def test_edge_137_attachments_in_json(alice: Api) -> None:
    answer = put(alice, alice.event("diary"), attachments=[])
    assert (answer.status, answer.error) == (403, "forbidden")


@pytest.mark.parametrize("field", ["id", "created", "createdBy", "modified", "modifiedBy", "integrity"])
def test_edge_138_protected_fields(alice: Api, field: str) -> None:
    event = alice.event("diary")
    assert put(alice, event, **{field: "x"}).error == "forbidden"
    with override_settings(UPDATES_IGNORE_PROTECTED=True):
        new = put(alice, event, **{field: "x"})["event"]
    assert new[field] != "x"


def test_unknown_properties(alice: Api) -> None:
    for field in ("files", "streamId", "tags"):
        answer = put(alice, alice.event("diary"), **{field: []})
        assert answer.error == "invalid-parameters-format"
        assert answer.data[0]["path"] == "#/update"


def test_edge_139_plain_and_series_stay_apart(alice: Api) -> None:
    plain = alice.event("diary", type="mass/kg", content=1)
    series = alice.event("diary", type="series:mass/kg", content=None)
    assert put(alice, plain, type="series:mass/kg").error == "invalid-operation"
    assert put(alice, series, type="mass/kg").error == "invalid-operation"
    assert put(alice, series, content={"x": 1}).error == "invalid-parameters-format"
    assert put(alice, series, type="series:test/test").error == "invalid-event-type"
    changed = put(alice, series, type="series:mass/g")["event"]
    assert changed["type"] == "series:mass/g"
    assert changed["content"] == series["content"], "the points keep their layout"


def test_edge_143_unknown_and_deleted_events(alice: Api) -> None:
    event = alice.event("diary")
    assert put(alice, {"id": "cm3a9k2w0000008l4h2x1q9z"}).error == "unknown-resource"
    for _ in range(2):
        alice.delete(f"events/{event['id']}")
    assert put(alice, event).status == 404


@pytest.mark.parametrize(
    ("level", "status"),
    [("none", 403), ("read", 403), ("create-only", 403), ("contribute", 200), ("manage", 200)],
)
def test_edge_145_who_may_update(alice: Api, level: str, status: int) -> None:
    event = alice.event("diary")
    assert put(alice.guest(level), event, description="x").status == status


def test_restore(alice: Api) -> None:
    event = alice.event("diary")
    alice.delete(f"events/{event['id']}")
    assert "trashed" not in put(alice, event, trashed=False)["event"]


def test_edge_146_no_history_by_default(alice: Api) -> None:
    event = alice.event("diary")
    put(alice, event, description="x")
    assert alice.get(f"events/{event['id']}?includeHistory=true")["history"] == []


def test_in_a_batch(alice: Api) -> None:
    event = alice.event("diary")
    call = {"method": "events.update", "params": {"id": event["id"], "update": {"description": "x"}}}
    assert alice.call("POST", "/alice/", [call])["results"][0]["event"]["description"] == "x"
