"""Create, read, change, trash and delete events (spec api-data §3.6–3.9)."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import IntegrityError

from events import attachments, types
from events.attachments import Draft
from events.inputs import EventCreate, EventUpdate
from events.models import Event, EventDeletion, EventStream, SeriesPoint
from events.queries import find_event
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import (
    Forbidden,
    InvalidEventType,
    InvalidOperation,
    InvalidParameters,
    InvalidRequestStructure,
    ItemAlreadyExists,
    UnknownReference,
    UnknownResource,
)
from pryvsite.kernel.ids import new_id
from pryvsite.kernel.inputs import UnsetType
from pryvsite.kernel.integrity import event_integrity
from pryvsite.kernel.permissions import Can
from streams.inputs import check_nesting, merged_client_data
from streams.locks import use_tree
from streams.tree import Tree, load_tree

Wire = dict[str, Any]
ORDER = (
    "id", "streamIds", "time", "duration", "type", "content", "description", "clientData", "trashed",
    "attachments", "integrity", "created", "createdBy", "modified", "modifiedBy",
)  # fmt: skip
AT_ONCE = 500  # events changed by a statement
NUMBERS = frozenset({"time", "duration", "created", "modified"})


def get_event(actor: Actor, event_id: str) -> Wire:
    """One event; a deleted one as `{id, deleted}`."""
    gone = EventDeletion.objects.filter(account_id=actor.account_id, id=event_id).first()
    if gone is not None:
        return {"id": gone.id, "deleted": gone.deleted}
    return find_event(actor, event_id, Can.READ, load_tree(actor.account_id))


def create_event(actor: Actor, new: EventCreate, drafts: Sequence[Draft] = ()) -> Wire:
    """Create an event, with files that are stored already."""
    stream_ids = list(dict.fromkeys(new.stream_ids))
    _check_stores(new.id, stream_ids)
    check_nesting(new.client_data)
    use_tree(actor.account_id)
    tree = load_tree(actor.account_id)
    check_streams(actor, stream_ids, tree)
    content = _checked_content(new.type, new.content)
    if not all(Can.CREATE in actor.permissions.on(sid, tree) for sid in stream_ids):
        raise Forbidden
    event = sealed(_new_event(actor, new, content, drafts))
    _insert(actor.account_id, event, given_id=new.id is not None)
    attachments.record(actor.account_id, event["id"], drafts)
    announce(actor.account_id, Change.EVENTS)
    return event


def _new_event(actor: Actor, new: EventCreate, content: Any, drafts: Sequence[Draft]) -> Wire:
    moment = now()
    return {
        "id": new.id or new_id(),
        "streamIds": list(dict.fromkeys(new.stream_ids)),
        "time": moment if new.time is None else new.time,
        "duration": 0 if isinstance(new.duration, UnsetType) else new.duration,
        "type": new.type,
        "content": content,
        "description": new.description,
        "clientData": new.client_data,
        "trashed": bool(new.trashed),
        "attachments": [draft.wire() for draft in drafts],
        "created": moment,
        "createdBy": actor.author,
        "modified": moment,
        "modifiedBy": actor.author,
    }


def _check_stores(event_id: str | None, stream_ids: Sequence[str]) -> None:
    stores = {sid.split(":")[1] if sid.startswith(":") else "" for sid in stream_ids}
    if event_id and event_id.startswith(":"):
        stores.add(event_id.split(":")[1])
    elif event_id:
        stores.add("")
    if len(stores) > 1:
        raise InvalidRequestStructure("An event and its streams must be in the same store.")


def check_streams(actor: Actor, stream_ids: Sequence[str], tree: Tree) -> None:
    """Streams of an event exist and are not in the trash (spec api-data §3.7, steps 2–4).

    All accesses are told which streams are missing: apps create them then.
    """
    if any(sid.startswith(":") for sid in stream_ids):
        if actor.is_personal:
            raise InvalidOperation("These streams take no events.", {"streamIds": list(stream_ids)})
        raise Forbidden
    unknown = [sid for sid in stream_ids if sid not in tree]
    if unknown:
        raise UnknownReference("streamIds", unknown)
    if any(tree.in_trash(sid) for sid in stream_ids):
        raise InvalidOperation("A stream is in the trash.", {"trashedReference": "streamIds"})


def _checked_content(event_type: str, content: Any) -> Any:
    """The content to store. Raises InvalidEventType, InvalidParameters with all violations."""
    check_nesting(content)
    if not types.TYPE_PATTERN.fullmatch(event_type):
        entry = {"code": "PATTERN", "message": "Not an event type.", "params": [], "path": "#/type"}
        raise InvalidParameters(data=[entry])
    if event_type.startswith(types.SERIES):
        return _series_content(event_type, content)
    wrong = types.content_violations(event_type, content)
    if wrong:
        raise InvalidParameters("The content does not fit the event's type.", wrong)
    return content


def _series_content(event_type: str, content: Any) -> Wire:
    element = event_type.removeprefix(types.SERIES)
    try:
        shape = types.series_shape(element)
    except KeyError:
        raise InvalidEventType(data={"type": event_type}) from None
    if content is not None:
        entry = {
            "code": "NOT_PASSED",
            "message": "A series has no content.",
            "params": [],
            "path": "#/content",
        }
        raise InvalidParameters("The content of a series is made by the server.", [entry])
    return {"elementType": element, "fields": list(shape.fields), "required": list(shape.required)}


def sealed(event: Wire) -> Wire:
    """The event in its wire order, without empty fields, with its integrity hash."""
    shown = {name: _plain(name, event.get(name)) for name in ORDER if _is_shown(name, event)}
    shown["integrity"] = event_integrity(shown)
    return shown


def _is_shown(name: str, event: Wire) -> bool:
    value = event.get(name)
    if name == "duration":
        return name in event and value != 0  # null is shown: running
    if name == "content":
        return value is not None  # 0, false and [] are contents like others
    return name == "integrity" or not (value is None or value is False or value == [])


def _plain(name: str, value: Any) -> Any:
    """Whole seconds as JavaScript writes them: 1700000000 rather than 1700000000.0."""
    whole = name in NUMBERS and isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if whole else value


def columns(event: Wire) -> dict[str, Any]:
    """What is stored of an event: the text, and its projections."""
    duration = event.get("duration", 0)
    return {
        "time": event["time"],
        "end_time": None if duration is None else event["time"] + duration,
        "type": event["type"],
        "trashed": event.get("trashed", False),
        "modified": event["modified"],
        "has_files": bool(event.get("attachments")),
        "wire": msgspec.json.encode(event).decode(),
    }


def _insert(account_id: int, event: Wire, *, given_id: bool) -> None:
    """Store a new event. An id is never used twice, not even after deletion."""
    if given_id and EventDeletion.objects.filter(account_id=account_id, id=event["id"]).exists():
        raise ItemAlreadyExists("event", {"id": event["id"]})
    try:
        Event(account_id=account_id, id=event["id"], **columns(event)).save(force_insert=True)
    except IntegrityError:
        raise ItemAlreadyExists("event", {"id": event["id"]}) from None
    _place(account_id, event)


def _place(account_id: int, event: Wire) -> None:
    EventStream.objects.bulk_create(
        [
            EventStream(account_id=account_id, stream_id=sid, event_id=event["id"], time=event["time"])
            for sid in event["streamIds"]
        ]
    )


def save_event(actor: Actor, old: Wire, new: Wire, *, announced: bool = True) -> Wire:
    """Store a changed event; points of a series change it without a word (spec api-data §4.7)."""
    new = sealed({**new, "modified": now(), "modifiedBy": actor.author})
    Event.objects.filter(account_id=actor.account_id, id=new["id"]).update(**columns(new))
    if new["streamIds"] != old["streamIds"] or new["time"] != old["time"]:
        EventStream.objects.filter(account_id=actor.account_id, event_id=new["id"]).delete()
        _place(actor.account_id, new)
    if announced:
        announce(actor.account_id, Change.EVENTS)
    return new


def update_event(actor: Actor, event_id: str, update: EventUpdate, drafts: Sequence[Draft] = ()) -> Wire:
    """Change an event; `drafts` are files to add (check order of spec api-data §3.8)."""
    use_tree(actor.account_id)
    tree = load_tree(actor.account_id)
    old_streams: set[str] = set()
    if not isinstance(update.stream_ids, UnsetType):
        old_streams = set(
            EventStream.objects.filter(account_id=actor.account_id, event_id=event_id).values_list(
                "stream_id", flat=True
            )
        )
        _check_stores(None, update.stream_ids)
        # Streams that the event sits in already may be in the trash meanwhile.
        check_streams(actor, [sid for sid in update.stream_ids if sid not in old_streams], tree)
    old = find_event(actor, event_id, Can.UPDATE, tree, lock=True)
    new = dict(old)
    if not isinstance(update.stream_ids, UnsetType):
        new["streamIds"] = list(dict.fromkeys(update.stream_ids))
        changed = set(new["streamIds"]) ^ set(old["streamIds"])
        if not all(Can.UPDATE in actor.permissions.on(sid, tree) for sid in changed):
            raise Forbidden
    _apply(new, update)
    _check_type_change(old, new, update)
    if drafts:
        new["attachments"] = [*old.get("attachments", ()), *(draft.wire() for draft in drafts)]
        attachments.record(actor.account_id, event_id, drafts)
    return save_event(actor, old, new)


def _apply(event: Wire, update: EventUpdate) -> None:
    for name, value in (
        ("type", update.type),
        ("time", update.time),
        ("duration", update.duration),
        ("content", update.content),
        ("description", update.description),
        ("trashed", update.trashed),
    ):
        if not isinstance(value, UnsetType) and (name != "time" or value is not None):
            event[name] = value
    if not isinstance(update.client_data, UnsetType):
        event["clientData"] = merged_client_data(event.get("clientData"), update.client_data)


def _check_type_change(old: Wire, new: Wire, update: EventUpdate) -> None:
    was_series, is_series = (event["type"].startswith(types.SERIES) for event in (old, new))
    if was_series != is_series:
        raise InvalidOperation("An event can't change between plain and series.")
    if is_series:
        sent = None if isinstance(update.content, UnsetType) else update.content or {}
        _checked_content(new["type"], sent)
        new["content"] = old["content"]  # the layout of the points there are; another type keeps it
    elif not isinstance(update.content, UnsetType) or new["type"] != old["type"]:
        new["content"] = _checked_content(new["type"], new.get("content"))


def delete_event(actor: Actor, event_id: str) -> tuple[Wire, bool]:
    """First call: to the trash. Second: delete for good. The event, and whether it is gone."""
    event = find_event(actor, event_id, Can.UPDATE, load_tree(actor.account_id), lock=True)
    if not event.get("trashed"):
        return save_event(actor, event, {**event, "trashed": True}), False
    destroy(actor.account_id, [event_id])
    announce(actor.account_id, Change.EVENTS)
    return event, True


def destroy(account_id: int, event_ids: Sequence[str]) -> None:
    """Delete events with files and points, leaving deletion records."""
    moment = now()
    for start in range(0, len(event_ids), AT_ONCE):
        part = event_ids[start : start + AT_ONCE]
        EventDeletion.objects.bulk_create([_deletion(account_id, event_id, moment) for event_id in part])
        attachments.forget(account_id, part)
        SeriesPoint.objects.filter(account_id=account_id, event_id__in=part).delete()
        EventStream.objects.filter(account_id=account_id, event_id__in=part).delete()
        Event.objects.filter(account_id=account_id, id__in=part).delete()


def _deletion(account_id: int, event_id: str, moment: float) -> EventDeletion:
    integrity = event_integrity({"id": event_id, "deleted": moment})
    return EventDeletion(account_id=account_id, id=event_id, deleted=moment, integrity=integrity)


def delete_file(actor: Actor, event_id: str, file_id: str) -> Wire:
    """Remove a file from an event."""
    event = find_event(actor, event_id, Can.UPDATE, load_tree(actor.account_id), lock=True)
    kept = [file for file in event.get("attachments", ()) if file["id"] != file_id]
    if len(kept) == len(event.get("attachments", ())):
        raise UnknownResource("attachment", file_id)
    attachments.forget(actor.account_id, [event_id], file_id)
    return save_event(actor, event, {**event, "attachments": kept})
