"""Read, change, trash and delete events (spec api-data §3.6–3.9)."""

from collections.abc import Sequence, Set
from typing import Any

from django.db import transaction

from accounts.fields import is_account_stream
from accounts.meter import add_documents
from events import attachments, rows, types, versions
from events.account_events import (
    find_account_event,
    refuse_delete,
    update_account_event,
)
from events.attachments import Draft
from events.inputs import EventUpdate
from events.models import Event, EventDeletion, EventStream, SeriesChunk
from events.queries import find_event
from events.wire import columns, sealed
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import (
    Forbidden,
    InvalidEventType,
    InvalidOperation,
    InvalidParameters,
    InvalidRequestStructure,
    StaleResource,
    UnknownReference,
    UnknownResource,
)
from pryvsite.kernel.inputs import UnsetType
from pryvsite.kernel.permissions import Can
from pryvsite.kernel.stores import store_named
from streams.inputs import check_nesting, merged_client_data
from streams.locks import use_tree
from streams.queries import refuse_addresses
from streams.tree import Tree, load_tree

Wire = dict[str, Any]
AT_ONCE = 500  # events changed by a statement


def get_event(actor: Actor, event_id: str) -> Wire:
    """One event; a deleted one as `{id, deleted}`."""
    if is_account_stream(event_id):
        return find_account_event(actor, event_id, Can.READ, load_tree(actor.account_id))
    store = store_named(event_id)
    if store is not None:
        return store.find(actor, event_id)
    gone = EventDeletion.objects.filter(account_id=actor.account_id, id=event_id).first()
    if gone is not None:
        return {"id": gone.id, "deleted": gone.deleted}
    return find_event(actor, event_id, Can.READ, load_tree(actor.account_id))


def get_history(actor: Actor, event_id: str) -> list[Wire]:
    """Previous versions of an event that the actor was allowed to get."""
    return versions.history(actor, event_id, load_tree(actor.account_id))


def _namespace(stream_id: str) -> str:
    """The store of a stream; account fields count as one here: no event is in a field and elsewhere."""
    if is_account_stream(stream_id):
        return "_system"
    return stream_id.split(":")[1] if stream_id.startswith(":") else ""


def check_stores(event_id: str | None, stream_ids: Sequence[str]) -> None:
    """An event and its streams are in one store. Raises InvalidRequestStructure, InvalidOperation."""
    refuse_addresses(event_id, *stream_ids)
    stores = {_namespace(sid) for sid in stream_ids}
    if event_id and event_id.startswith(":"):
        stores.add(event_id.split(":")[1])
    elif event_id:
        stores.add("")
    if len(stores) > 1:
        raise InvalidRequestStructure("An event and its streams must be in the same store.")


def check_streams(actor: Actor, stream_ids: Sequence[str], existing: Set[str], tree: Tree) -> None:
    """Streams of an event are among the existing ones and not in the trash (spec api-data §3.7, steps 2–4).

    All accesses are told which streams are missing: apps create them then.
    """
    if any(sid.startswith(":") for sid in stream_ids):
        if actor.is_personal and not any(store_named(sid) for sid in stream_ids):
            raise InvalidOperation("These streams take no events.", {"streamIds": list(stream_ids)})
        raise Forbidden
    unknown = [sid for sid in stream_ids if sid not in existing]
    if unknown:
        raise UnknownReference("streamIds", unknown)
    if any(tree.in_trash(sid) for sid in stream_ids):
        raise InvalidOperation("A stream is in the trash.", {"trashedReference": "streamIds"})


def checked_content(event_type: str, content: Any) -> Any:
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


def save_event(actor: Actor, old: Wire, new: Wire) -> Wire:
    """Store a changed event."""
    new = sealed({**new, "modified": now(), "modifiedBy": actor.author})
    versions.keep(actor.account_id, [new["id"]])
    Event.objects.filter(account_id=actor.account_id, id=new["id"]).update(**columns(new))
    if any(new.get(name) != old.get(name) for name in ("streamIds", "time", "type", "trashed")):
        EventStream.objects.filter(account_id=actor.account_id, event_id=new["id"]).delete()
        rows.place(actor.account_id, [new])
    announce(actor.account_id, Change.EVENTS)
    return new


def update_event(
    actor: Actor,
    event_id: str,
    update: EventUpdate,
    drafts: Sequence[Draft] = (),
    as_of: float | None = None,
) -> Wire:
    """Change an event; `drafts` are files to add (check order of spec api-data §3.8).

    With `as_of` (the event's `modified` as its editor saw it) raises StaleResource when it has changed.
    """
    wanted = () if isinstance(update.stream_ids, UnsetType) else update.stream_ids
    existing = use_tree(actor.account_id, wanted)
    tree = load_tree(actor.account_id)
    if is_account_stream(event_id):
        if drafts:
            raise _no_files(event_id)
        return update_account_event(actor, event_id, update, tree)
    old_streams: set[str] = set()
    if not isinstance(update.stream_ids, UnsetType):
        old_streams = set(
            EventStream.objects.filter(account_id=actor.account_id, event_id=event_id).values_list(
                "stream_id", flat=True
            )
        )
        _check_no_field(actor, update.stream_ids)
        check_stores(None, update.stream_ids)
        # Streams that the event sits in already may be in the trash meanwhile.
        added = [sid for sid in update.stream_ids if sid not in old_streams]
        check_streams(actor, added, existing, tree)
    old = find_event(actor, event_id, Can.UPDATE, tree, lock=True)
    if as_of is not None and old["modified"] != as_of:
        raise StaleResource
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


def _no_files(event_id: str) -> InvalidOperation:
    return InvalidOperation("Account fields have no files.", {"streamId": event_id})


def check_takes_files(actor: Actor, event_id: str) -> None:
    """Refuse files before they are received; the update itself checks again. Raises InvalidOperation,
    UnknownResource, Forbidden."""
    if is_account_stream(event_id):
        raise _no_files(event_id)
    find_event(actor, event_id, Can.UPDATE, load_tree(actor.account_id))


def _check_no_field(actor: Actor, stream_ids: Sequence[str]) -> None:
    """An ordinary event can't become that of an account field (corrections §1.14)."""
    if any(is_account_stream(sid) for sid in stream_ids):
        if not actor.is_personal:
            raise Forbidden
        raise InvalidOperation("An event can't move to an account field.", {"streamIds": list(stream_ids)})


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
        checked_content(new["type"], sent)
        new["content"] = old["content"]  # the layout of the points there are; another type keeps it
    elif not isinstance(update.content, UnsetType) or new["type"] != old["type"]:
        new["content"] = checked_content(new["type"], new.get("content"))


def delete_event(actor: Actor, event_id: str) -> tuple[Wire, bool]:
    """First call: to the trash. Second: delete for good. The event, and whether it is gone."""
    tree = load_tree(actor.account_id)
    if is_account_stream(event_id):
        refuse_delete(actor, event_id, tree)
    event = find_event(actor, event_id, Can.UPDATE, tree, lock=True)
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
        versions.bury(account_id, part, moment)
        attachments.forget(account_id, part)
        SeriesChunk.objects.filter(account_id=account_id, event_id__in=part).delete()
        EventStream.objects.filter(account_id=account_id, event_id__in=part).delete()
        Event.objects.filter(account_id=account_id, id__in=part).delete()
    transaction.on_commit(lambda: add_documents(account_id, -len(event_ids)))


def delete_file(actor: Actor, event_id: str, file_id: str) -> Wire:
    """Remove a file from an event."""
    event = find_event(actor, event_id, Can.UPDATE, load_tree(actor.account_id), lock=True)
    kept = [file for file in event.get("attachments", ()) if file["id"] != file_id]
    if len(kept) == len(event.get("attachments", ())):
        raise UnknownResource("attachment", file_id)
    attachments.forget(actor.account_id, [event_id], file_id)
    return save_event(actor, event, {**event, "attachments": kept})
