"""events.delete (spec api-data §3.8; edge cases 142–145)."""

import pytest

from events.models import Event, EventDeletion, EventStream
from pryvsite.kernel.changes import Change
from pryvsite.kernel.integrity import event_integrity
from tests.cast import Api


def test_edge_142_trash_then_delete(alice: Api, told: list[Change]) -> None:
    event = alice.event("diary")
    told.clear()
    trashed = alice.delete(f"events/{event['id']}")
    assert trashed.status == 200
    assert trashed["event"]["trashed"] is True
    assert trashed["event"]["integrity"] == event_integrity(trashed["event"])
    gone = alice.delete(f"events/{event['id']}")
    assert gone["eventDeletion"] == {"id": event["id"]}
    assert told == [Change.EVENTS, Change.EVENTS]
    assert not Event.objects.exists() and not EventStream.objects.exists()
    record = EventDeletion.objects.get()
    assert record.integrity == event_integrity({"id": record.id, "deleted": record.deleted})


def test_edge_143_unknown_and_deleted_events(alice: Api) -> None:
    assert alice.delete("events/cm3a9k2w0000008l4h2x1q9z").error == "unknown-resource"
    event = alice.event("diary")
    for _ in range(2):
        alice.delete(f"events/{event['id']}")
    assert alice.delete(f"events/{event['id']}").status == 404


def test_edge_144_one_writable_stream_suffices(alice: Api) -> None:
    alice.stream("b")
    event = alice.event("diary", "b")
    guest = alice.guest("contribute", "b")
    assert guest.delete(f"events/{event['id']}")["event"]["trashed"] is True
    assert guest.delete(f"events/{event['id']}")["eventDeletion"]["id"] == event["id"]


@pytest.mark.parametrize(
    ("level", "status"),
    [("none", 403), ("read", 403), ("create-only", 403), ("contribute", 200), ("manage", 200)],
)
def test_edge_144_145_who_may_delete(alice: Api, level: str, status: int) -> None:
    event = alice.event("diary")
    assert alice.guest(level).delete(f"events/{event['id']}").status == status
