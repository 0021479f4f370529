"""events.getOne (spec api-data §3.6; edge cases 110–114)."""

import pytest

from tests.cast import Api


def test_edge_110_unknown_event(alice: Api) -> None:
    answer = alice.get("events/cm3a9k2w0000008l4h2x1q9z")
    assert (answer.status, answer.error) == (404, "unknown-resource")


def test_edge_111_readable_through_the_second_stream(alice: Api) -> None:
    alice.stream("b")
    event = alice.event("diary", "b")
    assert alice.guest("read", "b").get(f"events/{event['id']}")["event"] == event


@pytest.mark.parametrize(
    ("level", "status"),
    [("none", 403), ("create-only", 403), ("read", 200), ("contribute", 200), ("manage", 200)],
)
def test_edge_112_who_may_read(alice: Api, level: str, status: int) -> None:
    event = alice.event("diary")
    assert alice.guest(level).get(f"events/{event['id']}").status == status


def test_none_does_not_veto_here(alice: Api) -> None:
    alice.stream("hidden")
    event = alice.event("diary", "hidden")
    guest = alice.share({"streamId": "diary", "level": "read"}, {"streamId": "hidden", "level": "none"})
    assert guest.get(f"events/{event['id']}").status == 200


def test_edge_113_114_history(alice: Api) -> None:
    event = alice.event("diary")
    assert "history" not in alice.get(f"events/{event['id']}?includeHistory=false").body
    assert "history" not in alice.get(f"events/{event['id']}").body
    assert alice.get(f"events/{event['id']}?includeHistory=true")["history"] == []


def test_trashed_and_deleted_events(alice: Api) -> None:
    event = alice.event("diary")
    alice.delete(f"events/{event['id']}")
    assert alice.get(f"events/{event['id']}")["event"]["trashed"] is True
    alice.delete(f"events/{event['id']}")
    deleted = alice.get(f"events/{event['id']}")["event"]
    assert sorted(deleted) == ["deleted", "id"]


def test_unknown_parameters_are_tolerated(alice: Api) -> None:
    event = alice.event("diary")
    assert alice.get(f"events/{event['id']}?whatever=1").status == 200


def test_events_of_other_accounts(alice: Api, carol: Api) -> None:
    event = alice.event("diary")
    assert carol.get(f"events/{event['id']}").status == 404
