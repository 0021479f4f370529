"""Reading streams."""

from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import Forbidden, InvalidOperation, UnknownResource
from pryvsite.kernel.permissions import Can
from streams.models import Stream, StreamDeletion
from streams.tree import Tree

# Account fields live with the local streams: their prefixes name no store of their own.
LOCAL_PREFIXES = (":_system:", ":system:")
STORES = frozenset({"", "_audit", "_emails", "_cmc", "_shared-secrets"})


def store_of(stream_id: str) -> str:
    """The store that an id names by its prefix; empty for local ones (spec api-data §2.7)."""
    if not stream_id.startswith(":") or stream_id.startswith(LOCAL_PREFIXES):
        return ""
    name, colon, _ = stream_id[1:].partition(":")
    return name if colon else ""


def is_reserved(stream_id: str) -> bool:
    """Whether an id lies in a reserved namespace (spec api-data §2.7)."""
    return stream_id.startswith(":")


def refuse_addresses(*ids: str | None) -> None:
    """The account's addresses are changed through the account only, by everybody (spec api-access §2.10).

    Takes ids of streams or events. Raises InvalidOperation.
    """
    if any(given and store_of(given) == "_emails" for given in ids):
        raise InvalidOperation("Addresses are changed through the account.", {"id": "emails-reserved-stream"})


def find_stream(actor: Actor, stream_id: str, want: Can, tree: Tree) -> Stream:
    """Load and authorise. Raises InvalidOperation (reserved), UnknownResource, Forbidden.

    The item in the path: 404 when unknown, 403 when not allowed (spec api-data §2.5, §7.1).
    """
    refuse_addresses(stream_id)
    if is_reserved(stream_id):
        raise InvalidOperation("System streams can't be changed.", {"streamId": stream_id})
    allowed = actor.permissions.on(stream_id, tree)
    if stream_id not in tree:
        raise UnknownResource("stream", stream_id)
    if want not in allowed:
        raise Forbidden
    return Stream.objects.get(account_id=actor.account_id, id=stream_id)


def deletions_since(account_id: int, moment: float) -> list[dict[str, object]]:
    """Deletion records after a moment, oldest first; not filtered by permission (spec api-data §2.3)."""
    rows = StreamDeletion.objects.filter(account_id=account_id, deleted__gt=moment)
    return [
        {"id": sid, "deleted": at} for sid, at in rows.order_by("deleted", "id").values_list("id", "deleted")
    ]
