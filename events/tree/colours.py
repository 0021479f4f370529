"""Colours of root streams, saved once (ui §4.3)."""

from events.dashboard.colours import HEX, KEY, colours_of
from events.dashboard.selection import Tree
from events.guard import own_trees
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError


def saved_colours(actor: Actor, trees: list[Tree]) -> list[Tree]:
    """The trees, once every root has a colour of its own: one that has none keeps the one it is shown with,
    so that it stays whatever roots come and go. Saved once; what somebody chose meanwhile isn't touched."""
    plain = [tree for tree in trees if KEY not in (tree.get("clientData") or {})]
    if not plain or not actor.is_personal:
        return trees
    shown = colours_of(trees)
    for tree in plain:
        update = {"clientData": {KEY: f"#{HEX[shown[tree['id']]]}"}}
        try:
            execute("streams.update", actor, {"id": tree["id"], "update": update}, as_of=tree["modified"])
        except ApiError:
            continue  # changed or gone meanwhile: the next look finds it as it is
    return own_trees(actor)
