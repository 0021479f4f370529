"""Islands (streams with all below them) of tiles (one per kind), laid out as a treemap (ui §4.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from events.dashboard import layout
from events.dashboard.charts import number_text
from events.dashboard.frame import Frame, kind
from events.dashboard.kinds import BLEED, is_chart, title_of
from events.dashboard.selection import Tree, nodes_of

MAX_TILES = 9  # of an island; more kinds of charts share one tile, the rest another
ORDER = ("pictures", "notes", "places", "activities", "messages", "links", "files", "other")


@dataclass
class TileHead:
    """A tile before its content: enough to reserve its place."""

    stream_id: str  # of the island
    kind: str
    title: str
    count: int
    cells: str = ""
    ratio: float = 1.5  # width to height, about
    kinds: tuple[str, ...] = ()  # what a tile of several kinds holds
    content: Any = None  # filled at once for browsers without script
    entries: str = ""  # what the list of its entries is asked with

    @property
    def key(self) -> str:
        """Names the tile on the page and to the server."""
        return urlencode({"island": self.stream_id, "kind": self.kind})

    @property
    def dom_id(self) -> str:
        """The element's id."""
        return "tile-" + "".join(
            c if c.isalnum() else f"_{ord(c):x}" for c in f"{self.stream_id}.{self.kind}"
        )

    @property
    def count_text(self) -> str:
        """The number of events, grouped."""
        return number_text(self.count)

    @property
    def bleeds(self) -> bool:
        """Whether it has no margin."""
        return self.kind in BLEED

    @property
    def wide(self) -> bool:
        """Whether it takes a whole row where there is room for two."""
        many = self.count > 1 or not self.kind.startswith("numbers:")
        return self.kind == "notes" or bool(self.kinds) or (is_chart(self.kind) and many)

    @property
    def label(self) -> str:
        """The tile in words."""
        return f"{self.title}, {self.count} {'entry' if self.count == 1 else 'entries'}"


@dataclass
class Island:
    """A stream with its tiles."""

    id: str  # the stream's; with `!` for what lies in it alone
    name: str
    colour: str
    members: frozenset[str]
    counts: dict[str, int] = field(default_factory=dict)  # by kind
    total: int = 0
    tiles: list[TileHead] = field(default_factory=list)
    size: str = ""

    @property
    def total_text(self) -> str:
        """The number of events, grouped."""
        return number_text(self.total)

    @property
    def stream_id(self) -> str:
        """The stream itself."""
        return self.id.removesuffix("!")


def focus_of(streams: Sequence[str] | None, trees: Sequence[Tree]) -> Tree | None:
    """The one stream that is looked at with all below, if so."""
    if streams is None or len(streams) != 1 or streams[0].endswith("!"):
        return None
    return nodes_of(trees).get(streams[0])


def regions(streams: Sequence[str] | None, trees: Sequence[Tree], colours: Mapping[str, str]) -> list[Island]:
    """The islands that there may be: the roots; of one stream in focus, itself and those below it."""
    focus = focus_of(streams, trees)
    if focus is None or not focus["children"]:
        tops = [focus] if focus is not None else trees
        return [_island(node, colours) for node in tops]
    own = Island(f"{focus['id']}!", focus["name"], colours[focus["id"]], frozenset({focus["id"]}))
    return [own, *(_island(node, colours) for node in focus["children"])]


def _island(node: Tree, colours: Mapping[str, str]) -> Island:
    return Island(node["id"], node["name"], colours[node["id"]], frozenset(nodes_of([node])))


def islands(
    frame: Frame, regions: Sequence[Island], names: Mapping[str, str], selected: Sequence[str] | None
) -> list[Island]:
    """Those that hold something, heaviest first, with their tiles laid out."""
    homes: dict[tuple[str, ...], list[Island]] = {}
    titles: dict[tuple[str, str], set[str]] = {}
    event_types: dict[tuple[str, str], set[str]] = {}
    for region in regions:
        region.members = frozenset(sid for sid in region.members if frame.shows(sid))
    for brief in frame.briefs:
        if brief.place not in homes:
            homes[brief.place] = [one for one in regions if not one.members.isdisjoint(brief.place)]
        name = kind(brief)
        for island in homes[brief.place]:
            island.counts[name] = island.counts.get(name, 0) + brief.count
            island.total += brief.count
            titles.setdefault((island.id, name), set()).update(island.members.intersection(brief.place))
            event_types.setdefault((island.id, name), set()).add(brief.type)
    full = [island for island in regions if island.counts]
    for island in full:
        island.tiles = _tiles(island, titles, names)
        for tile in island.tiles:
            found = [event_types[island.id, name] for name in tile.kinds or (tile.kind,)]
            tile.entries = _entries(island, set().union(*found), selected)
    full.sort(key=lambda island: (-len(island.tiles), -island.total))
    for island, box in zip(full, layout.islands([len(one.tiles) for one in full]), strict=True):
        _place(island, box)
    return full


def _entries(island: Island, event_types: set[str], selected: Sequence[str] | None) -> str:
    """How `entries` is asked for those of a tile: streams and types."""
    inside = [sid for sid in selected or () if sid.removesuffix("!") in island.members]
    whole = selected is None or island.stream_id in selected or not inside
    streams = [island.id] if whole else inside
    return urlencode({"of": ",".join(streams), "types": ",".join(sorted(event_types))})


def _place(island: Island, box: layout.Box) -> None:
    few = len(island.tiles) <= 2
    island.size = f"w{box.width} h{box.height} {'m6 mh5' if few else 'm12 mh6'}"
    for tile, cells in zip(island.tiles, layout.tiles(len(island.tiles), box), strict=True):
        tile.cells = f"c{cells.width} r{cells.height}"
        tile.ratio = box.width * cells.width / ((box.height - layout.HEAD) * cells.height)


def _tiles(
    island: Island, titles: Mapping[tuple[str, str], set[str]], names: Mapping[str, str]
) -> list[TileHead]:
    counts = dict(island.counts)
    shared: tuple[str, ...] = ()
    if len(counts) > MAX_TILES:
        charts = sorted((name for name in counts if is_chart(name)), key=lambda n: -counts[n])
        shared = tuple(sorted(charts[-(len(counts) - MAX_TILES + 1) :]))
    heads = []
    for name, count in counts.items():
        if name not in shared:
            title = _title(name, titles[island.id, name], names)
            heads.append(TileHead(island.id, name, title, count))
    if shared:
        heads.append(
            TileHead(island.id, "values:", "More values", sum(counts[n] for n in shared), kinds=shared)
        )
    return sorted(heads, key=lambda tile: (_rank(tile.kind), -tile.count))


def _rank(name: str) -> int:
    """Charts stand between pictures and what is left over."""
    if name in ORDER:
        return ORDER.index(name) * 2
    return 9 if name.startswith("values:") else 3


def _title(name: str, streams: set[str], names: Mapping[str, str]) -> str:
    """A chart of one stream is called by it; what is of many by its kind."""
    if is_chart(name) and len(streams) == 1:
        return names.get(next(iter(streams)), "") or title_of(name)
    return title_of(name)


def breadcrumbs(focus: Tree | None, trees: Sequence[Tree]) -> list[dict[str, Any]]:
    """The way from the roots down to the stream in focus."""
    nodes = nodes_of(trees)
    found: list[dict[str, Any]] = []
    while focus is not None:
        found.insert(0, {"id": focus["id"], "name": focus["name"]})
        focus = nodes.get(focus.get("parentId") or "")
    return found
