"""Loading single events together with the right to do something with them."""

from typing import Any

import msgspec

from events.models import Event
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import Forbidden, UnknownResource
from pryvsite.kernel.permissions import Can
from streams.tree import Tree

Wire = dict[str, Any]


def find_event(actor: Actor, event_id: str, want: Can, tree: Tree, *, lock: bool = False) -> Wire:
    """Load and authorise: the right is needed on one of the event's streams.

    Raises UnknownResource, Forbidden.
    """
    rows = Event.objects.filter(account_id=actor.account_id, id=event_id)
    if lock:
        rows = rows.select_for_update()
    text = rows.values_list("wire", flat=True).first()
    if text is None:
        raise UnknownResource("event", event_id)
    event: Wire = msgspec.json.decode(text)
    if not any(want in actor.permissions.on(sid, tree) for sid in event["streamIds"]):
        raise Forbidden
    return event
