"""What a tile shows, by its kind (ui §4.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from events import types
from events.dashboard import activities, numbers, places, texts, tiles
from events.dashboard.frame import Frame
from events.dashboard.items import nearest
from events.dashboard.kinds import is_chart
from events.dashboard.mosaic import Island, TileHead
from events.dashboard.selection import Tree
from events.dashboard.words import when
from events.piles import Spot
from pryvsite.kernel.clock import now

Wire = dict[str, Any]
SHOWN = {"notes": 6, "pictures": 5, "links": 6, "files": 6, "messages": 5, "other": 6}
MAX_VALUES = 8  # of an object in a card


@dataclass
class Content:
    """A tile's content; which of the fields are filled depends on its kind."""

    head: TileHead
    template: str
    items: list[dict[str, Any]] = field(default_factory=list)
    figure: numbers.Figure | None = None
    donut: activities.Donut | None = None
    map: places.Map | None = None
    pin_text: str = ""
    single_url: str = ""
    settable: bool = False  # whether how it is drawn can be chosen


@dataclass(frozen=True)
class Scene:
    """What all tiles of a page have in common."""

    frame: Frame
    nodes: Mapping[str, Tree]
    colours: Mapping[str, str]
    username: str
    at: float | None

    @property
    def moment(self) -> float:
        """The highlighted moment, else now or the nearer end of the period."""
        return self.frame.period.clamp(now() if self.at is None else self.at)


def fill(scene: Scene, island: Island, head: TileHead) -> Content:
    """Read what a tile shows."""
    kinds = head.kinds or (head.kind,)
    if head.kind == "activities":
        donut = activities.donut(scene.frame, island.members, scene.nodes, scene.colours)
        return Content(head, "activities", donut=donut)
    if head.kind == "places":
        return _places(scene, island, head)
    if head.kind.startswith("series:"):
        return _series(scene, island, head)
    if is_chart(head.kind) or head.kinds:
        figure = numbers.figure(scene.frame, island.members, kinds, scene.nodes, scene.at)
        if figure.series:
            content = Content(head, "numbers", figure=figure, settable=True)
            if figure.chart is None:
                events = nearest(scene.frame, island.members, kinds, scene.moment, 1)
                content.single_url = card(events[0], scene, head)["url"] if events else ""
            return content
    events = nearest(scene.frame, island.members, kinds, scene.moment, SHOWN.get(head.kind, 6))
    template = head.kind if head.kind in ("notes", "pictures") else "cards"
    return Content(head, template, [card(event, scene, head) for event in events])


def spots(scene: Scene, island: Island, head: TileHead) -> dict[str, list[Spot]]:
    """All positions of a tile by stream, routes recorded as series included."""
    found = places.spots_of(scene.frame, island.members)
    events = nearest(scene.frame, island.members, (head.kind,), scene.moment, places.MAX_SERIES)
    places.add_series(scene.frame, island.members, events, found)
    return found


def _places(scene: Scene, island: Island, head: TileHead) -> Content:
    events = nearest(scene.frame, island.members, ("places",), scene.moment, places.MAX_SERIES)
    found = spots(scene, island, head)
    drawn = places.draw(scene.frame.period, found, scene.nodes, scene.colours, scene.at, head.ratio)
    cards = [card(event, scene, head) for event in events]
    content = Content(head, "places" if drawn else "cards", cards, map=drawn)
    if drawn and drawn.pin_time is not None:
        content.pin_text = when(drawn.pin_time, now(), scene.frame.period.zone)
    return content


def _series(scene: Scene, island: Island, head: TileHead) -> Content:
    from events.dashboard import series

    events = nearest(scene.frame, island.members, (head.kind,), scene.moment, series.MAX_EVENTS)
    figure = series.figure(scene.frame, events, island.members, scene.nodes, scene.at)
    cards = [card(event, scene, head) for event in events]
    return Content(head, "numbers" if figure.chart else "cards", cards, figure=figure)


def card(event: Wire, scene: Scene, head: TileHead) -> dict[str, Any]:
    """One event as a card: whatever it holds, in the form that suits it."""
    zone = scene.frame.period.zone
    names = {sid: str(node["name"]) for sid, node in scene.nodes.items()}
    item = tiles.present(event, scene.frame.period, scene.username, names)
    item["url"] += f"?{head.entries}&{scene.frame.period.query}"
    item["when"] = when(event["time"], now(), zone)
    item["moment"] = event["time"]
    item["colour"] = scene.colours.get(event["streamIds"][0], "")
    event_type, content = str(event["type"]), event.get("content")
    item["type"] = event_type
    class_id = event_type.partition("/")[0]
    if class_id == "note":
        item["html"] = texts.note_html(event, texts.EXCERPT)
    elif isinstance(content, str) and content.startswith(("http://", "https://")):
        item["link"] = content
        item["host"] = urlsplit(content).hostname or ""
    elif isinstance(content, Mapping) and class_id != "message":
        item["fields"] = _values(content)
    elif class_id == "message" and isinstance(content, Mapping):
        item["author"] = content.get("screen-name") or content.get("from") or ""
        item["text"] = str(content.get("text") or content.get("message") or content.get("content")
                           or content.get("subject") or "")[:600]  # fmt: skip
    item["files"] = [
        {"name": file["fileName"], "type": str(file["type"]), "size": file["size"],
         "url": f"/u/{scene.username}/file/{event['id']}/{file['id']}"}
        for file in event.get("attachments") or ()
    ]  # fmt: skip
    if item["files"]:
        main = item["files"][0]["type"].partition("/")[0]
        item["player"] = main if main in ("audio", "video") else ""
    item["brief"] = not item["files"] and isinstance(content, str | int | float) and len(item["text"]) < 24
    plain = event_type.removeprefix(types.SERIES)
    name = types.name_of(plain)
    item["type_name"] = name if name != plain else types.class_name(class_id.removeprefix(types.SERIES))
    return item


def _values(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields of an object, nested ones with their path."""
    found: list[tuple[str, str]] = []
    waiting: list[tuple[str, Any]] = list(content.items())
    while waiting and len(found) < MAX_VALUES:
        name, value = waiting.pop(0)
        if isinstance(value, Mapping):
            waiting = [(f"{name} {inner}", deeper) for inner, deeper in value.items()] + waiting
        else:
            label = name.replace("_", " ").replace("-", " ")
            found.append((label[:60], tiles.short(value)))
    return found


def contents(scene: Scene, islands: Sequence[Island]) -> None:
    """Fill all tiles of a page at once, for browsers without script."""
    for island in islands:
        for tile in island.tiles:
            tile.content = fill(scene, island, tile)
