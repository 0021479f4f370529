"""Create events, one or many at once (spec api-data §3.7)."""

from collections.abc import Sequence, Set
from typing import Any

from django.db import IntegrityError, transaction

from accounts.fields import is_account_stream
from accounts.meter import add_documents
from events import attachments, rows
from events.account_events import write_account_event
from events.attachments import Draft
from events.inputs import EventCreate
from events.operations import check_stores, check_streams, checked_content
from events.wire import sealed
from pryvsite.api.execute import OneByOne
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError, Forbidden, ItemAlreadyExists
from pryvsite.kernel.ids import new_id
from pryvsite.kernel.inputs import UnsetType
from pryvsite.kernel.permissions import Can
from streams.inputs import check_nesting
from streams.locks import use_tree
from streams.tree import Tree, load_tree

Wire = dict[str, Any]


def create_event(actor: Actor, new: EventCreate, drafts: Sequence[Draft] = ()) -> Wire:
    """Create an event, with files that are stored already."""
    _check_form(new)
    existing = use_tree(actor.account_id, new.stream_ids)
    tree = load_tree(actor.account_id)
    if is_account_stream(new.stream_ids[0]) and not drafts:
        return write_account_event(actor, new, tree)
    event = _prepared(actor, new, existing, tree, drafts)
    given = [] if new.id is None else [new.id]
    if rows.taken(actor.account_id, given):
        raise ItemAlreadyExists("event", {"id": event["id"]})
    try:
        _store(actor, [event])
    except IntegrityError:  # a call at the same moment gave the same id
        raise ItemAlreadyExists("event", {"id": event["id"]}) from None
    attachments.record(actor.account_id, event["id"], drafts)
    return event


def create_events(actor: Actor, new: Sequence[EventCreate]) -> list[Wire | ApiError]:
    """Create events by as many statements as one needs; for each the event, or why there is none.

    Raises OneByOne where they can't be created at once.
    """
    if any(is_account_stream(sid) for one in new for sid in one.stream_ids):
        raise OneByOne
    existing = use_tree(actor.account_id, {sid for one in new for sid in one.stream_ids})
    tree = load_tree(actor.account_id)
    taken = rows.taken(actor.account_id, [one.id for one in new if one.id is not None])
    done: list[Wire | ApiError] = []
    events: list[Wire] = []
    for one in new:
        try:
            _check_form(one)
            event = _prepared(actor, one, existing, tree)
            if event["id"] in taken:
                raise ItemAlreadyExists("event", {"id": event["id"]})
        except ApiError as error:
            done.append(error)
            continue
        taken.add(event["id"])
        events.append(event)
        done.append(event)
    if events:
        try:
            _store(actor, events)
        except IntegrityError:
            raise OneByOne from None
    return done


def _check_form(new: EventCreate) -> None:
    check_stores(new.id, new.stream_ids)
    check_nesting(new.client_data)


def _prepared(
    actor: Actor, new: EventCreate, existing: Set[str], tree: Tree, drafts: Sequence[Draft] = ()
) -> Wire:
    """The event to store, checked in the order of spec api-data §3.7."""
    stream_ids = list(dict.fromkeys(new.stream_ids))
    check_streams(actor, stream_ids, existing, tree)
    content = checked_content(new.type, new.content)
    if not all(Can.CREATE in actor.permissions.on(sid, tree) for sid in stream_ids):
        raise Forbidden
    moment = now()
    return sealed(
        {
            "id": new.id or new_id(),
            "streamIds": stream_ids,
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
    )


def _store(actor: Actor, events: Sequence[Wire]) -> None:
    rows.insert(actor.account_id, events)
    transaction.on_commit(lambda: add_documents(actor.account_id, len(events)))
    announce(actor.account_id, Change.EVENTS)
