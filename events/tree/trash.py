"""Streams in the trash."""

from dataclasses import dataclass
from typing import Any

from events.dashboard.selection import Tree, nodes_of
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.ports import ports


@dataclass(frozen=True)
class Trashed:
    """A stream that was put into the trash itself, not with one above it."""

    id: str
    name: str
    parent: str  # the name of the stream above; empty at the top
    below: int  # streams that went with it


def trashed_streams(actor: Actor) -> list[Trashed]:
    """The topmost trashed streams, by name."""
    trees: list[Tree] = execute("streams.get", actor, {"state": "all"})["streams"]
    nodes = nodes_of(trees)
    found: list[Trashed] = []
    waiting: list[Tree] = list(trees)
    while waiting:
        node = waiting.pop()
        if node.get("trashed"):
            above: dict[str, Any] = nodes.get(node.get("parentId") or "", {})
            below = len(nodes_of([node])) - 1
            found.append(Trashed(node["id"], str(node["name"]), str(above.get("name", "")), below))
        else:
            waiting.extend(node["children"])
    return sorted(found, key=lambda one: one.name.lower())


def count_below(actor: Actor, stream_id: str) -> int:
    """How many events sit in a stream and those below it, trashed ones included."""
    trees: list[Tree] = execute("streams.get", actor, {"state": "all"})["streams"]
    node = nodes_of(trees)[stream_id]
    return ports.contents.count(actor.account_id, list(nodes_of([node])))
