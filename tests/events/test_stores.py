"""The door of other stores: streams and events that are read only (spec api-data §2.7, §3.4)."""

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import Forbidden, UnknownReference, UnknownResource
from pryvsite.kernel.stores import STORES, Row, StoreQuery, register_store, store_named
from tests.cast import Api

NUMBERS = range(5)  # events, one a second from 0 on


def record(number: int) -> dict[str, Any]:
    return {
        "id": f":_log:e{number}", "streamIds": [":_log:all"], "time": number, "type": "log/line",
        "content": number, "created": number, "createdBy": "system", "modified": number,
        "modifiedBy": "system",
    }  # fmt: skip


class LogStore:
    """Five lines that owners read."""

    id = "_log"
    listed = True

    def trees(self, actor: Actor) -> list[dict[str, Any]]:
        root = {
            "id": ":_log:", "name": "Log", "parentId": None, "created": 0, "createdBy": "system",
            "modified": 0, "modifiedBy": "system", "children": [], "childrenHidden": True,
        }  # fmt: skip
        return [root] if actor.is_personal else []

    def rows(self, actor: Actor, query: StoreQuery) -> Iterator[Row]:
        if not actor.is_personal:
            raise Forbidden
        unknown = [sid for sid in query.any if sid != ":_log:all"]
        if unknown:
            raise UnknownReference("streams", unknown)
        numbers = NUMBERS if query.ascending else reversed(NUMBERS)
        return iter([(json.dumps(record(n)), False, f":_log:e{n}", float(n)) for n in numbers][: query.most])

    def find(self, actor: Actor, event_id: str) -> dict[str, Any]:
        if not actor.is_personal:
            raise Forbidden
        number = event_id.removeprefix(":_log:e")
        if not number.isdigit() or int(number) not in NUMBERS:
            raise UnknownResource("event", event_id)
        return record(int(number))


@pytest.fixture
def log(alice: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Alice, on a platform with a log."""
    monkeypatch.setattr("pryvsite.kernel.stores.STORES", STORES)
    register_store(LogStore())
    yield alice  # type: ignore[misc]
    del STORES["_log"]


def contents(answer: Any) -> list[Any]:
    assert answer.status == 200, answer.body
    return [event["content"] for event in answer["events"]]


def test_streams_are_listed_first(log: Api) -> None:
    (root, *_) = log.get("streams")["streams"]
    assert (root["id"], root["childrenHidden"], root["children"]) == (":_log:", True, [])
    assert [tree["id"] for tree in log.guest("read").get("streams")["streams"]] == ["diary"]


def test_a_stream_of_the_store_by_id(log: Api) -> None:
    assert [tree["id"] for tree in log.get("streams?id=:_log:")["streams"]] == [":_log:"]
    assert log.get("streams?parentId=:_log:")["streams"] == []
    assert log.get("streams?id=:_log:none").data == {"id": ":_log:none"}
    assert log.guest("read").get("streams?id=:_log:").error == "forbidden"


def test_names_beside_the_roots_of_stores(log: Api) -> None:
    assert log.post("streams", {"name": "Log"}).data == {"name": "Log"}
    assert log.post("streams", {"name": "Log", "parentId": "diary"}).status == 201


def test_events_are_read_only_where_named(log: Api) -> None:
    log.event("diary", content="mine", time=2.5)
    assert contents(log.get("events?streams=:_log:all&limit=2")) == [4, 3]
    assert contents(log.get("events?streams=:_log:all&sortAscending=true&skip=1&limit=2")) == [1, 2]
    everything = log.get('events?streams={"any":["*"]}&limit=100')["events"]
    assert not [event for event in everything if event["id"].startswith(":_log:")]


def test_edge_103_a_plain_list_is_grouped_by_store(log: Api) -> None:
    log.event("diary", content="mine", time=2.5)
    assert contents(log.get("events?streams=diary&streams=:_log:all&limit=3")) == [4, 3, "mine"]
    mixed = log.get('events?streams={"any":["diary",":_log:all"]}')
    assert (mixed.status, mixed.error) == (400, "invalid-request-structure")


def test_one_event(log: Api) -> None:
    assert log.get("events/:_log:e3")["event"]["content"] == 3
    assert log.get("events/:_log:e9").error == "unknown-resource"
    assert log.guest("read").get("events/:_log:e3").error == "forbidden"


def test_errors_of_the_store(log: Api) -> None:
    assert log.get("events?streams=:_log:none").data == {"streams": [":_log:none"]}
    assert log.guest("read").get("events?streams=:_log:all").error == "forbidden"
    asked = log.get('events?streams=:_log:all&content=[{"path":"$","eq":1}]')
    assert (asked.status, asked.error) == (400, "invalid-operation")


def test_nobody_writes_to_it(log: Api) -> None:
    note = {"streamIds": [":_log:all"], "type": "note/txt", "content": "x"}
    for api in (log, log.guest("manage")):
        assert api.post("events", note).error == "forbidden"
        assert api.put("events/:_log:e3", {"content": 9}).error == "forbidden"
        assert api.delete("events/:_log:e3").error == "forbidden"
        assert api.form("events/:_log:e3", {"file": BytesIO(b"x")}).error == "forbidden"
    assert log.post("streams", {"name": "x", "parentId": ":_log:"}).status in (400, 404)


def test_ids_name_their_store(log: Api) -> None:
    assert store_named(":_log:x") is STORES["_log"]
    assert store_named(":_none:x") is store_named("_log") is None
