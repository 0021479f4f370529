"""What the address of the dashboard asks for: a period, a highlighted moment, streams (ui §4.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.http import QueryDict

from events.dashboard.periods import Period
from pryvsite.web.zone import zone_of

__all__ = ["Selection", "chosen_streams", "zone_of"]

Tree = dict[str, Any]


@dataclass(frozen=True)
class Selection:
    """A period, a moment within it, and streams as the API takes them: `a` with all below, `a!` alone;
    None for all."""

    period: Period
    streams: tuple[str, ...] | None
    at: float | None = None
    problem: str = ""  # what is wrong with the range that was asked for
    follow: bool = False  # whether the moment is now, whenever that is

    @cached_property
    def stream_query(self) -> str:
        """The streams as a part of a query string."""
        return "" if self.streams is None else f"&streams={quote(','.join(self.streams), safe=',!')}"

    @cached_property
    def query(self) -> str:
        """Everything as a query string; the unit around now while the moment follows it."""
        if self.follow:
            return f"scale={self.period.scale}{self.stream_query}&at=now"
        at = "" if self.at is None else f"&at={self.at:.0f}"
        return f"{self.period.query}{self.stream_query}{at}"


def nodes_of(trees: Iterable[Tree]) -> dict[str, Tree]:
    """All streams by id, parents first."""
    found: dict[str, Tree] = {}
    waiting = list(trees)[::-1]
    while waiting:
        node = waiting.pop()
        found[node["id"]] = node
        waiting.extend(reversed(node["children"]))
    return found


def chosen_streams(query: QueryDict, trees: Sequence[Tree]) -> tuple[str, ...] | None:
    """The streams that the address names and that exist; None for all. The tree's form sends one value
    for each ticked box."""
    nodes = nodes_of(trees)
    if "streams" in query:
        given = [sid for text in query.getlist("streams") for sid in text.split(",")]
        known = tuple(sid for sid in dict.fromkeys(given) if sid.removesuffix("!") in nodes)
        return None if set(ticked(known, nodes)) == set(nodes) and known else known
    if "filter" not in query:
        return None
    boxes = {sid for sid in query.getlist("s") if sid in nodes}
    return None if boxes == set(nodes) else tuple(shortest(boxes, trees))


def shortest(boxes: set[str], trees: Sequence[Tree]) -> list[str]:
    """Ticked streams in as few words as can be: those ticked with all below, else each alone."""
    tops: list[str] = []
    waiting = list(trees)[::-1]
    while waiting:
        node = waiting.pop()
        if node["id"] in boxes and nodes_of([node]).keys() <= boxes:
            tops.append(node["id"])
            continue
        if node["id"] in boxes:
            tops.append(f"{node['id']}!")
        waiting.extend(reversed(node["children"]))
    return tops


def ticked(streams: Sequence[str] | None, nodes: dict[str, Tree]) -> set[str]:
    """The streams that a choice means."""
    if streams is None:
        return set(nodes)
    found: set[str] = set()
    for asked in streams:
        sid = asked.removesuffix("!")
        if sid in nodes:
            found |= {sid} if asked.endswith("!") else nodes_of([nodes[sid]]).keys()
    return found
