"""Series (spec api-data §4; edge cases 173–192)."""

import base64
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from events.models import SeriesChunk
from events.series import codec, store
from pryvsite.kernel.changes import Change
from pryvsite.kernel.integrity import event_integrity
from tests.cast import Answer, Api

POSITION = ["deltaTime", "latitude", "longitude"]


def series(api: Api, element: str = "mass/kg", *streams: str, **fields: Any) -> str:
    made = api.event(*(streams or ("diary",)), type=f"series:{element}", content=None, **fields)
    return str(made["id"])


def flat(points: list[Any], fields: list[str] | None = None, **more: Any) -> dict[str, Any]:
    return {"format": "flatJSON", "fields": fields or ["deltaTime", "value"], "points": points, **more}


def write(api: Api, event_id: str, points: list[Any], fields: list[str] | None = None) -> Answer:
    return api.post(f"events/{event_id}/series", flat(points, fields))


@pytest.mark.parametrize("fields", [["deltaTime", "value"], ["value", "deltaTime"]])
def test_a_negative_zero_is_the_beginning(alice: Api, fields: list[str]) -> None:
    event_id = series(alice)
    order = slice(None, None, 1 if fields[0] == "deltaTime" else -1)
    assert write(alice, event_id, [[-0.0, 7][order], [5, -0.0][order]], fields).status == 200
    read = alice.get(f"events/{event_id}/series")
    assert read["points"] == [[0, 7], [5, 0]] and str(read["points"][0][0]) == "0"


def test_edge_174_written_points_come_back(alice: Api, told: list[Change]) -> None:
    event_id = series(alice)
    told.clear()
    answer = write(alice, event_id, [[71.2, 0], [71.1, 120.5], [71.3, 60]], ["value", "deltaTime"])
    assert answer.status == 200
    assert (answer["status"], list(answer.body)) == ("ok", ["status", "meta"])
    got = alice.get(f"events/{event_id}/series")
    assert list(got.body) == ["format", "fields", "points", "meta"]
    assert got["format"] == "flatJSON"
    assert got["fields"] == ["deltaTime", "value"]
    assert got["points"] == [[0, 71.2], [60, 71.3], [120.5, 71.1]]
    assert told == [], "points are not announced"


def test_edge_173_timestamps(alice: Api) -> None:
    event_id = series(alice, time=1000)
    assert write(alice, event_id, [[1000, 1], [1060.5, 2]], ["timestamp", "value"]).status == 200
    assert alice.get(f"events/{event_id}/series")["points"] == [[0, 1], [60.5, 2]]
    answer = write(alice, event_id, [[999, 1]], ["timestamp", "value"])
    assert answer.error == "invalid-request-structure", "before the event"


def test_edge_175_right_through_the_second_stream(alice: Api) -> None:
    alice.stream("b")
    event_id = series(alice, "mass/kg", "diary", "b")
    guest = alice.guest("contribute", "b")
    assert write(guest, event_id, [[0, 1]]).status == 200
    assert guest.get(f"events/{event_id}/series")["points"] == [[0, 1]]


def test_edge_176_moved_event(alice: Api) -> None:
    event_id = series(alice, time=1000)
    write(alice, event_id, [[5, 1]])
    alice.put(f"events/{event_id}", {"time": 2000})
    write(alice, event_id, [[2010, 2]], ["timestamp", "value"])
    assert alice.get(f"events/{event_id}/series")["points"] == [[5, 1], [10, 2]]


def test_edge_177_trashed_event(alice: Api) -> None:
    event_id = series(alice)
    write(alice, event_id, [[0, 1]])
    alice.delete(f"events/{event_id}")
    answer = write(alice, event_id, [[1, 1]])
    assert (answer.status, answer.error) == (400, "invalid-operation")
    assert answer.data == {"trashedReference": "eventId"}
    assert alice.get(f"events/{event_id}/series")["points"] == [[0, 1]], "reading goes on"


def test_edge_178_deleted_event(alice: Api) -> None:
    event_id = series(alice)
    write(alice, event_id, [[0, 1]])
    for _ in range(2):
        alice.delete(f"events/{event_id}")
    assert not SeriesChunk.objects.exists()
    assert alice.get(f"events/{event_id}/series").status == 404
    assert write(alice, event_id, [[0, 1]]).data == {"trashedReference": "eventId"}


@pytest.mark.parametrize("body", ["", "nope", '"x"', "[]", "{}"])
def test_edge_179_bodies_that_are_no_flat_json(alice: Api, body: str) -> None:
    answer = alice.post(f"events/{series(alice)}/series", body)
    assert (answer.status, answer.error) == (400, "invalid-request-structure")


NUMBERS = ["deltaTime", "value"]
BAD = {
    "180-ragged": (NUMBERS, [[0, 1], [1]]),
    "180-no-row": (NUMBERS, [[0, 1], 5]),
    "180-no-delta": (["value"], [[1]]),
    "180-text": (NUMBERS, [[0, 1], [1, "x"]]),
    "180-bool": (NUMBERS, [[0, True]]),
    "180-object": (NUMBERS, [[0, {}]]),
    "180-delta-text": (NUMBERS, [["x", 1]]),
    "180-delta-null": (NUMBERS, [[None, 1]]),
    "180-negative": (NUMBERS, [[-1, 1]]),
    "180-huge": (NUMBERS, [["9" * 400, 1]]),
    "180-points": (NUMBERS, {}),
    "180-both-clocks": (["deltaTime", "timestamp", "value"], [[0, 0, 1]]),
    "181": (["deltaTime"], [[1]]),
    "182-delta": (["deltaTime", "deltaTime", "value"], [[0, 0, 1]]),
    "182-value": (["deltaTime", "value", "value"], [[0, 1, 1]]),
    "183": (["deltaTime", "value", "other"], [[0, 1, 1]]),
    "184": (NUMBERS, [[0, None]]),
}


@pytest.mark.parametrize(("fields", "points"), BAD.values(), ids=BAD.keys())
def test_edge_180_to_184_nothing_of_a_wrong_body_is_stored(alice: Api, fields: Any, points: Any) -> None:
    answer = alice.post(f"events/{series(alice)}/series", flat(points, fields))
    assert (answer.status, answer.error) == (400, "invalid-request-structure")
    assert answer["error"]["message"]
    assert not SeriesChunk.objects.exists()


def test_edge_180_unknown_format(alice: Api) -> None:
    answer = alice.post(f"events/{series(alice)}/series", flat([[0, 1]], format="csv"))
    assert answer.error == "invalid-request-structure"


def test_edge_184_null_for_an_optional_field(alice: Api) -> None:
    event_id = series(alice, "position/wgs84")
    assert write(alice, event_id, [[0, 1, 2, None], [1, 1, 2, 3]], [*POSITION, "altitude"]).status == 200
    got = alice.get(f"events/{event_id}/series")
    assert got["fields"] == [*POSITION, "altitude"]
    assert got["points"] == [[0, 1, 2, None], [1, 1, 2, 3]]


def test_edge_185_other_optional_fields_each_time(alice: Api) -> None:
    event_id = series(alice, "position/wgs84")
    assert write(alice, event_id, [[0, 1, 2, 9]], [*POSITION, "speed"]).status == 200
    assert write(alice, event_id, [[1, 1, 2, 8]], [*POSITION, "altitude"]).status == 200
    got = alice.get(f"events/{event_id}/series")
    assert got["fields"] == [*POSITION, "altitude", "speed"], "in the type's order"
    assert got["points"] == [[0, 1, 2, None, 9], [1, 1, 2, 8, None]]


def test_edge_186_plain_event(alice: Api) -> None:
    event = alice.event("diary", type="mass/kg", content=1)
    answer = write(alice, event["id"], [[0, 1]])
    assert (answer.status, answer.error) == (400, "invalid-operation")
    assert alice.get(f"events/{event['id']}/series").error == "invalid-operation"


def test_edge_187_invalid_token(alice: Api) -> None:
    answer = write(Api("alice", "nonsense"), series(alice), [[0, 1]])
    assert (answer.status, answer.error) == (403, "invalid-access-token")


def batch(*entries: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "format": "seriesBatch",
        "data": [{"eventId": event_id, "data": data} for event_id, data in entries],
    }


def test_edge_188_batch(alice: Api) -> None:
    first, second = series(alice), series(alice, "position/wgs84")
    body = batch((first, flat([[0, 1]])), (second, flat([[0, 1, 2]], POSITION)))
    answer = alice.post("series/batch", body)
    assert (answer.status, answer["status"]) == (200, "ok")
    assert alice.get(f"events/{first}/series")["points"] == [[0, 1]]
    assert alice.get(f"events/{second}/series")["points"] == [[0, 1, 2]]
    for path in ("series/batch", f"events/{first}/series"):
        answer = Api("alice").post(path, body)
        assert (answer.status, answer.error) == (400, "missing-header")


def test_batch_with_one_event_twice(alice: Api) -> None:
    event_id = series(alice)
    assert (
        alice.post("series/batch", batch((event_id, flat([[9, 1]])), (event_id, flat([[3, 2]])))).status
        == 200
    )
    assert alice.get(f"events/{event_id}")["event"]["duration"] == 9
    assert alice.get(f"events/{event_id}/series")["points"] == [[3, 2], [9, 1]]


def test_edge_189_one_wrong_entry_rejects_all(alice: Api) -> None:
    alice.stream("b")
    mine, other = series(alice, "mass/kg", "b"), series(alice)
    guest = alice.guest("contribute", "b")
    answer = guest.post("series/batch", batch((mine, flat([[0, 1]])), (other, flat([[0, 1]]))))
    assert (answer.status, answer.error) == (403, "forbidden")
    unknown = "cm3a9k2w0000008l4h2x1q9z"
    answer = guest.post("series/batch", batch((mine, flat([[0, 1]])), (unknown, flat([[0, 1]]))))
    assert (answer.status, answer.error) == (404, "unknown-resource")
    answer = guest.post("series/batch", batch((mine, flat([[0, 1]])), (mine, flat([[0, "x"]]))))
    assert answer.error == "invalid-request-structure"
    assert not SeriesChunk.objects.exists()


@pytest.mark.parametrize(
    "body",
    [{}, [], {"format": "seriesBatch"}, {"format": "seriesBatch", "data": [{}]}, {"format": "x", "data": []}],
)
def test_malformed_batches(alice: Api, body: object) -> None:
    assert alice.post("series/batch", body).error == "invalid-request-structure"


def test_empty_writes(alice: Api) -> None:
    event_id = series(alice)
    assert alice.post("series/batch", batch()).status == 200
    assert write(alice, event_id, []).status == 200
    got = alice.get(f"events/{event_id}/series")
    assert (got["fields"], got["points"]) == ([], [])


def test_edge_190_reading_without_right(alice: Api) -> None:
    event_id = series(alice)
    answer = Api("alice").get(f"events/{event_id}/series")
    assert (answer.status, answer.error) == (401, "missing-header")
    assert Api("nobody42", alice.token).get(f"events/{event_id}/series").status == 404
    assert alice.get("events/cm3a9k2w0000008l4h2x1q9z/series").status == 404
    assert alice.guest("create-only").get(f"events/{event_id}/series").status == 403


@pytest.mark.parametrize(
    ("level", "status"),
    [("none", 403), ("read", 403), ("create-only", 200), ("contribute", 200), ("manage", 200)],
)
def test_who_may_write(alice: Api, level: str, status: int) -> None:
    assert write(alice.guest(level), series(alice), [[0, 1]]).status == status


@pytest.mark.parametrize("query", ["fromDeltaTime=abc", "toDeltaTime=", "fromDeltaTime=5&toDeltaTime=4"])
def test_edge_191_bad_windows(alice: Api, query: str) -> None:
    assert alice.get(f"events/{series(alice)}/series?{query}").error == "invalid-parameters-format"


def test_windows_exclude_their_end(alice: Api) -> None:
    event_id = series(alice)
    write(alice, event_id, [[n, n] for n in range(10)])
    got = alice.get(f"events/{event_id}/series?fromDeltaTime=2&toDeltaTime=5")["points"]
    assert got == [[2, 2], [3, 3], [4, 4]]


def test_edge_192_other_ways_to_give_the_token(alice: Api) -> None:
    event_id = series(alice)
    basic = base64.b64encode(f"{alice.token}:".encode()).decode()
    assert Api("alice").get(f"events/{event_id}/series?auth={alice.token}").status == 200
    assert Api("alice").get(f"events/{event_id}/series", Authorization=f"Basic {basic}").status == 200


def test_edge_031_options(alice: Api) -> None:
    for path in ("events", "events/x/series", "series/batch"):
        answer = Api("alice").call("OPTIONS", path, Origin="https://app.example")
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"


def test_same_delta_replaces_the_row(alice: Api) -> None:
    event_id = series(alice)
    write(alice, event_id, [[1, 1], [2, 2], [1, 3]])
    write(alice, event_id, [[2, 5]])
    assert alice.get(f"events/{event_id}/series")["points"] == [[1, 3], [2, 5]]


def test_accepted_spellings(alice: Api) -> None:
    event_id = series(alice)
    assert write(alice, event_id, [["0", "1.5"], ["1.25", 2]]).status == 200
    assert alice.get(f"events/{event_id}/series")["points"] == [[0, 1.5], [1.25, 2]]
    flag = series(alice, "boolean/bool")
    assert write(alice, flag, [[0, "true"], [1, False]]).status == 200
    assert alice.get(f"events/{flag}/series")["points"] == [[0, True], [1, False]]
    text = series(alice, "note/txt")
    assert write(alice, text, [[0, 5], [1, "x"]]).status == 200
    assert alice.get(f"events/{text}/series")["points"] == [[0, "5"], [1, "x"]]


def test_writing_stretches_the_event(alice: Api) -> None:
    event_id = series(alice)
    write(alice, event_id, [[60, 1]])
    write(alice, event_id, [[30, 1]])
    event = alice.get(f"events/{event_id}")["event"]
    assert event["duration"] == 60
    assert event["integrity"] == event_integrity(event)
    guest = alice.guest("contribute")
    answer = write(guest, event_id, [[90.5, 1]])
    event = alice.get(f"events/{event_id}")["event"]
    assert (event["duration"], event["modifiedBy"]) == (90.5, answer.headers["Pryv-Access-Id"])
    running = series(alice, duration=None)
    write(alice, running, [[5, 1]])
    assert alice.get(f"events/{running}")["event"]["duration"] is None


def test_writing_costs_a_few_statements(alice: Api) -> None:
    event_id = series(alice)
    write(alice, event_id, [[0, 1]])
    with CaptureQueriesContext(connection) as seen:
        write(alice, event_id, [[n, n] for n in range(4000)])
    assert len(seen) <= 12


def test_points_for_charts(alice: Api) -> None:
    event_id = series(alice, "position/wgs84")
    points = [[n, 1 if n != 777 else 99, 2] for n in range(1000)]
    write(alice, event_id, points, POSITION)
    account_id = Account.objects.get(username="alice").id
    assert store.count(account_id, event_id) == 1000
    fields = ["longitude", "deltaTime", "altitude"]
    assert store.read(account_id, event_id, fields, 3, 5) == [[2, 3.0, None], [2, 4.0, None]]
    thin = store.read(account_id, event_id, ["deltaTime", "latitude"], max_points=50)
    assert len(thin) <= 50
    assert [777.0, 99] in thin, "spikes stay"
    assert thin == sorted(thin)
    assert store.read(account_id, "unknown", ["deltaTime", "value"]) == []


def test_points_of_a_call_are_one_statement(alice: Api) -> None:
    event_id = series(alice)
    write(alice, event_id, [[n, n] for n in range(1000)])
    with CaptureQueriesContext(connection) as seen:
        write(alice, event_id, [[n, n] for n in range(1000, 2000)])
    of_points = [query["sql"] for query in seen if "events_serieschunk" in query["sql"]]
    assert [sql.split()[0] for sql in of_points] == ["SELECT", "INSERT"], "where the series ends, and its end"
    assert len([query for query in seen if "events_event" in query["sql"]]) == 2, (
        "the event, read and written"
    )


def test_points_keep_no_versions_of_their_event(alice: Api, settings: Any) -> None:
    """Versions are of what people change (spec api-data §3.11)."""
    settings.FORCE_KEEP_HISTORY = True
    event_id = series(alice)
    write(alice, event_id, [[0, 1]])
    assert alice.get(f"events/{event_id}?includeHistory=true")["history"] == []
    alice.put(f"events/{event_id}", {"description": "scale"})
    (version,) = alice.get(f"events/{event_id}?includeHistory=true")["history"]
    assert "description" not in version


def test_head_reads_no_points(alice: Api) -> None:
    event_id = series(alice)
    write(alice, event_id, [[0, 1]])
    answer = alice.call("HEAD", f"events/{event_id}/series")
    assert (answer.status, answer.body) == (200, b"")
    assert "Content-Length" not in answer.headers  # not known without reading
    assert alice.call("HEAD", "events/cm3a9k2w0000008l4h2x1q9z/series").status == 404


@pytest.mark.parametrize("value", ["9" * 400, "1e400", "-" + "9" * 400])
def test_windows_beyond_all_numbers(alice: Api, value: str) -> None:
    answer = alice.get(f"events/{series(alice)}/series?fromDeltaTime={value}")
    assert answer.error == "invalid-parameters-format"


def test_odd_texts_and_times(alice: Api) -> None:
    """Texts of any kind become texts as JSON spells them; NUL and what is no JSON are refused."""
    text = series(alice, "note/txt")
    assert write(alice, text, [[0, True], [1, 1.5], [2, [1]], [3, "é\u2028"]]).status == 200
    assert [value for _, value in alice.get(f"events/{text}/series")["points"]] == [
        "true",
        "1.5",
        "[1]",
        "é\u2028",
    ]
    for bad in ('[[4,"a\\u0000"]]', '[[4,"\\ud800"]]', "[[4,NaN]]", '[[1e400,"a"]]', '[[4,"a"],]'):
        body = f'{{"format":"flatJSON","fields":["deltaTime","value"],"points":{bad}}}'
        assert alice.post(f"events/{text}/series", body).error == "invalid-request-structure", bad
    number = series(alice)
    assert write(alice, number, [[2**60, 2**70]]).status == 200
    assert alice.get(f"events/{number}/series")["points"] == [[2.0**60, 2.0**70]]


def test_more_points_than_a_call_takes(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec, "MOST_POINTS", 3)
    event_id = alice.event("diary", type="series:mass/kg", content=None)["id"]
    for count, status in ((3, 200), (4, 400)):
        body = {
            "format": "flatJSON",
            "fields": ["deltaTime", "value"],
            "points": [[n, 1] for n in range(count)],
        }
        assert alice.post(f"events/{event_id}/series", body).status == status
    assert len(alice.get(f"events/{event_id}/series").body["points"]) == 3
