"""Versions and deletion records (spec api-data §3.11; edge cases 113, 114, 146, 147)."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from events.models import EventDeletion, EventVersion
from tests.cast import Api


@pytest.fixture
def keeping(settings: Any, alice: Api) -> Api:
    settings.FORCE_KEEP_HISTORY = True
    return alice


def history(api: Api, event_id: str) -> list[dict[str, Any]]:
    return list(api.get(f"events/{event_id}?includeHistory=true")["history"])


def test_edge_146_off_by_default(alice: Api) -> None:
    event = alice.event("diary")
    alice.put(f"events/{event['id']}", {"content": "new"})
    assert history(alice, event["id"]) == []
    assert EventVersion.objects.count() == 0


def test_edge_114_only_where_asked(keeping: Api) -> None:
    event = keeping.event("diary")
    assert "history" not in keeping.get(f"events/{event['id']}?includeHistory=false").body
    assert "history" not in keeping.get(f"events/{event['id']}").body


def test_edge_113_146_one_version_per_change(keeping: Api) -> None:
    event = keeping.event("diary", content="1")
    path = f"events/{event['id']}"
    keeping.put(path, {"content": "2"})
    file = SimpleUploadedFile("a.txt", b"x", content_type="text/plain")
    (attached,) = keeping.form(path, {"file": file})["event"]["attachments"]
    keeping.delete(f"{path}/{attached['id']}")
    keeping.delete(path)
    keeping.put(path, {"trashed": False})
    found = history(keeping, event["id"])
    assert [version["content"] for version in found] == ["1", "2", "2", "2", "2"]
    assert [len(version.get("attachments", ())) for version in found] == [0, 0, 1, 0, 0]
    assert [version.get("trashed", False) for version in found] == [False] * 4 + [True]
    assert found[0] == event
    assert {version["id"] for version in found} == {event["id"]}
    assert sorted(version["modified"] for version in found) == [version["modified"] for version in found]
    assert len(keeping.events("?state=all")) == 1


def test_edge_146_merge_and_detach_keep_versions(keeping: Api) -> None:
    keeping.stream("a", "diary")
    event = keeping.event("a")
    keeping.delete("streams/a")
    keeping.delete("streams/a?mergeEventsWithParent=true")
    (version,) = history(keeping, event["id"])
    assert version["streamIds"] == ["a"]
    assert keeping.get(f"events/{event['id']}")["event"]["streamIds"] == ["diary"]


def gone(api: Api) -> str:
    event = api.event("diary", content="1")
    api.put(f"events/{event['id']}", {"content": "2"})
    api.delete(f"events/{event['id']}")
    api.delete(f"events/{event['id']}")
    assert set(api.get(f"events/{event['id']}")["event"]) == {"id", "deleted"}
    return str(event["id"])


def test_edge_147_keep_nothing(keeping: Api) -> None:
    event_id = gone(keeping)
    assert history(keeping, event_id) == []
    assert EventDeletion.objects.get(id=event_id).kept == ""


def test_edge_147_keep_authors(keeping: Api, settings: Any) -> None:
    settings.DELETION_MODE = "keep-authors"
    event_id = gone(keeping)
    assert [set(version) for version in history(keeping, event_id)] == [{"id", "modified", "modifiedBy"}] * 2
    assert set(keeping.get("access-info").body) >= {"id"}
    assert '"content"' not in EventDeletion.objects.get(id=event_id).kept
    assert history(keeping.guest("read", "*"), event_id) == []


def test_edge_147_keep_everything(keeping: Api, settings: Any) -> None:
    settings.DELETION_MODE = "keep-everything"
    event_id = gone(keeping)
    assert [version["content"] for version in history(keeping, event_id)] == ["1", "2"]
    assert '"content":"2"' in EventDeletion.objects.get(id=event_id).kept
    assert keeping.events("?modifiedSince=0&state=all") == []


def test_versions_show_what_was_readable(keeping: Api) -> None:
    """An event that moved into a shared stream doesn't show what it was in a private one."""
    for stream_id in ("private", "shared"):
        keeping.stream(stream_id)
    event = keeping.event("private", content="secret")
    keeping.put(f"events/{event['id']}", {"streamIds": ["shared"], "content": "open"})
    keeping.put(f"events/{event['id']}", {"content": "open again"})
    guest = keeping.guest("read", "shared")
    assert [version["content"] for version in history(guest, event["id"])] == ["open"]
    assert len(history(keeping, event["id"])) == 2
    assert keeping.guest("create-only", "shared").get(f"events/{event['id']}").error == "forbidden"
