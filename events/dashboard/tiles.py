"""Events of a period as islands (one per root stream) of tiles (one per kind) (ui §4.4, §4.5)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from events import types
from events.dashboard.charts import Chart, chart, number_text
from events.dashboard.maps import Map, draw
from events.dashboard.periods import Period

Wire = Mapping[str, Any]
PALETTE = ("s4", "s1", "s6", "s8", "s5", "s2", "s7", "s10", "s9", "s3")
# Cells of the six-by-six grid that each tile of an island takes, by the number of tiles.
CELLS = {
    1: ["c6 r6"],
    2: ["c3 r6"] * 2,
    3: ["c6 r3", "c3 r3", "c3 r3"],
    4: ["c3 r3"] * 4,
    5: ["c3 r3"] * 2 + ["c2 r3"] * 3,
    6: ["c2 r3"] * 6,
}
SIZES = {1: "w4 h5 m6 mh5", 2: "w6 h5 m12 mh5", 3: "w6 h7 m12 mh6", 4: "w6 h7 m12 mh6"}
MAX_TILES = 9
MAX_SERIES = 5  # series events drawn in one tile; each costs a query
Points = Callable[[Wire, Sequence[str]], list[list[Any]]]


@dataclass
class Tile:
    """One tile, ready for its template."""

    kind: str
    title: str
    count: int
    key: str
    cells: str = ""
    value: str = ""
    unit: str = ""
    items: list[dict[str, Any]] = field(default_factory=list)
    chart: Chart | None = None
    map: Map | None = None
    first_id: str = ""


@dataclass
class Island:
    """A root stream with its tiles."""

    stream_id: str
    name: str
    colour: str
    count: int
    tiles: list[Tile]
    size: str = ""


@dataclass(frozen=True)
class Root:
    """A stream at the top of what is shown."""

    id: str
    name: str
    colour: str
    members: frozenset[str]


def roots_of(trees: Sequence[Wire]) -> list[Root]:
    """The root streams with all ids below, each with its colour."""
    found = []
    for index, tree in enumerate(trees):
        members: set[str] = set()
        waiting = [tree]
        while waiting:
            node = waiting.pop()
            members.add(node["id"])
            waiting.extend(node["children"])
        found.append(Root(tree["id"], tree["name"], PALETTE[index % len(PALETTE)], frozenset(members)))
    return found


def names_of(trees: Sequence[Wire]) -> dict[str, str]:
    """Stream names by id."""
    names: dict[str, str] = {}
    waiting = list(trees)
    while waiting:
        node = waiting.pop()
        names[node["id"]] = node["name"]
        waiting.extend(node["children"])
    return names


def kind_of(event: Wire) -> str:
    """The kind of tile that shows an event."""
    event_type = str(event["type"])
    if event_type.startswith(types.SERIES):
        return "track" if event_type == "series:position/wgs84" else "series"
    if event_type in ("note/txt", "note/text"):
        return "notes"
    if event_type in ("activity/plain", "activity/pryv"):
        return "activities"
    if event_type == "position/wgs84" and _is_position(event.get("content")):
        return "positions"
    if event_type == "picture/attached" and event.get("attachments"):
        return "pictures"
    content = event.get("content")
    if isinstance(content, int | float) and not isinstance(content, bool):
        return "numbers"
    if isinstance(content, dict) and _numeric_fields(event_type, content):
        return "objects"
    return "other"


def _is_position(content: Any) -> bool:
    return isinstance(content, dict) and all(
        isinstance(content.get(name), int | float) for name in ("latitude", "longitude")
    )


def _numeric_fields(event_type: str, content: Mapping[str, Any]) -> list[str]:
    return [n for n in types.number_fields(event_type) if isinstance(content.get(n), int | float)]


def islands(
    events: Iterable[Wire], trees: Sequence[Wire], period: Period, username: str, points: Points
) -> list[Island]:
    """All islands of a period, the fullest first; `points` reads the points of a series event."""
    roots, names = roots_of(trees), names_of(trees)
    grouped: dict[str, dict[str, list[Wire]]] = {}
    for event in events:
        root = next((r for sid in event["streamIds"] for r in roots if sid in r.members), None)
        if root is not None:
            kind = kind_of(event)
            key = f"{kind}:{event['type']}" if kind in ("numbers", "objects", "series", "other") else kind
            grouped.setdefault(root.id, {}).setdefault(key, []).append(event)
    found = [
        _island(root, grouped[root.id], names, period, username, points)
        for root in roots
        if root.id in grouped
    ]
    return sorted(found, key=lambda island: -len(island.tiles))


def _island(
    root: Root,
    kinds: Mapping[str, list[Wire]],
    names: Mapping[str, str],
    period: Period,
    username: str,
    points: Points,
) -> Island:
    ordered = sorted(kinds.items(), key=lambda item: -len(item[1]))[:MAX_TILES]
    tiles = [_tile(key, events, names, period, username, points) for key, events in ordered]
    cells = CELLS.get(len(tiles), ["c2 r2"] * MAX_TILES)
    for tile, cell in zip(tiles, cells, strict=False):
        tile.cells = cell
    count = sum(len(events) for events in kinds.values())
    return Island(root.id, root.name, root.colour, count, tiles, SIZES.get(len(tiles), "w12 h7 m12 mh6"))


def _tile(
    key: str,
    events: list[Wire],
    names: Mapping[str, str],
    period: Period,
    username: str,
    points: Points,
) -> Tile:
    kind = key.partition(":")[0]
    newest = sorted(events, key=lambda e: -e["time"])
    event_type = str(newest[0]["type"]).removeprefix(types.SERIES)
    tile = Tile(kind, _title(kind, event_type, newest, names), len(events), key, first_id=newest[0]["id"])
    tile.items = [present(event, period, username, names) for event in newest[:8]]
    if kind == "numbers":
        tile.value, tile.unit = number_text(newest[0]["content"]), types.unit_of(event_type)
        samples = [(e["time"], float(e["content"])) for e in events]
        if len(samples) > 1:
            tile.chart = chart([(tile.title, samples)], period, tile.unit)
    elif kind == "objects":
        _fill_object(tile, event_type, newest, period)
    elif kind == "positions":
        content = [e["content"] for e in sorted(events, key=lambda e: e["time"])]
        tile.map = draw([(c["latitude"], c["longitude"]) for c in content])
    elif kind in ("track", "series"):
        _fill_series(tile, event_type, newest[:MAX_SERIES], period, points)
    return tile


def _fill_series(tile: Tile, event_type: str, newest: Sequence[Wire], period: Period, points: Points) -> None:
    """A route as a map, numbers as a chart of what lies in the period."""
    if tile.kind == "track":
        rows = [row for event in reversed(newest) for row in points(event, ("latitude", "longitude"))]
        places = [(row[1], row[2]) for row in rows if row[1] is not None and row[2] is not None]
        tile.map = draw(places) if places else None
        return
    fields = types.number_fields(event_type)[:3] or (["value"] if types.is_number(event_type) else [])
    lines: list[tuple[str, list[tuple[float, float]]]] = [(name, []) for name in fields]
    for event in newest:
        for delta, *values in points(event, fields):
            for (_, samples), value in zip(lines, values, strict=True):
                if isinstance(value, int | float) and period.start <= event["time"] + delta < period.end:
                    samples.append((event["time"] + delta, float(value)))
    lines = [(name, samples) for name, samples in lines if samples]
    if lines:
        tile.value = " / ".join(number_text(max(samples)[1]) for _, samples in lines)
        tile.unit = types.unit_of(event_type) if fields == ["value"] else ""
        tile.chart = chart(lines, period, tile.unit)


def _title(kind: str, event_type: str, events: list[Wire], names: Mapping[str, str]) -> str:
    fixed = {"notes": "Notes", "pictures": "Pictures", "positions": "Places", "activities": "Activities",
             "track": "Route"}  # fmt: skip
    if kind in fixed:
        return fixed[kind]
    streams = {sid for event in events for sid in event["streamIds"]}
    if kind in ("numbers", "objects", "series") and len(streams) == 1:
        class_name = types.class_name(event_type.partition("/")[0])
        return f"{names.get(next(iter(streams)), '')} – {class_name}".strip(" –")
    return types.class_name(event_type.partition("/")[0])


def _fill_object(tile: Tile, event_type: str, newest: list[Wire], period: Period) -> None:
    fields = _numeric_fields(event_type, newest[0]["content"])
    tile.value = " / ".join(number_text(newest[0]["content"][name]) for name in fields[:3])
    if len(newest) > 1:
        series = []
        for name in fields[:3]:
            samples = [(e["time"], float(e["content"][name])) for e in newest
                       if isinstance(e["content"].get(name), int | float)]  # fmt: skip
            series.append((name, samples))
        tile.chart = chart(series, period, "")


def present(event: Wire, period: Period, username: str, names: Mapping[str, str]) -> dict[str, Any]:
    """One event in a list."""
    moment = datetime.fromtimestamp(event["time"], period.zone)
    content = event.get("content")
    item = {
        "id": event["id"],
        "time": f"{moment:%a} {moment.day} {moment:%b}, {moment:%H:%M}",
        "iso": moment.isoformat(),
        "url": f"/u/{username}/event/{event['id']}",
        "text": plain_text(event),
        "description": event.get("description") or "",
        "streams": ", ".join(names.get(sid, sid) for sid in event["streamIds"]),
    }
    files = event.get("attachments") or []
    if files and str(files[0]["type"]).startswith("image/"):
        item["picture"] = f"/u/{username}/file/{event['id']}/{files[0]['id']}"
        small = event["type"] == "picture/attached"
        item["thumbnail"] = f"/u/{username}/picture/{event['id']}" if small else item["picture"]
    if _is_position(content) and isinstance(content, dict):
        item["text"] = f"{content['latitude']:.5f}, {content['longitude']:.5f}"
    return item


def plain_text(event: Wire) -> str:
    """What an event says in one line of text."""
    content = event.get("content")
    event_type = str(event["type"])
    if event_type.startswith(types.SERIES):
        return types.class_name(event_type.removeprefix(types.SERIES).partition("/")[0])
    if isinstance(content, str):
        return content
    if isinstance(content, bool):
        return "Yes" if content else "No"
    if isinstance(content, int | float):
        return f"{number_text(content)} {types.unit_of(event_type)}"
    if isinstance(content, dict):
        return ", ".join(f"{name} {_short(value)}" for name, value in list(content.items())[:6])
    files = event.get("attachments") or []
    if files:
        return ", ".join(str(file["fileName"]) for file in files)
    return str(event.get("description") or types.name_of(event_type))


def _short(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    return str(value)[:80]
