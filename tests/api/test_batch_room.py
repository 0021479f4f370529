"""The answers of a batch share a room, so that one request's memory is bounded."""

from typing import Any

import pytest

from pryvsite.api import envelope
from tests.cast import Api

READ: dict[str, Any] = {"method": "events.get", "params": {"limit": 10, "streams": ["diary"]}}


@pytest.mark.parametrize(("name", "limit"), [("MATERIAL_LIMIT", 25), ("TEXT_LIMIT", 9000)])
def test_answers_of_a_batch_are_bounded_together(
    alice: Api, monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    for _ in range(10):
        alice.event("diary", content="x" * 100)
    monkeypatch.setattr(envelope, name, limit)
    written = {"method": "events.create", "params": {"streamIds": ["diary"], "type": "activity/plain"}}
    small = {"method": "events.get", "params": {"limit": 1, "streams": ["diary"]}}
    done = alice.post("", [READ] * 4 + [small, written])["results"]
    counts = [len(one["events"]) if "events" in one else one["error"]["id"] for one in done[:5]]
    assert counts[0] == 10 and counts[3] == "too-many-results" and counts[4] == 1, counts
    assert done[5]["event"]["type"] == "activity/plain"
    assert len(alice.post("", [READ])["results"][0]["events"]) == 10
