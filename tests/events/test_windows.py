"""Listings against a brute-force oracle: windows, streams, states, order, pages (spec api-data §3.2)."""

import random
import time
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cast import Api

STREAMS = {"a": None, "a1": "a", "b": None}
BELOW = {"a": {"a", "a1"}, "a1": {"a1"}, "b": {"b"}}


def overlaps(event: dict[str, Any], start: float, end: float, moment: float) -> bool:
    """The sentence of the specification."""
    if event["time"] > end or start > end:
        return False
    duration = event.get("duration", 0)
    if duration is None:
        return start <= moment - 5 and end >= moment - 5
    return bool(event["time"] + duration >= start)


def expected(events: list[dict[str, Any]], query: dict[str, Any]) -> list[str]:
    chosen = [e for e in events if overlaps(e, query["fromTime"], query["toTime"], time.time())]
    if "streams" in query:
        chosen = [e for e in chosen if BELOW[query["streams"]] & set(e["streamIds"])]
    state = query.get("state", "default")
    if state != "all":
        chosen = [e for e in chosen if bool(e.get("trashed")) == (state == "trashed")]
    ordered = sorted(chosen, key=lambda e: (e["time"], e["id"]), reverse="sortAscending" not in query)
    skip = query.get("skip", 0)
    return [e["id"] for e in ordered[skip : skip + query.get("limit", 1000)]]


def some_event(dice: random.Random, number: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": f"c{number:024d}",
        "streamIds": dice.sample(sorted(STREAMS), dice.choice([1, 1, 2])),
        "type": "activity/plain",
        "time": dice.randrange(0, 1000, 10),
    }
    if dice.random() < 0.5:
        fields["duration"] = dice.choice([5, 50, 500, None])
    if dice.random() < 0.2:
        fields["trashed"] = True
    return fields


def some_query(dice: random.Random) -> dict[str, Any]:
    start = dice.randrange(-50, 1100, 5)
    query: dict[str, Any] = {"fromTime": start, "toTime": start + dice.choice([-20, 0, 15, 200, 1e12])}
    if dice.random() < 0.6:
        query["streams"] = dice.choice(sorted(STREAMS))
    if dice.random() < 0.3:
        query["state"] = dice.choice(["all", "trashed"])
    if dice.random() < 0.5:
        query["sortAscending"] = "true"
    if dice.random() < 0.3:
        query |= {"limit": dice.randrange(1, 9), "skip": dice.randrange(0, 5)}
    return query


@pytest.mark.parametrize("seed", range(3))
def test_listings_are_what_the_specification_says(alice: Api, seed: int) -> None:
    alice = alice.share({"streamId": "*", "level": "manage"}, type="app")
    dice = random.Random(seed)
    for stream_id, parent in STREAMS.items():
        alice.stream(stream_id, parent)
    calls = [{"method": "events.create", "params": some_event(dice, n)} for n in range(80)]
    events = [result["event"] for result in alice.call("POST", "/alice/", calls)["results"]]
    for _ in range(60):
        query = some_query(dice)
        found = alice.get("events?" + urlencode(query))["events"]
        assert [event["id"] for event in found] == expected(events, query), query
