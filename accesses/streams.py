"""Streams that a granted permission needs: made or taken out of the trash (spec api-access §3.6)."""

import re
from collections.abc import Sequence

from accesses.inputs import PermissionInput
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidRequestStructure, NotSupported
from pryvsite.kernel.inputs import UnsetType
from pryvsite.kernel.permissions import EVERYTHING
from streams import operations as streams
from streams.inputs import StreamCreate, StreamUpdate
from streams.queries import STORES, store_of
from streams.tree import load_tree

STREAM_ID = re.compile(r"[a-z0-9-]{1,100}")


def ensure_streams(actor: Actor, permissions: Sequence[PermissionInput]) -> None:
    """Create each missing stream that has a default name as a root; restore trashed ones."""
    named = [
        (entry.stream_id, entry.default_name)
        for entry in permissions
        if not isinstance(entry.stream_id, UnsetType)
        and not isinstance(entry.default_name, UnsetType)
        and entry.stream_id != EVERYTHING
    ]
    if not named:
        return
    tree = load_tree(actor.account_id)
    made: set[str] = set()
    for stream_id, default_name in named:
        if stream_id in made:
            continue
        if stream_id in tree:
            if tree.nodes[stream_id].trashed:
                streams.update_stream(actor, stream_id, StreamUpdate(trashed=False))
        else:
            store = store_of(stream_id)
            if store in STORES - {""}:
                raise NotSupported
            if not STREAM_ID.fullmatch(stream_id):
                raise InvalidRequestStructure(f'"{stream_id}" can\'t be the id of a new stream.')
            streams.create_stream(actor, StreamCreate(id=stream_id, name=default_name))
        made.add(stream_id)
