"""Positions on a map drawn by the server: land, a path for each stream, clusters, a pin (ui §4.5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from events import types
from events.dashboard import world
from events.dashboard.frame import Frame, kind
from events.dashboard.periods import Period
from events.dashboard.selection import Tree
from events.piles import Spot, fewer
from events.series import store

HEIGHT, MARGIN = 320.0, 40.0  # drawing units, about pixels
RATIOS = (0.7, 2.4)  # width to height
BLEED = 500.0  # tiles of another shape show land around the view
SMALLEST = 360 / 2**12 / 360  # share of the world that a view shows at least: about that of zoom 10
CLUSTER = 60.0  # drawing units
MAX_CLUSTERS = 24
MAX_PATH = 260  # corners of all paths together
MAX_SPOTS = 1500  # of a stream; beyond, one stands for its neighbours in time
MAX_LIST = 100  # rows of the list
MAX_SERIES = 8  # series events read for one map
SERIES_POINTS = 120


@dataclass
class Track:
    """The way of one stream."""

    name: str
    colour: str
    path: str
    spots: list[Spot]


@dataclass
class Map:
    """A map as drawn."""

    land: str
    cities: list[tuple[str, float, float]]
    tracks: list[Track]
    clusters: list[tuple[float, float, float, int, str]]  # x, y, radius, positions, colour
    pin: tuple[float, float] | None
    pin_time: float | None
    data: str  # "share of the period in thousandths,x,y;…" for the pin
    summary: str
    count: int
    width: int
    height: int


def spots_of(frame: Frame, members: frozenset[str]) -> dict[str, list[Spot]]:
    """Positions by stream, in order of time; dense ones stand for several."""
    found: dict[str, list[Spot]] = {}
    edges = [frame.period.start, frame.period.end]
    piles = frame.piles(edges, frame.types_of(["places"]))[0]
    for pile in (*frame.lasting, *piles, *frame.running):
        if kind(pile) == "places" and not members.isdisjoint(pile.place):
            stream_id = next(sid for sid in pile.place if sid in members)
            found.setdefault(stream_id, []).extend(pile.spots)
    return {sid: fewer(sorted(spots), MAX_SPOTS) for sid, spots in found.items() if spots}


def add_series(
    frame: Frame, members: frozenset[str], events: Sequence[Mapping[str, Any]], spots: dict[str, list[Spot]]
) -> None:
    """Routes recorded as series; the actor was shown these events."""
    for event in events[:MAX_SERIES]:
        stream_id = next((sid for sid in event["streamIds"] if sid in members), None)
        if stream_id is None or not str(event["type"]).startswith(types.SERIES):
            continue
        rows = store.read(
            frame.actor.account_id, event["id"], ["deltaTime", "latitude", "longitude"],
            max_points=SERIES_POINTS,
        )  # fmt: skip
        way = [(event["time"] + delta, lat, lon, 1) for delta, lat, lon in rows
               if isinstance(lat, int | float) and isinstance(lon, int | float)]  # fmt: skip
        spots[stream_id] = sorted([*spots.get(stream_id, []), *way])


def draw(
    period: Period,
    spots: Mapping[str, list[Spot]],
    nodes: Mapping[str, Tree],
    colours: Mapping[str, str],
    at: float | None,
    ratio: float,
    here: tuple[float, float] | None = None,
) -> Map | None:
    """The map of these positions, so many times as wide as high; None without any. Of several positions
    at the highlighted moment the one that is `here` has the pin."""
    every = [spot for way in spots.values() for spot in way]
    if not every:
        return None
    view = _view(every, round(HEIGHT * min(max(ratio, RATIOS[0]), RATIOS[1])))
    placed = {
        sid: [view.place(*world.project(lat, lon)) for _, lat, lon, _ in way] for sid, way in spots.items()
    }
    tracks = [
        Track(
            str(nodes.get(sid, {}).get("name", sid)),
            colours.get(sid, ""),
            _path(points, len(spots)),
            spots[sid],
        )
        for sid, points in placed.items()
    ]
    clusters = _clusters(spots, placed, colours)
    pin, pin_time = _pin(spots, placed, at, here)
    total = sum(weight for *_, weight in every)
    names = ", ".join(track.name for track in tracks)
    data, summary = _data(period, spots, placed), f"Map of {total} positions: {names}"
    size = round(view.width), round(view.height)
    land, cities = world.land(view), world.cities(view)
    return Map(land, cities, tracks, clusters, pin, pin_time, data, summary, total, *size)


def _view(spots: Sequence[Spot], width: int) -> world.View:
    """All positions with a margin, but not closer than zoom 10."""
    points = [world.project(lat, lon) for _, lat, lon, _ in spots]
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    top, bottom = min(p[1] for p in points), max(p[1] for p in points)
    span = max((right - left) * width / (width - 2 * MARGIN), SMALLEST)
    span = max(span, (bottom - top) * width / (HEIGHT - 2 * MARGIN))
    scale = width / span
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    return world.View(middle_x - span / 2, middle_y - HEIGHT / scale / 2, scale, width, HEIGHT, BLEED)


def _path(points: Sequence[world.Point], tracks: int) -> str:
    """A line through the positions of one stream, corners that hardly differ left out."""
    least = 3.0
    thin = world.thinned(list(points), least)
    while len(thin) > MAX_PATH / tracks:
        least *= 1.5
        thin = world.thinned(list(points), least)
    if len(thin) < 2:
        return ""
    return "M" + " ".join(f"{x:.0f} {y:.0f}" for x, y in thin)


def _clusters(
    spots: Mapping[str, list[Spot]], placed: Mapping[str, list[world.Point]], colours: Mapping[str, str]
) -> list[tuple[float, float, float, int, str]]:
    """Positions close together, as one disc at their middle with their number."""
    cells: dict[tuple[int, int, str], list[tuple[float, float, int]]] = {}
    for sid, points in placed.items():
        for (x, y), spot in zip(points, spots[sid], strict=True):
            cells.setdefault((int(x // CLUSTER), int(y // CLUSTER), sid), []).append((x, y, spot[3]))
    found = []
    for (_, _, sid), inside in cells.items():
        weight = sum(w for *_, w in inside)
        x = sum(px * w for px, _, w in inside) / weight
        y = sum(py * w for _, py, w in inside) / weight
        radius = 4.0 if weight == 1 else min(9.0 + 2.2 * len(str(weight)), 17.0)
        found.append((round(x, 1), round(y, 1), radius, weight, colours.get(sid, "")))
    return sorted(found, key=lambda c: -c[3])[:MAX_CLUSTERS][::-1]


def _pin(
    spots: Mapping[str, list[Spot]],
    placed: Mapping[str, list[world.Point]],
    at: float | None,
    here: tuple[float, float] | None,
) -> tuple[tuple[float, float] | None, float | None]:
    """Where one was at the highlighted moment, or last."""
    pairs = [pair for sid in placed for pair in zip(spots[sid], placed[sid], strict=True)]
    spot, (x, y) = (
        max(pairs, key=lambda p: p[0][0])
        if at is None
        else min(pairs, key=lambda p: (abs(p[0][0] - at), p[0][1:3] != here))
    )
    return (round(x, 1), round(y, 1)), spot[0]


def _data(period: Period, spots: Mapping[str, list[Spot]], placed: Mapping[str, list[world.Point]]) -> str:
    pairs = sorted(
        (spot[0], x, y) for sid in placed for spot, (x, y) in zip(spots[sid], placed[sid], strict=True)
    )
    step = max(1, len(pairs) // 120)
    return ";".join(f"{period.share(t) * 10:.0f},{x:.0f},{y:.0f}" for t, x, y in pairs[::step])
