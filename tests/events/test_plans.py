"""PostgreSQL answers pages of a large account through indexes, reading little more than it returns."""

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection

from events import rows
from events.inputs import EventsGet
from events.query import run
from pryvsite.kernel.ports import ports
from tests.cast import Api

EVENTS = 6000
STREAMS = 60
TYPES = ("mass/kg", "note/txt", "count/steps")

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no statistics")


@pytest.fixture
def large(alice: Api, carol: Api) -> Api:
    """Alice with a subtree of fifty streams and ten others; each stream holds one type. Carol has as much."""
    for api in (alice, carol):
        calls = [{"method": "streams.create", "params": {"id": "top", "name": "Top"}}]
        calls += [
            {"method": "streams.create",
             "params": {"id": f"s{i}", "name": f"S {i}", "parentId": "top" if i < 50 else None}}
            for i in range(STREAMS)
        ]  # fmt: skip
        assert all("stream" in one for one in api.post("", calls)["results"])
        found = ports.authenticator.account(api.username)
        assert found
        rows.insert(found[0], [made(i) for i in range(EVENTS)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return alice


def made(number: int) -> dict[str, Any]:
    event = {
        "id": f"c{number:024}", "streamIds": [f"s{number % STREAMS}"], "time": 60.0 * number,
        "type": TYPES[number % 3], "content": 1, "created": 1.0, "createdBy": "test",
        "modified": float(number), "modifiedBy": "test",
    }  # fmt: skip
    if number % 50 == 0:
        event["duration"] = None if number % 100 == 0 else 600.0
    return event if number % 97 else {**event, "trashed": True}


def nodes(plan: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return [plan, *(node for inner in plan.get("Plans", ()) for node in nodes(inner))]


def explained(api: Api, monkeypatch: pytest.MonkeyPatch, **query: Any) -> Sequence[dict[str, Any]]:
    """The steps of a query's plan, as they ran."""
    asked: list[tuple[str, Sequence[Any]]] = []
    monkeypatch.setattr(run, "_rows", lambda sql, params, _: asked.append((sql, params)) or iter(()))
    found = ports.authenticator.account(api.username)
    assert found and api.token
    actor = ports.authenticator.actor(*found, api.token, "")
    list(run.select_events(actor, EventsGet(**query)))
    ((sql, params),) = asked
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    return nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


MIDDLE = 60.0 * EVENTS / 2
CASES = {
    "everything": ({}, "event_by_time"),
    "a stream": ({"streams": ["s7"]}, "event_stream_by_time"),
    "a subtree": ({"streams": ["top"]}, "event_stream_by_time"),
    "a type": ({"types": ["mass/kg"]}, "event_by_type"),
    "a class": ({"types": ["mass/*"]}, "event_by_"),
    "a rare class": ({"types": ["length/*"]}, "event_by_type"),
    "a type in a subtree": ({"types": ["mass/kg"], "streams": ["top"]}, "event_stream_by_type"),
    "a type that isn't in a stream": ({"types": ["mass/kg"], "streams": ["s1"]}, "event_stream_by_type"),
    "two types in two streams": (
        {"types": ["mass/kg", "note/txt"], "streams": ["s1", "s3"]},
        "event_stream_by_type",
    ),
    "a class in a stream": ({"types": ["mass/*"], "streams": ["s1"]}, "event_stream_by_type"),
    "changed lately": ({"modified_since": EVENTS - 30.0}, "event_by_change"),
    "a window": ({"from_time": MIDDLE, "to_time": MIDDLE + 6000.0, "limit": 20}, "event_by_time"),
    "a window of a stream": (
        {"from_time": MIDDLE, "to_time": MIDDLE + 60_000.0, "limit": 20, "streams": ["s7"]},
        "event_stream_by_time",
    ),
    "a window of a subtree": (
        {"from_time": MIDDLE, "to_time": MIDDLE + 6000.0, "streams": ["top"]},
        "event_stream_by_time",
    ),
    "the trash": ({"state": "trashed"}, "event_in_trash"),
    "the trash of a stream": ({"state": "trashed", "streams": ["s7"]}, "event_in_trash"),
    "what many others come before": ({"skip": 5000}, "event_by_time"),
}


@pytest.mark.parametrize("name", CASES)
def test_pages_come_through_an_index(large: Api, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    query, index = CASES[name]
    steps = explained(large, monkeypatch, **query)
    assert [step["Node Type"] for step in steps if "Seq Scan" in step["Node Type"]] == []
    used = [step["Index Name"] for step in steps if "Index Name" in step]
    assert any(name.startswith(index) for name in used), used


@pytest.mark.parametrize(
    "name",
    [
        "everything",
        "a stream",
        "a type",
        "a class",
        "a subtree",
        "a type in a subtree",
        "a type that isn't in a stream",
        "a class in a stream",
        "the trash",
        "the trash of a stream",
    ],
)
def test_pages_read_little_more_than_they_show(
    large: Api, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """No step touches a number of rows that grows with the account."""
    query, _ = CASES[name]
    steps = explained(large, monkeypatch, **query)
    touched = max(step["Actual Rows"] * step["Actual Loops"] for step in steps)
    assert touched <= 20 * 51, [
        (step["Node Type"], step["Actual Rows"], step["Actual Loops"]) for step in steps
    ]


@pytest.mark.parametrize(
    "query", [{}, {"types": ["mass/kg"]}, {"from_time": MIDDLE, "to_time": MIDDLE + 6e4}]
)
@pytest.mark.parametrize("limit", [20, 2000, None])
def test_subtrees_are_read_of_indexes_and_merged(
    large: Api, monkeypatch: pytest.MonkeyPatch, query: dict[str, Any], limit: int | None
) -> None:
    """Only events that are shown are looked up; those of a long listing are not sorted first."""
    if limit is None and "from_time" not in query:
        query = {**query, "from_time": 0.0, "to_time": 60.0 * EVENTS - 1}
    steps = explained(large, monkeypatch, streams=["top"], limit=limit, **query)
    shown = steps[0]["Actual Rows"]
    looked_up = [
        step["Actual Rows"] * step["Actual Loops"]
        for step in steps
        if step.get("Relation Name") == "events_event" and step["Node Type"] == "Index Scan"
        and step["Index Name"] == "event_by_time"
    ]  # fmt: skip
    assert shown and sum(looked_up) == shown
    places = [step for step in steps if re.fullmatch(r"s(_\d+)?", step.get("Alias", ""))]
    assert places and all(step["Node Type"] == "Index Only Scan" for step in places)
    if limit != 20:
        assert any(step["Node Type"] == "Merge Append" for step in steps)
        sorted_rows = [step["Actual Rows"] for step in steps if "Sort" in step["Node Type"]]
        assert sum(sorted_rows) <= 20, steps


def test_what_is_skipped_is_not_looked_up(large: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for streams in (None, ["s7"], ["top"]):
        more = {} if streams is None else {"streams": streams}
        steps = explained(large, monkeypatch, skip=50, limit=5, **more)
        found = [step for step in steps if step["Node Type"] == "Index Scan"]
        touched = sum(step["Actual Rows"] * step["Actual Loops"] for step in found)
        assert 5 <= touched <= 10, streams  # the account's fields may stand before them
