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


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's plans have tests of their own")
@pytest.mark.parametrize("streams", [["b"], ["a", "d"]])
def test_sqlite_reads_types_in_streams_through_their_index(
    alice: Api, mixed: list[dict[str, Any]], streams: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Any]] = []
    monkeypatch.setattr(run, "_rows", lambda sql, params, _: asked.append((sql, params)) or iter(()))
    found = ports.authenticator.account("alice")
    assert found and alice.token
    actor = ports.authenticator.actor(*found, alice.token, "")
    list(run.select_events(actor, EventsGet(streams=streams, types=["mass/kg"])))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])
        steps = [row[3] for row in cursor.fetchall()]
    places = [step for step in steps if " s USING" in step]
    assert places and all("event_stream_by_type" in step for step in places), steps
    assert not any(step.startswith("SCAN e") for step in steps), steps


@pytest.mark.django_db(transaction=True)
def test_places_of_before_learn_their_types() -> None:
    api = register("alice")
    api.event("diary")
    before, after = [("events", "0005_day_digests")], [("events", "0006_types_of_places")]
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate(before)
        MigrationExecutor(connection).migrate(after)
        assert list(EventStream.objects.values_list("stream_id", "type")) == [("diary", "note/txt")]
    finally:
        MigrationExecutor(connection).migrate(newest)
