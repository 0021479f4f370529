"""Where an entry was, on a map with the other positions of its tile (ui §4.8)."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from events.dashboard import places
from events.dashboard.colours import colours_of
from events.dashboard.periods import Period
from events.dashboard.places import Map
from events.dashboard.selection import Tree, nodes_of
from events.keeping.show import place_of
from events.keeping.tile import Tile
from events.piles import Spot
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor

Wire = dict[str, Any]
TYPE = "position/wgs84"
AROUND = 300  # positions before the entry, and as many after
RATIO = 1.5  # width to height


def map_of(actor: Actor, event: Wire, tile: Tile, trees: Sequence[Tree], zone: ZoneInfo) -> Map | None:
    """The map of a position with those before and after it; None for what is no position."""
    here = place_of(event)
    if here is None:
        return None
    spots = spots_around(actor, event, tile)
    times = [spot[0] for way in spots.values() for spot in way]
    period = tile.period or Period("custom", min(times), max(times) + 1, zone)
    return places.draw(period, spots, nodes_of(trees), colours_of(trees), event["time"], RATIO, here)


def spots_around(actor: Actor, event: Wire, tile: Tile) -> dict[str, list[Spot]]:
    """Positions of the tile by stream in order of time, the entry's own among them."""
    near = Tile(tile.streams, (TYPE,), tile.period, tile.state)
    found = {event["id"]: event}
    for bounds in ({"toTime": event["time"]}, {"fromTime": event["time"], "sortAscending": True}):
        for one in execute("events.get", actor, near.raw(limit=AROUND, **bounds))["events"]:
            found[one["id"]] = one
    spots: dict[str, list[Spot]] = {}
    for one in found.values():
        place = place_of(one)
        if place is not None:
            spots.setdefault(_stream(one, tile), []).append((one["time"], *place, 1))
    return {stream_id: sorted(way) for stream_id, way in spots.items()}


def _stream(event: Mapping[str, Any], tile: Tile) -> str:
    """The stream of an event by which it belongs to the tile, else its first."""
    ids: list[str] = event["streamIds"]
    return next((sid for sid in ids if sid in tile.streams), ids[0])


def tracks_around(actor: Actor, event: Wire, tile: Tile, trees: Sequence[Tree]) -> list[Wire]:
    """The same for a map that can be explored: name, style class and positions of each stream."""
    nodes, colours = nodes_of(trees), colours_of(trees)
    return [
        {"name": str(nodes.get(sid, {}).get("name", sid)), "css": colours.get(sid, ""), "spots": way}
        for sid, way in spots_around(actor, event, tile).items()
    ]
