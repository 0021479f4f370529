"""A batch creates events as a set; nobody can tell by the answers that it wasn't one call after the other."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from events import rows
from events.models import Event, EventStream
from pryvsite.kernel.changes import Change
from tests.cast import Api

NOTE: dict[str, Any] = {"streamIds": ["diary"], "type": "note/txt", "content": "hello"}
GIVEN = "cgivengivengivengivengive"


def batch(api: Api, *params: Any) -> list[dict[str, Any]]:
    answer = api.post("", [{"method": "events.create", "params": each} for each in params])
    assert answer.status == 200
    results: list[dict[str, Any]] = answer["results"]
    return results


def own_statements(seen: CaptureQueriesContext) -> list[str]:
    texts = [query["sql"] for query in seen]
    return [text for text in texts if not text.startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]


def nested(levels: int) -> list[Any]:
    inner: list[Any] = []
    for _ in range(levels):
        inner = [inner]
    return inner


WRONG: list[Any] = [
    {},
    [],
    {**NOTE, "streamIds": []},
    {**NOTE, "streamIds": ["nowhere"]},
    {**NOTE, "streamIds": ["diary", "nowhere"]},
    {**NOTE, "streamIds": ["trash"]},
    {**NOTE, "streamIds": ["hidden"]},
    {**NOTE, "streamIds": ["diary", ":other:x"]},
    {**NOTE, "type": "Not A Type"},
    {**NOTE, "type": "series:nothing/known"},
    {**NOTE, "content": 5},
    {**NOTE, "type": "mass/kg", "content": "heavy"},
    {**NOTE, "unknown": 1},
    {**NOTE, "duration": -1},
    {**NOTE, "id": "not an id"},
    {**NOTE, "id": GIVEN},
    {**NOTE, "clientData": {"deep": nested(160)}},
]


@pytest.fixture
def guest(alice: Api) -> Api:
    """An app that may add to the diary and to a stream in the trash, next to one hidden from it."""
    alice.stream("trash")
    alice.stream("hidden")
    alice.delete("streams/trash")
    alice.event("diary", id=GIVEN)
    return alice.share({"streamId": "diary", "level": "manage"}, {"streamId": "trash", "level": "manage"})


@pytest.mark.parametrize("params", WRONG)
def test_errors_are_those_of_single_calls(guest: Api, params: Any) -> None:
    alone = batch(guest, params)
    results = batch(guest, NOTE, params, NOTE)
    assert results[1] == alone[0]
    assert [list(one) for one in results] == [["event"], ["error"], ["event"]]
    assert len(guest.events()) == 3


def test_all_that_is_wrong_at_once(guest: Api) -> None:
    mixed = [each for params in WRONG for each in (params, NOTE)]
    results = batch(guest, *mixed)
    assert ["error" in one for one in results] == [True, False] * len(WRONG)
    assert len(guest.events("?limit=100")) == len(WRONG) + 1


def test_what_is_stored_is_what_single_calls_store(alice: Api) -> None:
    alice.stream("second")
    params = {
        **NOTE,
        "streamIds": ["second", "diary", "second"],
        "time": 1700000000.25,
        "duration": None,
        "description": 'é \u2028 "q" \\',
        "clientData": {"a": [1.5, None]},
        "trashed": True,
    }
    single = alice.post("events", params)["event"]
    one, other = (result["event"] for result in batch(alice, params, params))
    assert len({single["id"], one["id"], other["id"]}) == 3
    changing = {"id", "created", "modified", "integrity"}
    strip = lambda event: {key: value for key, value in event.items() if key not in changing}  # noqa: E731
    assert strip(one) == strip(other) == strip(single)
    assert list(one) == list(single)
    assert alice.get(f"events/{one['id']}")["event"] == one
    known = Event.objects.values("time", "end_time", "type", "trashed", "has_files")
    assert known.get(id=one["id"]) == known.get(id=single["id"])
    places = EventStream.objects.filter(event_id=one["id"]).order_by("stream_id")
    assert list(places.values_list("stream_id", "time")) == [
        ("diary", 1700000000.25),
        ("second", 1700000000.25),
    ]


def test_an_id_is_given_once(alice: Api) -> None:
    alice.event("diary", id=GIVEN)
    alice.delete(f"events/{GIVEN}")
    alice.delete(f"events/{GIVEN}")
    other = "c" + "b" * 24
    results = batch(alice, {**NOTE, "id": other}, {**NOTE, "id": other}, {**NOTE, "id": GIVEN})
    assert results[0]["event"]["id"] == other
    assert [one["error"]["id"] for one in results[1:]] == ["item-already-exists"] * 2
    assert results[2]["error"] == alice.post("events", {**NOTE, "id": GIVEN})["error"]


def test_calls_see_those_before_them(alice: Api) -> None:
    calls = [
        {"method": "events.create", "params": {**NOTE, "streamIds": ["later"]}},
        {"method": "streams.create", "params": {"id": "later", "name": "Later"}},
        {"method": "events.create", "params": {**NOTE, "streamIds": ["later"]}},
        {"method": "events.create", "params": {**NOTE, "streamIds": ["later"]}},
        {"method": "events.get", "params": {"streams": ["later"]}},
        {"method": "nothing.known", "params": {}},
        {"method": "nothing.known", "params": {}},
    ]
    results = alice.post("", calls)["results"]
    assert [next(iter(one)) for one in results] == [
        "error", "stream", "event", "event", "events", "error", "error",
    ]  # fmt: skip
    assert len(results[4]["events"]) == 2


def test_account_fields_go_one_by_one(alice: Api) -> None:
    field = {"streamIds": [":_system:language"], "type": "language/iso-639-1", "content": "fr"}
    results = batch(alice, NOTE, field, NOTE)
    assert ["event" in one for one in results] == [True, True, True]
    assert len(alice.events()) == 2


def test_a_set_that_fails_is_done_one_by_one(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as one that another call's id came in between of."""
    insert = rows.insert

    def unlucky(account_id: int, events: Sequence[dict[str, Any]]) -> None:
        insert(account_id, events)
        if len(events) > 1 or events[0]["content"] == "cursed":
            raise IntegrityError

    monkeypatch.setattr(rows, "insert", unlucky)
    results = batch(alice, NOTE, {**NOTE, "content": "cursed"}, NOTE)
    assert [list(one) for one in results] == [["event"], ["error"], ["event"]]
    assert {event["id"] for event in alice.events()} == {results[0]["event"]["id"], results[2]["event"]["id"]}


@pytest.mark.parametrize("more", [2, 100])
def test_a_set_needs_few_statements(alice: Api, more: int) -> None:
    alice.get("events")
    with CaptureQueriesContext(connection) as seen:
        results = batch(alice, *[{**NOTE, "id": f"c{number:024}"} for number in range(more)])
    assert all("event" in one for one in results)
    assert len(own_statements(seen)) <= 8, own_statements(seen)


def test_listeners_hear_as_often_as_of_single_calls(alice: Api, told: list[Change]) -> None:
    batch(alice, NOTE, {**NOTE, "content": 5}, NOTE)
    assert told == [Change.EVENTS] * 2


def test_calls_are_counted(alice: Api) -> None:
    guest = alice.guest("contribute")
    batch(guest, NOTE, {}, NOTE)
    assert guest.get("access-info")["calls"]["events:create"] == 3
