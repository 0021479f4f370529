"""events.get (spec api-data §3.2; edge cases 77–109)."""

import json
import sqlite3
import time
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.query import run
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.ports import ports
from tests.cast import Answer, Api


def get(api: Api, **params: Any) -> Answer:
    return api.get("events?" + urlencode(params, doseq=True))


def found(api: Api, **params: Any) -> list[str]:
    answer = get(api, **params)
    assert answer.status == 200, answer.body
    return [event.get("description", event["type"]) for event in answer["events"]]


def note(api: Api, name: str, *streams: str, **fields: Any) -> dict[str, Any]:
    return api.event(*(streams or ("diary",)), description=name, **fields)


@pytest.fixture
def owner(alice: Api) -> Api:
    """Alice with her own token, which also lists the fields of her account."""
    return alice


@pytest.fixture
def alice(owner: Api) -> Api:
    """Alice through an app that manages everything: it doesn't see the fields of the account."""
    return owner.share({"streamId": "*", "level": "manage"}, type="app")


@pytest.fixture
def days(alice: Api) -> Api:
    """Events at 0, 100, … 500 seconds, called e0 … e5."""
    for number in range(6):
        note(alice, f"e{number}", time=number * 100)
    return alice


def test_edge_077_the_newest_twenty(alice: Api) -> None:
    for number in range(25):
        note(alice, str(number), time=number)
    gone = note(alice, "trashed", time=99)
    alice.delete(f"events/{gone['id']}")
    assert found(alice) == [str(number) for number in range(24, 4, -1)]
    assert len(found(alice, modifiedSince=0)) == 20
    assert len(found(alice, limit=30)) == 25


def test_edge_078_sub_streams_are_included(alice: Api) -> None:
    alice.stream("child", "diary")
    alice.stream("other")
    note(alice, "in child", "child")
    note(alice, "elsewhere", "other")
    assert found(alice, streams="diary") == ["in child"]


@pytest.mark.parametrize("form", ["repeat", "brackets", "json", "json-repeat"])
def test_forms_of_the_stream_filter(alice: Api, form: str) -> None:
    for stream_id in ("a", "b"):
        alice.stream(stream_id)
        note(alice, stream_id, stream_id)
    note(alice, "diary")
    query = {
        "repeat": "streams=a&streams=b",
        "brackets": "streams[]=a&streams[]=b",
        "json": "streams=" + quote('["a","b"]'),
        "json-repeat": "streams[]=" + quote('["a","b"]'),
    }[form]
    names = {event["description"] for event in alice.get(f"events?{query}")["events"]}
    assert names == {"a", "b"}


def test_edge_079_types(alice: Api) -> None:
    alice.event("diary", type="mass/kg", content=1)
    alice.event("diary", type="mass/g", content=1)
    alice.event("diary")
    alice.event("diary", type="series:mass/kg", content=None)
    alice.event("diary", type="massive/x")
    assert sorted(found(alice, types=["mass/kg", "note/txt"])) == ["mass/kg", "note/txt"]
    assert sorted(found(alice, types="mass/*")) == ["mass/g", "mass/kg"]
    assert found(alice, types="series:mass/*") == ["series:mass/kg"]
    call = {"method": "events.get", "params": {"types": []}}
    assert len(alice.call("POST", "/alice/", [call])["results"][0]["events"]) == 5


@pytest.mark.parametrize("wrong", ["not-a-type", "Mass/kg", "mass/**", "*/kg"])
def test_edge_080_bad_type_filters(alice: Api, wrong: str) -> None:
    assert get(alice, types=wrong).error == "invalid-parameters-format"


def test_edge_081_window_in_ascending_order(days: Api) -> None:
    assert found(days, fromTime=100, toTime=300, sortAscending="true") == ["e1", "e2", "e3"]
    assert found(days, fromTime=100, toTime=300) == ["e3", "e2", "e1"]


def test_edge_082_zero_is_a_bound(days: Api) -> None:
    note(days, "before", time=-50)
    assert found(days, toTime=0) == ["e0", "before"]
    assert len(found(days, fromTime=0)) == 6
    assert found(days, fromTime=0, toTime=0) == ["e0"]


def test_only_to_time_looks_back_one_day(alice: Api) -> None:
    note(alice, "old", time=1000)
    note(alice, "new", time=1000 + 86_401)
    assert found(alice, toTime=1000 + 86_401) == ["new"]
    assert found(alice, toTime=1000 + 86_400) == ["old"]


def test_only_from_time_ends_now_without_limit(alice: Api) -> None:
    note(alice, "future", time=time.time() + 1000)
    for number in range(25):
        note(alice, str(number))
    assert len(found(alice, fromTime=time.time() - 500)) == 25


def test_extreme_times(days: Api) -> None:
    assert len(found(days, fromTime=-1.7976931348623157e308, toTime=1.7976931348623157e308)) == 6
    assert get(days, fromTime="1e400").error == "invalid-parameters-format"
    assert get(days, fromTime="soon").error == "invalid-parameters-format"


def test_inverted_window_is_empty(alice: Api) -> None:
    note(alice, "long", time=0, duration=1000)
    assert found(alice, fromTime=800, toTime=200) == []
    assert found(alice, fromTime=200, toTime=800) == ["long"]


def test_edge_083_088_089_modified_since(alice: Api) -> None:
    first = note(alice, "first")
    time.sleep(0.01)
    second = note(alice, "second")
    assert len(found(alice, modifiedSince=0)) == 2
    assert found(alice, modifiedSince=first["modified"]) == ["second"], "strictly after (edge 88)"
    for event in (first, second):
        alice.delete(f"events/{event['id']}")
        alice.delete(f"events/{event['id']}")
        time.sleep(0.01)
    answer = get(alice, modifiedSince=0, includeDeletions="true")
    assert list(answer.body) == ["events", "eventDeletions", "meta"]
    assert [d["id"] for d in answer["eventDeletions"]] == [second["id"], first["id"]]
    ascending = get(alice, modifiedSince=0, includeDeletions="true", sortAscending="true")
    assert [d["id"] for d in ascending["eventDeletions"]] == [first["id"], second["id"]]
    since = answer["eventDeletions"][1]["deleted"]
    assert len(get(alice, modifiedSince=since, includeDeletions="true")["eventDeletions"]) == 1
    assert len(get(alice, modifiedSince=0, includeDeletions="true", limit=1, skip=1)["eventDeletions"]) == 1
    assert "eventDeletions" not in get(alice, includeDeletions="true").body


def test_edge_084_periods_that_ended_before(alice: Api) -> None:
    note(alice, "ended", time=0, duration=50)
    note(alice, "overlaps", time=0, duration=100)
    assert found(alice, fromTime=100, toTime=200) == ["overlaps"]


def test_edge_085_running_events(alice: Api) -> None:
    moment = time.time()
    note(alice, "running", time=moment - 5000, duration=None)
    assert found(alice, fromTime=moment - 100) == ["running"]
    assert found(alice, fromTime=moment - 100, toTime=moment + 100) == ["running"]
    assert found(alice, fromTime=moment - 100, toTime=moment - 50) == [], "the window is over"
    assert found(alice, fromTime=moment + 50, toTime=moment + 100) == [], "the window is to come"


def test_edge_086_skip_and_limit(days: Api) -> None:
    assert found(days, skip=2, limit=3) == ["e3", "e2", "e1"]
    assert found(days, limit=0) == []
    assert found(days, fromTime=0, toTime=1000, skip=4) == ["e1", "e0"]
    for wrong in ({"limit": -1}, {"skip": -1}, {"limit": 1.5}, {"limit": 10**30}, {"skip": "x"}):
        assert get(days, **wrong).error == "invalid-parameters-format", wrong


def test_equal_times_are_ordered_by_id(alice: Api) -> None:
    ids = [note(alice, "x", time=5)["id"] for _ in range(5)]
    assert [e["id"] for e in get(alice, sortAscending="true")["events"]] == sorted(ids)
    assert [e["id"] for e in get(alice)["events"]] == sorted(ids, reverse=True)


def test_edge_087_states(alice: Api) -> None:
    note(alice, "live", time=1)
    alice.delete(f"events/{note(alice, 'trashed', time=2)['id']}")
    assert found(alice) == ["live"]
    assert found(alice, state="trashed") == ["trashed"]
    assert found(alice, state="all") == ["trashed", "live"]
    assert get(alice, state="other").error == "invalid-parameters-format"


def test_edge_090_running(alice: Api) -> None:
    note(alice, "running", time=50, duration=None)
    note(alice, "done", time=50, duration=3)
    assert found(alice, running="true") == ["running"]
    assert len(found(alice, running="false")) == 2
    assert found(alice, running="true", fromTime=100, toTime=200) == ["running"], "fromTime is ignored"
    assert found(alice, running="true", toTime=40) == []


def test_edge_091_unknown_parameters(alice: Api) -> None:
    for name in ("withDeletions", "tags"):
        assert get(alice, **{name: "x"}).error == "invalid-parameters-format"
    assert get(alice, auth=alice.token).status == 200


def test_edge_020_token_in_the_query(alice: Api) -> None:
    note(alice, "x")
    assert found(Api("alice"), auth=alice.token) == ["x"]


def test_edge_092_unknown_streams_are_listed(alice: Api) -> None:
    answer = get(alice, streams=["diary", "nope", "nada"])
    assert (answer.status, answer.error) == (400, "unknown-referenced-resource")
    assert answer.data == {"streams": ["nope", "nada"]}
    assert get(alice.guest("read"), streams="nope").error == "forbidden", "existence is not told"


def test_edge_093_trashed_streams(alice: Api) -> None:
    alice.stream("t")
    alice.stream("t1", "t")
    for stream_id in ("t", "t1"):
        note(alice, stream_id, stream_id)
    note(alice, "both", "t", "diary")
    alice.delete("streams/t")
    assert found(alice, streams="t") == []
    assert found(alice, streams="t1") == []
    assert found(alice) == ["both"]
    assert sorted(found(alice, state="all")) == ["both", "t", "t1"]
    assert sorted(found(alice, streams="t", state="all")) == ["both", "t", "t1"]


@pytest.mark.parametrize(
    "query",
    [
        "streams[any]=a",
        "streams=" + quote('{"all":["a"]}'),
        "streams=" + quote("[true]"),
        "streams=" + quote("[null]"),
        "streams=" + quote('[["a"]]'),
        "streams=" + quote('["*","diary"]'),
        "streams=" + quote('["'),
        "streams=",
        "streams=" + quote("a'b"),
        "streams=%00",
    ],
    ids=["094", "095", "096-bool", "096-null", "096-nested", "097", "broken", "empty", "quote", "nul"],
)
def test_edge_094_097_filters_that_are_not_well_formed(alice: Api, query: str) -> None:
    answer = alice.get(f"events?{query}")
    assert (answer.status, answer.error) == (400, "invalid-request-structure")


def test_edge_102_filters_in_a_batch(alice: Api) -> None:
    note(alice, "x")
    calls = [
        {"method": "events.get", "params": {"streams": s}} for s in (["diary"], '["diary"]', "diary", [])
    ]
    results = alice.call("POST", "/alice/", calls)["results"]
    assert [len(result["events"]) for result in results] == [1, 1, 1, 0]


def test_edge_104_limited_token(alice: Api) -> None:
    alice.stream("a")
    alice.stream("a1", "a")
    for stream_id in ("a", "a1", "diary"):
        note(alice, stream_id, stream_id)
    assert sorted(found(alice.guest("read", "a"))) == ["a", "a1"]
    assert get(alice.guest("read", "a"), streams="diary").error == "forbidden"


def test_edge_105_none_below_a_readable_stream(alice: Api) -> None:
    alice.stream("hidden", "diary")
    note(alice, "hidden", "hidden")
    note(alice, "both", "hidden", "diary")
    note(alice, "shown")
    guest = alice.share({"streamId": "diary", "level": "read"}, {"streamId": "hidden", "level": "none"})
    assert found(guest) == ["shown"]
    assert found(guest, streams="diary") == ["shown"]
    assert get(guest, streams="hidden").error == "forbidden"


def test_edge_106_108_create_only(alice: Api) -> None:
    note(alice, "x")
    guest = alice.guest("create-only")
    assert get(guest, streams="diary").error == "forbidden"
    assert found(guest) == []


@pytest.mark.parametrize("level", ["read", "contribute"])
def test_edge_107_create_only_below_a_readable_stream(alice: Api, level: str) -> None:
    alice.stream("box", "diary")
    note(alice, "box", "box")
    note(alice, "shown")
    guest = alice.share({"streamId": "diary", "level": level}, {"streamId": "box", "level": "create-only"})
    assert found(guest, streams="diary") == ["shown"]
    assert found(guest) == ["shown"]


def test_edge_109_none_vetoes_shared_events(alice: Api) -> None:
    for stream_id, parent in (("a", None), ("b", None), ("e", "b"), ("c", None)):
        alice.stream(stream_id, parent)
    note(alice, "b", "b")
    note(alice, "ce", "c", "e")
    note(alice, "ab", "a", "b")
    note(alice, "c", "c")
    guest = alice.share({"streamId": "*", "level": "read"}, {"streamId": "b", "level": "none"})
    assert found(guest) == ["c"]
    assert found(guest, streams="c") == ["c"]


def test_nearest_permission_wins(alice: Api) -> None:
    """Corrections §1.22: below a create-only stream a managed one is readable."""
    alice.stream("a")
    alice.stream("c", "a")
    note(alice, "a", "a")
    note(alice, "c", "c")
    guest = alice.share(
        {"streamId": "*", "level": "read"},
        {"streamId": "a", "level": "create-only"},
        {"streamId": "c", "level": "manage"},
    )
    assert found(guest) == ["c"]


def test_raw_answer_suits_streaming_clients(alice: Api) -> None:
    note(alice, "x")
    raw = b"".join(
        alice.http.get(
            "/alice/events?modifiedSince=0&includeDeletions=true", headers={"Authorization": alice.token}
        ).streaming_content
    ).decode()
    assert raw.startswith('{"events":[{"id":"')
    assert '],"eventDeletions":[],"meta":{"apiVersion":"' in raw
    assert json.loads(raw)["meta"]["serverTime"]


def test_other_accounts_are_apart(alice: Api, carol: Api) -> None:
    note(alice, "x")
    assert carol.events() == []


def test_statements_do_not_grow(alice: Api) -> None:
    counts = []
    for more in (2, 20):
        for number in range(more):
            alice.stream(f"s-{more}-{number}", "diary")
            note(alice, "x", f"s-{more}-{number}")
        alice.get("events")
        with CaptureQueriesContext(connection) as seen:
            get(alice, streams="diary", limit=100, modifiedSince=0, includeDeletions="true")
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 2 + 4  # account and access, then the method's own


def actor_of(api: Api) -> Actor:
    found = ports.authenticator.account(api.username)
    assert found and api.token
    return ports.authenticator.actor(found[0], api.username, api.token, "")


def test_latest_time(days: Api) -> None:
    days.stream("other")
    assert run.latest_time(actor_of(days)) == 500
    assert run.latest_time(actor_of(days), ["other"]) is None
    assert run.latest_time(actor_of(days.guest("create-only"))) is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a limit of SQLite")
def test_a_page_too_long_for_one_text(alice: Api) -> None:
    made = [alice.event("diary", type="note/txt", content=f"{n} " + "x" * 4000)["id"] for n in range(6)]
    connection.ensure_connection()
    before = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 12_000)
    try:
        assert [event["id"] for event in alice.events()] == made[::-1]
    finally:
        connection.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)


@pytest.mark.parametrize("moment", [0.1 + 0.2, 1e-7, 1500000000.1234567, 4102444799.999])
def test_times_are_read_to_the_last_digit(alice: Api, moment: float) -> None:
    """They order events among those of other stores."""
    event_id = alice.event("diary", time=moment)["id"]
    sql = "SELECT wire, has_files, id, time FROM events_event WHERE id = %s LIMIT 1"
    assert [row[2:] for row in run._rows(sql, [event_id], 1)] == [(event_id, moment)]
