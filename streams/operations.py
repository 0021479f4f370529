"""Create, change, trash and delete streams (spec api-data §2.4–2.6)."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError

from pryvsite.caching import changed
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import (
    Forbidden,
    InvalidItemId,
    InvalidOperation,
    InvalidParameters,
    InvalidRequestStructure,
    ItemAlreadyExists,
    StaleResource,
    UnknownReference,
    UnknownResource,
)
from pryvsite.kernel.ids import is_reserved_item_id, new_id, slug_stream_id
from pryvsite.kernel.inputs import LONGEST_NAME, UnsetType
from pryvsite.kernel.permissions import Can
from pryvsite.kernel.ports import ports
from pryvsite.kernel.stores import STORES as REGISTERED
from streams.inputs import StreamCreate, StreamUpdate, check_nesting, merged_client_data
from streams.locks import hold_tree
from streams.models import ROOT, Stream, StreamDeletion
from streams.queries import STORES, find_stream, is_reserved, refuse_addresses, store_of
from streams.tree import Tree, read_tree

MAX_DEPTH = 200  # levels; deeper trees serve nobody and nested answers must stay encodable


def create_stream(actor: Actor, new: StreamCreate) -> Stream:
    """Create a stream. Raises Forbidden, UnknownReference, InvalidOperation, InvalidItemId,
    ItemAlreadyExists."""
    check_nesting(new.client_data)
    hold_tree(actor.account_id)
    tree = read_tree(actor.account_id)
    _check_parent(actor, new.parent_id, tree)
    stream_id = _new_stream_id(new.id, new.parent_id)
    if stream_id in tree:
        raise ItemAlreadyExists("stream", {"id": stream_id})
    _check_name(actor, tree, new.parent_id or ROOT, new.name)
    stream = _new_stream(actor, new, stream_id)
    try:
        stream.save(force_insert=True)
    except IntegrityError:  # only behind the back of the lock; the constraint has the last word
        raise ItemAlreadyExists("stream", {"name": new.name}) from None
    StreamDeletion.objects.filter(account_id=actor.account_id, id=stream_id).delete()
    changed("streams", actor.account_id)
    announce(actor.account_id, Change.STREAMS)
    return stream


def _new_stream(actor: Actor, new: StreamCreate, stream_id: str) -> Stream:
    moment = now()
    return Stream(
        account_id=actor.account_id,
        id=stream_id,
        name=new.name,
        parent_id=new.parent_id or ROOT,
        client_data=new.client_data,
        trashed=bool(new.trashed),
        created=moment,
        created_by=actor.author,
        modified=moment,
        modified_by=actor.author,
    )


def _check_parent(actor: Actor, parent_id: str | None, tree: Tree, levels: int = 1) -> None:
    """Right, existence and state of a parent for so many levels of streams (spec api-data §2.4)."""
    if parent_id is None:
        if Can.MANAGE not in actor.permissions.everywhere():
            raise Forbidden
        return
    refuse_addresses(parent_id)
    if is_reserved(parent_id):
        if store_of(parent_id) not in STORES:
            raise UnknownResource("store", store_of(parent_id))
        raise InvalidOperation("Streams can't be created here.", {"parentId": parent_id})
    if Can.MANAGE not in actor.permissions.on(parent_id, tree):
        raise Forbidden
    if parent_id not in tree:
        raise UnknownReference("parentId", parent_id)
    if tree.in_trash(parent_id):
        raise InvalidOperation("The parent stream is in the trash.", {"trashedReference": "parentId"})
    if sum(1 for _ in tree.path(parent_id)) + levels > MAX_DEPTH:
        raise InvalidOperation(f"Streams can be nested {MAX_DEPTH} levels deep.", {"parentId": parent_id})


def _new_stream_id(given: str | None, parent_id: str | None) -> str:
    if given is None:
        return new_id()
    refuse_addresses(given)
    if store_of(given) != store_of(parent_id or ""):
        raise InvalidRequestStructure("A stream and its parent must be in the same store.")
    slug = slug_stream_id(given)
    if is_reserved_item_id(given) or is_reserved_item_id(slug) or not slug:
        raise InvalidItemId
    if len(slug) > LONGEST_NAME:
        entry = {"code": "MAX_LENGTH", "message": "The id is too long.", "params": [LONGEST_NAME]}
        raise InvalidParameters(data=[{**entry, "path": "#/id"}])
    return slug


def _check_name(actor: Actor, tree: Tree, parent_id: str, name: str, but: str = "") -> None:
    """No sibling has the name; beside the root streams stand the roots of other stores."""
    taken = {tree.nodes[sibling].name for sibling in tree.children.get(parent_id, ()) if sibling != but}
    if parent_id == ROOT:
        taken |= {root["name"] for store in REGISTERED.values() for root in store.trees(actor)}
    if name in taken:
        raise ItemAlreadyExists("stream", {"name": name})


def update_stream(actor: Actor, stream_id: str, update: StreamUpdate, as_of: float | None = None) -> Stream:
    """Rename, move, trash or restore a stream, change its client data.

    With `as_of` (the stream's `modified` as its reader saw it) raises StaleResource when it has changed.
    """
    hold_tree(actor.account_id)
    tree = read_tree(actor.account_id)
    stream = find_stream(actor, stream_id, Can.MANAGE, tree)
    if as_of is not None and stream.modified != as_of:
        raise StaleResource
    if not isinstance(update.parent_id, UnsetType):
        _check_move(actor, stream, update.parent_id, tree)
        stream.parent_id = update.parent_id or ROOT
    if not isinstance(update.name, UnsetType):
        stream.name = update.name
    _check_name(actor, tree, stream.parent_id, stream.name, but=stream.id)
    if not isinstance(update.client_data, UnsetType):
        stream.client_data = merged_client_data(stream.client_data, update.client_data)
    if not isinstance(update.trashed, UnsetType):
        stream.trashed = bool(update.trashed)
    return _save_change(actor, stream)


def _check_move(actor: Actor, stream: Stream, parent_id: str | None, tree: Tree) -> None:
    if parent_id == stream.id:
        raise InvalidOperation("A stream can't be its own parent.", {"parentId": parent_id})
    if (parent_id or ROOT) == stream.parent_id:
        return
    refuse_addresses(parent_id)
    if store_of(parent_id or ""):
        raise InvalidRequestStructure("A stream can't move to another store.")
    _check_parent(actor, parent_id, tree, levels=tree.height(stream.id))
    if parent_id and stream.id in tree.path(parent_id):
        raise InvalidOperation("A stream can't move below itself.", {"parentId": parent_id})


def _save_change(actor: Actor, stream: Stream) -> Stream:
    stream.modified, stream.modified_by = now(), actor.author
    try:
        stream.save(force_update=True)
    except IntegrityError:
        raise ItemAlreadyExists("stream", {"name": stream.name}) from None
    changed("streams", actor.account_id)
    announce(actor.account_id, Change.STREAMS)
    return stream


def delete_stream(
    actor: Actor, stream_id: str, merge: bool | UnsetType
) -> tuple[Stream, list[Mapping[str, Any]] | None]:
    """First call: to the trash. Second: delete with all below; the list tells what became of events.

    Raises UnknownResource, Forbidden, InvalidOperation (merge at the root), InvalidParameters (events
    and no choice).
    """
    hold_tree(actor.account_id)
    tree = read_tree(actor.account_id)
    stream = find_stream(actor, stream_id, Can.MANAGE, tree)
    if not stream.trashed:
        stream.trashed = True
        return _save_change(actor, stream), None
    if merge is True and not stream.parent_id:
        raise InvalidOperation(
            "The events of a root stream can't be merged with a parent.", {"streamId": stream.id}
        )
    gone = tree.descendants(stream.id)
    updated: list[Mapping[str, Any]] = []
    if ports.contents.count(actor.account_id, gone):
        if isinstance(merge, UnsetType):
            raise InvalidParameters("There are events: mergeEventsWithParent must be given.")
        updated = ports.contents.leave(actor, gone, stream.parent_id if merge else None)
    _drop(actor, gone)
    return stream, updated


def _drop(actor: Actor, stream_ids: list[str]) -> None:
    moment = now()
    rows = StreamDeletion.objects
    rows.filter(account_id=actor.account_id, id__in=stream_ids).delete()
    rows.bulk_create(
        [StreamDeletion(account_id=actor.account_id, id=sid, deleted=moment) for sid in stream_ids]
    )
    Stream.objects.filter(account_id=actor.account_id, id__in=stream_ids).delete()
    changed("streams", actor.account_id)
    announce(actor.account_id, Change.STREAMS)
