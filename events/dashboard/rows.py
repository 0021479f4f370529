"""The stream tree as rows (ui §4.3)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from events.dashboard.charts import number_text
from events.dashboard.colours import colours_of
from events.dashboard.selection import Tree, nodes_of, ticked
from pryvsite.web.comfort import current

SMALL = 24  # streams of a tree that is shown open
DEEPEST = 6  # levels that are indented; deeper ones stand below each other


def tree_rows(
    trees: Sequence[Tree],
    streams: Sequence[str] | None,
    counts: Mapping[str, int],
    latest: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """Each stream with its depth, box, colour and number of events in the period, those below counted in.

    Siblings stand as the reader likes it: by name, or with `latest` (when a stream last had an event in the
    period) and counts by those.
    """
    colours, on = colours_of(trees), ticked(streams, nodes_of(trees))
    rows: list[dict[str, Any]] = []
    pinned = current().pinned
    opened = _opened(trees, streams, on)
    sort = _sorting(counts, latest or {})
    waiting = [(tree, 0, True) for tree in sorted(trees, key=sort, reverse=True)]
    while waiting:
        node, depth, shown = waiting.pop()
        below = nodes_of([node]).keys()
        marked = below & on
        rows.append(
            {
                "id": node["id"],
                "name": node["name"],
                "depth": min(depth, DEEPEST),
                "level": depth + 1,
                "colour": colours[node["id"]],
                "on": node["id"] in on,
                "mixed": bool(marked) and marked != below,
                "parent": bool(node["children"]),
                "open": node["id"] in opened,
                "folded": depth > 0 and not shown,
                "count": (count := sum(counts.get(sid, 0) for sid in below)),
                "count_text": number_text(count),
                "pinned": node["id"] in pinned,
                "here": streams is not None and tuple(streams) == (node["id"],),
            }
        )
        visible = shown and node["id"] in opened
        last_first = sorted(node["children"], key=sort, reverse=True)
        waiting.extend((child, depth + 1, visible) for child in last_first)
    return rows


def pinned_rows(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of pinned streams, as they were pinned."""
    found = {row["id"]: row for row in rows}
    return [found[sid] for sid in current().pinned if sid in found]


def _sorting(counts: Mapping[str, int], latest: Mapping[str, float]) -> Callable[[Tree], Any]:
    """The key by which siblings are sorted."""

    def by_name(node: Tree) -> Any:
        return str(node["name"]).casefold()

    def by_latest(node: Tree) -> Any:
        return -max(latest.get(sid, -1) for sid in nodes_of([node])), by_name(node)

    def by_most(node: Tree) -> Any:
        return -sum(counts.get(sid, 0) for sid in nodes_of([node])), by_name(node)

    return {"latest": by_latest, "most": by_most}.get(current().sort, by_name)


def _opened(trees: Sequence[Tree], streams: Sequence[str] | None, on: set[str]) -> set[str]:
    """Streams whose rows show what is below them: all of a small tree, else those partly ticked and the
    way to the one in focus."""
    nodes = nodes_of(trees)
    if len(nodes) <= SMALL:
        return set(nodes)
    opened: set[str] = set()
    for sid, node in nodes.items():
        below = nodes_of([node]).keys()
        if below & on and not below <= on:
            opened.add(sid)
    for asked in streams or ():
        current = nodes.get(asked.removesuffix("!")) if len(streams or ()) == 1 else None
        while current is not None:
            opened.add(current["id"])
            current = nodes.get(current.get("parentId") or "")
    return opened
