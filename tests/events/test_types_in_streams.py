"""A type in some streams is found where the streams hold it, however common it is elsewhere."""

from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from events.inputs import EventsGet
from events.models import EventStream
from events.query import run
from pryvsite.kernel.ports import ports
from tests.cast import Api, register

STREAMS = ("a", "b", "c", "d")
TYPES = {"mass/kg": 70, "note/txt": "x", "count/steps": 5}


@pytest.fixture
def mixed(alice: Api) -> list[dict[str, Any]]:
    """Alice's events of several types, some in two streams; `b` and `c` are below `a`."""
    for name in STREAMS:
        alice.stream(name, "a" if name in "bc" else None)
    made = []
    for number, (stream, (type_, content)) in enumerate(product(STREAMS, TYPES.items())):
        if (stream, type_) == ("d", "mass/kg"):
            continue
        for streams in ([stream], [stream, "d" if stream != "d" else "a"]):
            fields = {"type": type_, "content": content, "time": 100.0 * number + len(made)}
            made.append(alice.event(*streams, **fields))
    return sorted(made, key=lambda event: event["time"], reverse=True)


@pytest.mark.parametrize("streams", [("a",), ("b",), ("d",), ("b", "d"), ("a", "d"), ("diary",)])
@pytest.mark.parametrize(
    "types", [("mass/kg",), ("mass/kg", "note/txt"), ("length/m",), ("mass/*",), ("mass/*", "note/txt")]
)
@pytest.mark.parametrize(
    "query", ["limit=3", "limit=3&skip=2", "limit=100&sortAscending=true", "fromTime=150&toTime=900"]
)
def test_types_in_streams(
    alice: Api, mixed: list[dict[str, Any]], streams: tuple[str, ...], types: tuple[str, ...], query: str
) -> None:
    below = {"a": {"a", "b", "c"}}
    wanted = set().union(*(below.get(sid, {sid}) for sid in streams))
    fitting = [
        event["id"]
        for event in mixed
        if wanted & set(event["streamIds"])
        and any(event["type"] == t or event["type"].startswith(t.removesuffix("*")) for t in types)
        and ("fromTime" not in query or 150 <= event["time"] <= 900)
    ]
    if "Ascending" in query:
        fitting.reverse()
    skip = 2 if "skip" in query else 0
    expected = fitting[skip : skip + 3] if "limit=3" in query else fitting
    named = "&".join([*(f"streams[]={sid}" for sid in streams), *(f"types[]={t}" for t in types)])
    assert [event["id"] for event in alice.events(f"?{named}&{query}")] == expected


def test_a_changed_type_is_found_by_its_new_name(alice: Api) -> None:
    event = alice.event("diary")
    alice.put(f"events/{event['id']}", {"type": "call/name", "content": "Tom"})
    assert alice.events("?streams[]=diary&types[]=note/txt") == []
    assert len(alice.events("?streams[]=diary&types[]=call/name")) == 1


def test_merged_events_keep_their_type(alice: Api) -> None:
    alice.stream("child", "diary")
    alice.event("child")
    alice.delete("streams/child")
    assert alice.delete("streams/child?mergeEventsWithParent=true").status == 200
    assert list(EventStream.objects.values_list("stream_id", "type")) == [("diary", "note/txt")]
    assert len(alice.events("?streams[]=diary&types[]=note/txt")) == 1


def steps_of(monkeypatch: pytest.MonkeyPatch, username: str, token: str | None, **query: Any) -> list[str]:
    """How SQLite answers a query."""
    asked: list[tuple[str, Any]] = []
    monkeypatch.setattr(run, "_rows", lambda sql, params, _: asked.append((sql, params)) or iter(()))
    found = ports.authenticator.account(username)
    assert found and token
    list(run.select_events(ports.authenticator.actor(*found, token, ""), EventsGet(**query)))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])
        return [row[3] for row in cursor.fetchall()]


sqlite_only = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL's plans have tests of their own"
)


@sqlite_only
@pytest.mark.parametrize("streams", [["b"], ["a", "d"]])
@pytest.mark.parametrize("types", [None, ["mass/kg"], ["mass/kg", "note/txt"]])
@pytest.mark.parametrize("window", [{}, {"from_time": 150.0, "to_time": 900.0}, {"skip": 3}])
def test_sqlite_reads_streams_of_indexes_alone_and_in_order(
    alice: Api,
    mixed: list[dict[str, Any]],
    streams: list[str],
    types: list[str] | None,
    window: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = steps_of(monkeypatch, "alice", alice.token, streams=streams, types=types, **window)
    places = [step for step in steps if step.startswith(("SEARCH s ", "SCAN s "))]
    index = "event_stream_by_type" if types else "event_stream_by_time"
    assert places and all(f"USING COVERING INDEX {index} (" in step for step in places), steps
    assert not any(step.startswith("SCAN e") for step in steps), steps
    sorts = [step for step in steps if "TEMP B-TREE" in step]
    assert len(sorts) <= ("from_time" in window), steps  # only what lasts into a window is sorted


@sqlite_only
def test_sqlite_reads_the_trash_and_what_is_skipped_of_indexes(
    alice: Api, mixed: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = steps_of(monkeypatch, "alice", alice.token, state="trashed", streams=["a"])
    assert any("USING INDEX event_in_trash" in step for step in steps), steps
    steps = steps_of(monkeypatch, "alice", alice.token, skip=5)
    assert any("USING COVERING INDEX event_by_time" in step for step in steps), steps


def test_places_know_what_is_in_the_trash(alice: Api) -> None:
    kept, gone = alice.event("diary")["id"], alice.event("diary")["id"]
    assert alice.delete(f"events/{gone}").status == 200
    known = EventStream.objects.values_list("event_id", "trashed")
    assert set(known) == {(kept, False), (gone, True)}
    assert [event["id"] for event in alice.events("?streams[]=diary")] == [kept]
    assert [event["id"] for event in alice.events("?streams[]=diary&state=trashed")] == [gone]
    assert len(alice.events("?streams[]=diary&state=all")) == 2
    alice.put(f"events/{gone}", {"trashed": False})
    assert set(known.all()) == {(kept, False), (gone, False)}
    assert len(alice.events("?streams[]=diary")) == 2


def test_trashed_events_stay_so_where_their_stream_is_merged(alice: Api) -> None:
    alice.stream("child", "diary")
    gone = alice.event("child")["id"]
    alice.delete(f"events/{gone}")
    alice.delete("streams/child")
    assert alice.delete("streams/child?mergeEventsWithParent=true").status == 200
    assert list(EventStream.objects.values_list("stream_id", "trashed")) == [("diary", True)]
    assert alice.events("?streams[]=diary") == []


@pytest.mark.django_db(transaction=True)
def test_places_of_before_learn_their_types_and_what_is_trashed() -> None:
    api = register("alice")
    api.event("diary")
    trashed = api.event("diary")["id"]
    api.delete(f"events/{trashed}")
    before, after = [("events", "0005_day_digests")], [("events", "0008_trash_of_places")]
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate(before)
        MigrationExecutor(connection).migrate(after)
        places = EventStream.objects.values_list("stream_id", "type", "event_id", "trashed")
        found = [
            (stream_id, type_, gone == (event_id == trashed)) for stream_id, type_, event_id, gone in places
        ]
        assert found == [("diary", "note/txt", True)] * 2
    finally:
        MigrationExecutor(connection).migrate(newest)
