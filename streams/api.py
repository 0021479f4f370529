"""The stream methods (spec api-data §2)."""

from pryvsite.api.registry import Wire, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import (
    Forbidden,
    InvalidItemId,
    InvalidOperation,
    InvalidRequestStructure,
    ItemAlreadyExists,
    UnknownReference,
)
from pryvsite.kernel.inputs import UnsetType
from pryvsite.kernel.permissions import Can
from pryvsite.kernel.stores import STORES, store_named
from streams import operations
from streams.inputs import StreamCreate, StreamDelete, StreamsGet, StreamUpdateCall
from streams.presenters import Forest, load_listing, present_stream
from streams.queries import deletions_since
from streams.results import StreamDropped, StreamKept, StreamsGot


@method("streams.get", ("GET", "streams"), input=StreamsGet, result=StreamsGot, errors=(UnknownReference,))
def get(actor: Actor, query: StreamsGet) -> Wire:
    """The trees that the access may see."""
    forest = Forest(actor, load_listing(actor.account_id), trashed=query.state == "all")
    wire: Wire = {"streams": _selected(actor, query, forest)}
    if not isinstance(query.include_deletions_since, UnsetType):
        wire["streamDeletions"] = deletions_since(actor.account_id, query.include_deletions_since)
    return wire


def _selected(actor: Actor, query: StreamsGet, forest: Forest) -> list[Wire]:
    parent_id, stream_id = query.parent_id, query.id
    if isinstance(parent_id, UnsetType):
        if isinstance(stream_id, UnsetType):
            stores = [tree for store in STORES.values() if store.listed for tree in store.trees(actor)]
            return [*stores, *forest.roots()]
        if (tree := _in_store(actor, stream_id)) is not None:
            return [tree]
        _check_listable(actor, "id", stream_id, forest)
        return [forest.branch(stream_id, root=True)] if forest.visible(stream_id) else []
    if not isinstance(stream_id, UnsetType):
        raise InvalidRequestStructure("Give either id or parentId.")
    if (tree := _in_store(actor, parent_id)) is not None:
        children: list[Wire] = tree["children"]
        return children
    _check_listable(actor, "parentId", parent_id, forest)
    below = forest.tree.children.get(parent_id, ())
    return [forest.branch(sid) for sid in below if forest.visible(sid)]


def _in_store(actor: Actor, stream_id: str) -> Wire | None:
    """A stream of another store as the access sees it there; None where it isn't one."""
    store = store_named(stream_id)
    waiting = [] if store is None else store.trees(actor)
    while waiting:
        tree = waiting.pop()
        if tree["id"] == stream_id:
            return tree
        waiting.extend(tree["children"])
    return None


def _check_listable(actor: Actor, param: str, stream_id: str, forest: Forest) -> None:
    """Only those who may list everything are told that a stream does not exist."""
    if stream_id not in forest.tree and Can.SEE in actor.permissions.everywhere():
        raise UnknownReference(param, stream_id)
    if Can.SEE not in actor.permissions.on(stream_id, forest.tree) or stream_id not in forest.tree:
        raise Forbidden


@method(
    "streams.create",
    ("POST", "streams"),
    input=StreamCreate,
    result=StreamKept,
    errors=(UnknownReference, InvalidOperation, InvalidItemId, ItemAlreadyExists),
    writes=True,
    status=201,
)
def create(actor: Actor, new: StreamCreate) -> Wire:
    """Create a stream."""
    return {"stream": present_stream(operations.create_stream(actor, new))}


@method(
    "streams.update",
    ("PUT", "streams/{id}"),
    input=StreamUpdateCall,
    result=StreamKept,
    errors=(UnknownReference, InvalidOperation, ItemAlreadyExists),
    writes=True,
    update=True,
)
def update(actor: Actor, call: StreamUpdateCall, as_of: float | None = None) -> Wire:
    """Change a stream."""
    return {"stream": present_stream(operations.update_stream(actor, call.id, call.update, as_of))}


@method(
    "streams.delete",
    ("DELETE", "streams/{id}"),
    input=StreamDelete,
    result=StreamDropped,
    errors=(InvalidOperation,),
    writes=True,
)
def delete(actor: Actor, call: StreamDelete) -> Wire:
    """Trash a stream; delete a trashed one."""
    stream, updated = operations.delete_stream(actor, call.id, call.merge_events_with_parent)
    if updated is None:
        return {"stream": present_stream(stream)}
    return {"updatedEvents": updated, "streamDeletion": {"id": stream.id}}
