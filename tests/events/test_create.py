"""events.create (spec api-data §3.7, §3.3, §4.2; edge cases 121–132, 140–141, 145, 148, 153–154)."""

import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from pryvsite.kernel.changes import Change
from pryvsite.kernel.integrity import event_integrity
from tests.cast import Answer, Api

ID = "cm3a9k2w0000008l4h2x1q9z"
NOTE = {"streamIds": ["diary"], "type": "note/txt", "content": "x"}


def create(api: Api, **fields: Any) -> Answer:
    return api.post("events", {**NOTE, **fields})


def test_edge_121_minimal_event(alice: Api, told: list[Change]) -> None:
    answer = alice.post("events", {"streamIds": ["diary"], "type": "activity/plain"})
    event = answer["event"]
    assert answer.status == 201
    assert list(event) == [
        *("id", "streamIds", "time", "type", "integrity", "created", "createdBy", "modified", "modifiedBy")
    ]
    assert abs(event["time"] - time.time()) < 5
    assert event["integrity"] == event_integrity(event)
    assert event["createdBy"] == answer.headers["Pryv-Access-Id"]
    assert told == [Change.EVENTS]


def test_everything_set_comes_back(alice: Api) -> None:
    fields = {
        "id": ID,
        "time": 1741939200.25,
        "duration": 60.5,
        "description": "after run",
        "clientData": {"app:unit": "metric", "n": [1, {"deep": None}]},
        "trashed": True,
    }
    event = create(alice, **fields)["event"]
    assert {name: event[name] for name in fields} == fields
    assert event["integrity"] == event_integrity(event)
    assert alice.get(f"events/{ID}")["event"] == event


def test_whole_seconds_are_written_as_integers(alice: Api) -> None:
    create(alice, id=ID, time=1700000000, duration=60)
    assert '"time":1700000000,"duration":60,' in Event.objects.get(id=ID).wire


@pytest.mark.parametrize("content", [0, 70.5, -1e-7, 1e21, 12345678901234567890])
def test_numbers_come_back_unchanged(alice: Api, content: float) -> None:
    assert create(alice, type="mass/kg", content=content)["event"]["content"] == content


@pytest.mark.parametrize("content", [0, False, "", [], {}])
def test_empty_contents_are_contents(alice: Api, content: object) -> None:
    event = create(alice, type="test/anything", content=content)["event"]
    assert event["content"] == content
    assert event["content"] is not None


def test_edge_122_explicit_nulls(alice: Api) -> None:
    nulls = dict.fromkeys(("id", "time", "description", "clientData", "trashed"))
    event = create(alice, **nulls)["event"]
    assert not {"description", "clientData", "trashed"} & event.keys()


def test_running_events_show_their_null(alice: Api) -> None:
    event = create(alice, duration=None)["event"]
    assert event["duration"] is None
    assert "duration" not in create(alice, duration=0)["event"]
    assert event["integrity"] == event_integrity({k: v for k, v in event.items() if k != "duration"})


@pytest.mark.parametrize("time", [1e308, -1e308, 1e24, 5e-324])
def test_any_time_is_taken(alice: Api, time: float) -> None:
    event = create(alice, time=time)["event"]
    assert alice.put(f"events/{event['id']}", {"time": -time})["event"]["time"] == -time
    assert alice.delete(f"events/{event['id']}").status == 200
    assert "eventDeletion" in alice.delete(f"events/{event['id']}").body


@pytest.mark.parametrize(
    ("time", "duration"), [(1e308, 1e308), (-1e308, 1e308), (1.7976931348623157e308, 1e300)]
)
def test_an_end_beyond_numbers_is_refused_not_taken_for_none(
    alice: Api, time: float, duration: float
) -> None:
    answer = create(alice, time=time, duration=duration)
    if time < 0:
        assert answer.status == 201
    else:
        assert (answer.status, answer.error) == (400, "invalid-parameters-format")
        event = create(alice, time=time)["event"]
        assert alice.put(f"events/{event['id']}", {"duration": duration}).error == answer.error
    assert alice.events("?running=true") == []


@pytest.mark.parametrize("streams", [None, [], "diary", [""], [3]])
def test_edge_123_stream_ids_are_needed(alice: Api, streams: object) -> None:
    body = {"type": "note/txt", "content": "x"} | ({} if streams is None else {"streamIds": streams})
    answer = alice.post("events", body)
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")


def test_edge_124_duplicates_are_stored_once(alice: Api) -> None:
    alice.stream("b")
    assert create(alice, streamIds=["b", "diary", "b"])["event"]["streamIds"] == ["b", "diary"]


def test_edge_125_existing_id_conflicts(alice: Api, carol: Api) -> None:
    assert create(alice, id=ID).status == 201
    assert create(carol, id=ID).status == 201, "ids are unique within the account"
    for _ in range(3):  # live, trashed, deleted
        answer = create(alice, id=ID)
        assert (answer.status, answer.error, answer.data) == (409, "item-already-exists", {"id": ID})
        alice.delete(f"events/{ID}")


@pytest.mark.parametrize("given", ["short", "C" + "a" * 24, f"{ID}\n", "cm3a9k2w0000008l4h2x1q9zzz", ""])
def test_edge_126_ids_that_are_not_cuid_like(alice: Api, given: str) -> None:
    assert create(alice, id=given).error == "invalid-parameters-format"


@pytest.mark.parametrize(
    ("event_type", "content", "path"),
    [
        ("mass/kg", "71", "#"),
        ("mass/kg", None, "#"),
        ("activity/plain", 1, "#"),
        ("position/wgs84", {"latitude": "x", "longitude": 1}, "#/latitude"),
        ("position/wgs84", {"latitude": 1}, "#/"),
        ("blood-pressure/mmhg-bpm", {"systolic": 120}, "#/"),
        ("position/wgs84", "Lausanne", "#"),
    ],
    ids=["127-text", "127-missing", "127-null-type", "127-property", "127-required", "127-object", "128"],
)
def test_edge_127_128_contents_fit_their_type(
    alice: Api, event_type: str, content: object, path: str
) -> None:
    answer = create(alice, type=event_type, content=content)
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")
    assert path in {entry["path"] for entry in answer.data}


def test_all_violations_of_a_content_are_listed(alice: Api) -> None:
    answer = create(alice, type="position/wgs84", content={"latitude": "a", "longitude": "b"})
    assert {entry["path"] for entry in answer.data} == {"#/latitude", "#/longitude"}


@pytest.mark.parametrize("event_type", ["foo", "Mass/kg", "a/b/c", "note/txt\n", "note/", ""])
def test_bad_types(alice: Api, event_type: str) -> None:
    answer = create(alice, type=event_type)
    assert answer.error == "invalid-parameters-format"
    assert answer.data[0]["path"] == "#/type"


@pytest.mark.parametrize("content", [None, 1, "x", [1], {"a": None}])
def test_edge_129_unknown_types_take_anything(alice: Api, content: object) -> None:
    assert create(alice, type="test/test", content=content).status == 201


def test_edge_130_unknown_streams_are_listed(alice: Api) -> None:
    answer = create(alice, streamIds=["nope", "diary", "nada"])
    assert (answer.status, answer.error) == (400, "unknown-referenced-resource")
    assert answer.data == {"streamIds": ["nope", "nada"]}


def test_edge_131_trashed_streams(alice: Api) -> None:
    alice.stream("below", "diary")
    alice.delete("streams/diary")
    for stream_id in ("diary", "below"):
        answer = create(alice, streamIds=[stream_id])
        assert (answer.status, answer.error) == (400, "invalid-operation")
        assert answer.data == {"trashedReference": "streamIds"}


def test_edge_132_all_streams_must_be_writable(alice: Api) -> None:
    alice.stream("b")
    guest = alice.guest("contribute")
    assert create(guest, streamIds=["diary", "b"]).error == "forbidden"
    assert create(guest).status == 201


@pytest.mark.parametrize(
    ("level", "status"),
    [("none", 403), ("read", 403), ("create-only", 201), ("contribute", 201), ("manage", 201)],
)
def test_edge_145_who_may_create(alice: Api, level: str, status: int) -> None:
    assert create(alice.guest(level)).status == status


def test_order_of_checks(alice: Api) -> None:
    """Schema, existence, trash, content, right, id."""
    alice.stream("gone")
    alice.delete("streams/gone")
    create(alice, id=ID)
    guest = alice.guest("read")
    wrong = {"id": ID, "type": "mass/kg", "content": "x"}
    assert create(guest, **wrong, streamIds=["nope", "gone"], foo=1).error == "invalid-parameters-format"
    assert create(guest, **wrong, streamIds=["nope", "gone"]).error == "unknown-referenced-resource"
    assert create(guest, **wrong, streamIds=["gone"]).error == "invalid-operation"
    assert create(guest, **wrong).error == "invalid-parameters-format"
    assert create(guest, id=ID).error == "forbidden"
    assert create(alice, id=ID).error == "item-already-exists"


def test_edge_140_other_running_events_go_on(alice: Api) -> None:
    first = create(alice, duration=None)["event"]
    create(alice, duration=None)
    assert len(alice.get("events?running=true")["events"]) == 2
    assert alice.get(f"events/{first['id']}")["event"]["duration"] is None


@pytest.mark.parametrize("word", ["start", "stop"])
def test_edge_141_retired_routes(alice: Api, word: str) -> None:
    answer = Api("alice").post(f"events/{word}")
    assert (answer.status, answer.error) == (410, "removed-method")


def test_edge_148_153_account_streams(alice: Api) -> None:
    assert create(alice, streamIds=[":_system:appId"]).error == "invalid-operation"
    assert create(alice.guest("manage", "*"), streamIds=[":system:email"]).error == "forbidden"


def test_edge_154_stores_do_not_mix(alice: Api) -> None:
    assert create(alice, id=":dummy:x1", streamIds=["diary"]).error == "invalid-request-structure"
    assert create(alice, streamIds=["diary", ":_audit:x"]).error == "invalid-request-structure"


@pytest.mark.parametrize("field", ["attachments", "files", "streamId", "tags", "history"])
def test_properties_that_are_refused(alice: Api, field: str) -> None:
    answer = create(alice, **{field: []})
    assert answer.error == "invalid-parameters-format"
    assert answer.data[0]["code"] == "OBJECT_ADDITIONAL_PROPERTIES"
    assert answer.data[0]["params"] == [field]


def test_tracking_fields_are_overwritten(alice: Api) -> None:
    event = create(alice, created=1, createdBy="x", modified=1, modifiedBy="x", integrity="x")["event"]
    assert event["created"] > 1
    assert event["createdBy"] != "x"
    assert event["integrity"] == event_integrity(event)


def test_edge_016_caller_id_in_tracking_fields(alice: Api) -> None:
    answer = alice.post("events", NOTE, Authorization=f"{alice.token} my-device")
    author = f"{answer.headers['Pryv-Access-Id']} my-device"
    assert answer["event"]["createdBy"] == answer["event"]["modifiedBy"] == author


def test_negative_durations_are_refused(alice: Api) -> None:
    assert create(alice, duration=-1).error == "invalid-parameters-format"
    assert create(alice, time=-5.5).status == 201


@pytest.mark.parametrize(
    ("event_type", "fields", "required"),
    [
        ("series:mass/kg", ["deltaTime", "value"], ["deltaTime", "value"]),
        (
            "series:position/wgs84",
            ["deltaTime", "latitude", "longitude", "altitude"],
            ["deltaTime", "latitude", "longitude"],
        ),
    ],
)
def test_series_contents_are_made(
    alice: Api, event_type: str, fields: list[str], required: list[str]
) -> None:
    event = alice.post("events", {"streamIds": ["diary"], "type": event_type})["event"]
    content = event["content"]
    assert content["elementType"] == event_type.removeprefix("series:")
    assert content["fields"][: len(fields)] == fields
    assert content["required"] == required
    assert "duration" not in event


def test_series_of_unknown_types_and_with_contents(alice: Api) -> None:
    answer = alice.post("events", {"streamIds": ["diary"], "type": "series:test/test"})
    assert (answer.status, answer.error, answer.data) == (
        400,
        "invalid-event-type",
        {"type": "series:test/test"},
    )
    assert create(alice, type="series:mass/kg", content=3).error == "invalid-parameters-format"


@pytest.mark.parametrize("body", ["[]", "[1]", '"x"', "{"], ids=["014-array", "014-list", "scalar", "013"])
def test_edge_013_014_bodies_that_are_no_objects(alice: Api, body: str) -> None:
    answer = alice.post("events", body)
    assert answer.status == 400
    assert answer.error == ("invalid-parameters-format" if body[0] == "[" else "invalid-request-structure")


@pytest.mark.parametrize(
    "content", ['"\\u0000"', '"\\ud800"', "1e400", "[" * 20_000 + "]" * 20_000, "[" * 600 + "]" * 600]
)
def test_hostile_contents(alice: Api, content: str) -> None:
    answer = alice.post("events", f'{{"streamIds":["diary"],"type":"test/test","content":{content}}}')
    assert answer.status == 400
    assert answer["error"]["message"]


@pytest.mark.parametrize(("levels", "status"), [(149, 201), (151, 400), (900, 400)])
def test_nesting(alice: Api, levels: int, status: int) -> None:
    deep = "[" * levels + "]" * levels
    for field in (f'"content":{deep}', f'"clientData":{{"a":{deep[1:-1]}}}'):
        answer = alice.post("events", f'{{"streamIds":["diary"],"type":"test/test",{field}}}')
        assert answer.status == status
    assert alice.get("events").status == 200
    answer = alice.put("streams/diary", f'{{"clientData":{{"a":{deep[1:-1]}}}}}')
    assert answer.status == (200 if status == 201 else 400)
    assert alice.get("streams").status == 200


def test_statements(alice: Api) -> None:
    alice.get("events")
    with CaptureQueriesContext(connection) as seen:
        create(alice)
    own = [q["sql"] for q in seen if "SAVEPOINT" not in q["sql"] and not q["sql"].startswith("BEGIN")]
    assert len(own) <= 2 + 6, own  # account and access first
