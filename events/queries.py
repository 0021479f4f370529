"""Loading single events together with the right to do something with them."""

from typing import Any

import msgspec

from events.models import Event
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import Forbidden, UnknownResource
from pryvsite.kernel.permissions import Can
from pryvsite.kernel.stores import store_named
from streams.queries import refuse_addresses
from streams.tree import Tree

Wire = dict[str, Any]


def find_event(actor: Actor, event_id: str, want: Can, tree: Tree, *, lock: bool = False) -> Wire:
    """Load and authorise: the right is needed on one of the event's streams.

    Raises UnknownResource, Forbidden, which is also what other stores answer to changes; InvalidOperation
    for changes of addresses.
    """
    if want is not Can.READ:
        refuse_addresses(event_id)
    if store_named(event_id) is not None:
        raise Forbidden
    rows = Event.objects.filter(account_id=actor.account_id, id=event_id)
    if lock:
        rows = rows.select_for_update()
    text = rows.values_list("wire", flat=True).first()
    if text is None:
        raise UnknownResource("event", event_id)
    return authorised(actor, msgspec.json.decode(text), want, tree)


def authorised(actor: Actor, event: Wire, want: Can, tree: Tree) -> Wire:
    """The event, if the actor has the right on one of its streams. Raises Forbidden."""
    if not any(want in actor.permissions.on(sid, tree) for sid in event["streamIds"]):
        raise Forbidden
    return event
