"""What becomes of events when streams are deleted; the `StreamContents` of the platform."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from events.models import Event, EventStream
from events.operations import destroy, save_event
from pryvsite.kernel.actor import Actor


class EventContents:
    """Counts and moves the events of streams (spec api-data §2.6)."""

    def count(self, account_id: int, stream_ids: Sequence[str]) -> int:
        """Number of events in any of the streams, trashed ones included."""
        rows = EventStream.objects.filter(account_id=account_id, stream_id__in=stream_ids)
        return rows.values("event_id").distinct().count()

    def leave(
        self, actor: Actor, stream_ids: Sequence[str], merge_into: str | None
    ) -> list[Mapping[str, Any]]:
        """Take events out of deleted streams."""
        gone = set(stream_ids)
        rows = EventStream.objects.filter(account_id=actor.account_id, stream_id__in=gone)
        ids = sorted(set(rows.values_list("event_id", flat=True)))
        texts = Event.objects.filter(account_id=actor.account_id, id__in=ids).order_by("id")
        done: list[Mapping[str, Any]] = []
        orphans: list[str] = []
        for text in texts.values_list("wire", flat=True):
            event = msgspec.json.decode(text)
            kept = [sid for sid in event["streamIds"] if sid not in gone]
            if merge_into is not None:
                kept = list(dict.fromkeys([*kept, merge_into]))
            if not kept:
                orphans.append(event["id"])
                continue
            save_event(actor, event, {**event, "streamIds": kept})
            action = "updatedStreamIds" if merge_into is None else "mergedToParent"
            done.append({"action": action, "id": event["id"]})
        if orphans:
            destroy(actor.account_id, orphans)
        return done + [{"action": "deleted", "id": event_id} for event_id in orphans]
