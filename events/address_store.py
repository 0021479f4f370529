"""The addresses of an account as one event of the stream `:_emails:`, which its owner reads by name.

They are changed through the account alone (spec api-access §2.10).
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from accounts.models import Account
from accounts.operations import present_account
from events.wire import sealed
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import Forbidden, UnknownReference, UnknownResource
from pryvsite.kernel.stores import Row, StoreQuery

Wire = dict[str, Any]
ROOT = ":_emails:"
EVENT = ":_emails:addresses"
TYPE = "email/multiple"


class AddressStore:
    """The store `_emails`: for owners only."""

    id = "_emails"
    listed = False

    def trees(self, actor: Actor) -> list[Wire]:
        """Its one stream."""
        if not actor.is_personal:
            return []
        return [
            {
                "id": ROOT, "name": "E-mail addresses", "parentId": None, "children": [],
                "childrenHidden": True,
                "created": 0, "createdBy": "system", "modified": 0, "modifiedBy": "system",
            }
        ]  # fmt: skip

    def rows(self, actor: Actor, query: StoreQuery) -> Iterator[Row]:
        """The event, if it is meant. Raises Forbidden, UnknownReference."""
        if not actor.is_personal:
            raise Forbidden
        unknown = [sid for sid in query.any if sid.removesuffix("!") != ROOT]
        if unknown:
            raise UnknownReference("streams", unknown)
        event = _event(actor)
        shown = [event] if event is not None and _is_meant(event, query) else []
        return iter([(msgspec.json.encode(one).decode(), False, one["id"], one["time"]) for one in shown])

    def find(self, actor: Actor, event_id: str) -> Wire:
        """The event by its id. Raises UnknownResource, Forbidden."""
        if not actor.is_personal:
            raise Forbidden
        event = _event(actor)
        if event_id != EVENT or event is None:
            raise UnknownResource("event", event_id)
        return event


def _event(actor: Actor) -> Wire | None:
    """The addresses as they are now; None without any."""
    account = Account.objects.get(id=actor.account_id)
    addresses = present_account(account)["emails"]
    if not addresses:
        return None
    moment = max([account.created, *(one["verifiedAt"] or 0 for one in addresses)])
    return sealed(
        {
            "id": EVENT, "streamIds": [ROOT], "time": moment, "type": TYPE, "content": addresses,
            "created": account.created, "createdBy": "system", "modified": moment, "modifiedBy": "system",
        }
    )  # fmt: skip


def _is_meant(event: Wire, query: StoreQuery) -> bool:
    types = query.types
    return (
        query.state != "trashed"
        and not query.running
        and all(sid.removesuffix("!") == ROOT for sid in query.all)
        and not any(sid.removesuffix("!") == ROOT for sid in query.none)
        and (not types or TYPE in types or "email/*" in types)
        and (query.modified_since is None or event["modified"] > query.modified_since)
        and (query.start is None or event["time"] >= query.start)
        and (query.end is None or event["time"] <= query.end)
    )
