"""Streams that are pinned above the tree, kept with the settings of the display (ui §4.3)."""

from events.keeping.comfort import store
from pryvsite.kernel.actor import Actor
from pryvsite.web.comfort import MOST_PINNED, current


def set_pinned(actor: Actor, stream_id: str, *, on: bool) -> None:
    """Keep whether a stream is pinned; the latest comes last."""
    others = [one for one in current().pinned if one != stream_id]
    pinned = [*others, stream_id][-MOST_PINNED:] if on else others
    if pinned != list(current().pinned):
        store(actor, pinned=pinned)
