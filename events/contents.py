"""What becomes of events when streams are deleted; the `StreamContents` of the platform."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from django.db import connection
from django.db.models.functions import Right

from events import types, versions
from events.models import Event, EventStream
from events.operations import AT_ONCE, destroy
from events.query.plan import REWRITE
from events.wire import columns, sealed
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.clock import now
from pryvsite.kernel.ports import Glance, Written

Wire = dict[str, Any]
MOST_COUNTED = 10_000  # entries
MOST_STREAMS = 1000
SAMPLE = 200  # newest entries, of which the kinds are told
KINDS = 3


# An event's text ends with its authors: an access id, perhaps a serial, perhaps a caller.
AUTHORS = re.compile(r'"createdBy":"((?:[^"\\]|\\.)*)","modified":[^,"]+,"modifiedBy":"((?:[^"\\]|\\.)*)"\}$')
AUTHORS_END = 1000  # characters
MOST_SEEN = 2000  # entries that are looked at for their authors


class EventContents:
    """Counts and moves the events of streams (spec api-data §2.6)."""

    def count(self, account_id: int, stream_ids: Sequence[str]) -> int:
        """Number of events in any of the streams, trashed ones included."""
        rows = EventStream.objects.filter(account_id=account_id, stream_id__in=stream_ids)
        return rows.values("event_id").distinct().count()

    def glance(self, account_id: int, stream_ids: Sequence[str] | None) -> Glance:
        """Entries counted up to a limit, the time of the first, and the kinds of the newest ones."""
        everything = Event.objects.filter(account_id=account_id)
        if stream_ids is None:
            count = everything.values("id")[: MOST_COUNTED + 1].count()
            since = everything.order_by("time").values_list("time", flat=True).first()
            newest = everything.order_by("-time").values_list("type", flat=True)[:SAMPLE]
            return _glance(count, since, newest)
        # The first streams stand for all where somebody has very many of them.
        rows = EventStream.objects.filter(account_id=account_id, stream_id__in=stream_ids[:MOST_STREAMS])
        count = rows.values("event_id").distinct()[: MOST_COUNTED + 1].count()
        since = rows.order_by("time").values_list("time", flat=True).first()
        newest_ids = list(rows.order_by("-time").values_list("event_id", flat=True)[:SAMPLE])
        return _glance(count, since, everything.filter(id__in=newest_ids).values_list("type", flat=True))

    def written_by(self, account_id: int, access_id: str, since: float) -> Written:
        """Among the entries that changed last, which an index leads to, those of an access (ui §1.12)."""
        rows = Event.objects.filter(account_id=account_id, modified__gte=since).order_by("-modified")
        texts = rows.annotate(end=Right("wire", AUTHORS_END)).values_list("end", flat=True)
        ends = list(texts[: MOST_SEEN + 1])
        seen = ends[:MOST_SEEN]
        authors = [found.groups() for end in seen if (found := AUTHORS.search(end))]
        created = sum(_is_of(access_id, maker) for maker, _ in authors)
        changed = sum(_is_of(access_id, last) and not _is_of(access_id, maker) for maker, last in authors)
        return Written(created, changed, len(seen), len(ends) > MOST_SEEN)

    def leave(
        self, actor: Actor, stream_ids: Sequence[str], merge_into: str | None
    ) -> list[Mapping[str, Any]]:
        """Take events out of deleted streams."""
        gone = set(stream_ids)
        done: list[Mapping[str, Any]] = []
        orphans: list[str] = []
        for events in _events_in(actor.account_id, gone):
            kept = [changed for event in events if (changed := _without(event, gone, merge_into))]
            self._store(actor, kept, merge_into)
            action = "updatedStreamIds" if merge_into is None else "mergedToParent"
            done += [{"action": action, "id": event["id"]} for event in kept]
            orphans += {event["id"] for event in events}.difference(event["id"] for event in kept)
        destroy(actor.account_id, orphans)
        EventStream.objects.filter(account_id=actor.account_id, stream_id__in=gone).delete()
        announce(actor.account_id, Change.EVENTS)
        return done + [{"action": "deleted", "id": event_id} for event_id in orphans]

    @staticmethod
    def _store(actor: Actor, events: Sequence[Wire], merge_into: str | None) -> None:
        account_id, tracking = actor.account_id, {"modified": now(), "modifiedBy": actor.author}
        stored = [(event["id"], columns(sealed({**event, **tracking}))) for event in events]
        versions.keep(account_id, [event_id for event_id, _ in stored])
        with connection.cursor() as cursor:
            rows = [(values["modified"], values["wire"], account_id, event_id) for event_id, values in stored]
            cursor.executemany(REWRITE, rows)
        if merge_into is None:
            return
        places = [
            EventStream(
                account_id=account_id,
                stream_id=merge_into,
                event_id=event["id"],
                time=event["time"],
                type=event["type"],
                trashed=event.get("trashed", False),
            )
            for event in events
        ]
        EventStream.objects.bulk_create(places, ignore_conflicts=True)


def _glance(count: int, since: float | None, found: Iterable[str]) -> Glance:
    common = Counter(types.name_of(event_type.removeprefix(types.SERIES)) for event_type in found)
    kinds = tuple(name for name, _ in common.most_common(KINDS))
    return Glance(min(count, MOST_COUNTED), count > MOST_COUNTED, since, kinds)


def _events_in(account_id: int, streams: set[str]) -> Iterator[list[Wire]]:
    """The events of the streams, some at a time and locked, so that no change of theirs is lost."""
    rows = EventStream.objects.filter(account_id=account_id, stream_id__in=streams)
    ids = sorted(set(rows.values_list("event_id", flat=True)))
    for start in range(0, len(ids), AT_ONCE):
        part = Event.objects.select_for_update().filter(
            account_id=account_id, id__in=ids[start : start + AT_ONCE]
        )
        yield [msgspec.json.decode(text) for text in part.order_by("id").values_list("wire", flat=True)]


def _is_of(access_id: str, author: str) -> bool:
    return re.split("[ :]", author, maxsplit=1)[0] == access_id


def _without(event: Wire, gone: set[str], merge_into: str | None) -> Wire | None:
    """The event outside the deleted streams; None where it would be nowhere."""
    kept = [sid for sid in event["streamIds"] if sid not in gone]
    if merge_into is not None:
        kept = list(dict.fromkeys([*kept, merge_into]))
    return {**event, "streamIds": kept} if kept else None
