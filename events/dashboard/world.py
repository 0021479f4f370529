"""The land of the world for maps: the bundled outline, projected, cut to a view and thinned to what shows.

`static/map/world.json` is made by `scripts/world.py` from Natural Earth, which is in the public domain.
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

FILE = Path("static/map/world.json")
Point = tuple[float, float]
HIGHEST = 84.0  # degrees of latitude that the projection takes
LONGEST = 6000  # characters of the land's path
WIDE = 0.05  # share of the world; wider views are drawn from the coarse outline
COARSE = 0.0015  # share of the world between two corners of it
CLOSEST = 2.2  # drawing units between two corners
MAX_CITIES = 7


@dataclass(frozen=True)
class Ring:
    """The outline of a piece of land, as shares of the world's width, and what surrounds it."""

    points: list[Point]
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class World:
    """All land, fine and coarse, and the larger cities."""

    fine: list[Ring]
    coarse: list[Ring]
    cities: list[tuple[str, float, float]]


def project(latitude: float, longitude: float) -> Point:
    """Web Mercator, as shares of the world's width: x to the east and y to the south, both 0 to 1."""
    lat = math.radians(min(max(latitude, -HIGHEST), HIGHEST))
    return longitude / 360 + 0.5, 0.5 - math.log(math.tan(math.pi / 4 + lat / 2)) / (2 * math.pi)


@cache
def world() -> World:
    """The outline, read once."""
    data = json.loads((settings.BASE_DIR / FILE).read_text())
    unit, fine, coarse = data["unit"], [], []
    for flat in data["rings"]:
        x = y = 0
        points = []
        for dx, dy in zip(flat[::2], flat[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append(project(y / unit, x / unit))
        fine.append(_ring(points))
        thin = thinned(points, COARSE)
        if len(thin) > 3:
            coarse.append(_ring(thin))
    cities = [(name, *project(y / unit, x / unit)) for name, x, y in data["cities"]]
    return World(fine, coarse, cities)


def _ring(points: list[Point]) -> Ring:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Ring(points, min(xs), min(ys), max(xs), max(ys))


def thinned(points: list[Point], least: float) -> list[Point]:
    """Leave out corners closer than that to the one before."""
    kept: list[Point] = []
    for x, y in points:
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= least:
            kept.append((x, y))
    return kept


@dataclass(frozen=True)
class View:
    """A window of the world, drawn so many units wide and high."""

    left: float
    top: float
    scale: float  # drawing units of the world's width
    width: float
    height: float
    bleed: float = 8.0  # drawing units of land around it

    def place(self, x: float, y: float) -> Point:
        """Shares of the world to drawing units."""
        return (x - self.left) * self.scale, (y - self.top) * self.scale


def land(view: View) -> str:
    """The path of the land in a view."""
    span, around = view.width / view.scale, view.bleed / view.scale
    left, right = view.left - around, view.left + span + around
    top, bottom = view.top - around, view.top + view.height / view.scale + around
    rings = world().coarse if span > WIDE else world().fine
    shapes = []
    for ring in rings:
        if ring.right < left or ring.left > right or ring.bottom < top or ring.top > bottom:
            continue
        drawn = thinned([view.place(x, y) for x, y in ring.points], CLOSEST)
        shapes.append(cut(drawn, -view.bleed, -view.bleed, view.width + view.bleed, view.height + view.bleed))
    return _short([shape for shape in shapes if len(shape) > 2])


def _short(shapes: list[list[Point]]) -> str:
    """The path of shapes, with fewer corners until it is short enough; specks go first."""
    least = CLOSEST
    while True:
        path = "".join(_path(shape) for shape in shapes)
        if len(path) <= LONGEST:
            return path
        least *= 1.4
        thin = [thinned(shape, least) for shape in shapes]
        shapes = [shape for shape in thin if len(shape) > 3]


def _path(points: list[Point]) -> str:
    x, y = round(points[0][0]), round(points[0][1])
    text = f"M{x} {y}l"
    for px, py in points[1:]:
        dx, dy = round(px) - x, round(py) - y
        if dx or dy:
            text += f"{dx} {dy} "
            x, y = x + dx, y + dy
    return text.rstrip() + "z"


def cut(points: list[Point], left: float, top: float, right: float, bottom: float) -> list[Point]:
    """A polygon cut to a rectangle (Sutherland–Hodgman)."""
    for axis, bound, sign in ((0, left, 1), (0, right, -1), (1, top, 1), (1, bottom, -1)):
        kept: list[Point] = []
        for a, b in zip(points[-1:] + points[:-1], points, strict=True):
            a_in, b_in = sign * (a[axis] - bound) >= 0, sign * (b[axis] - bound) >= 0
            if a_in != b_in:
                share = (bound - a[axis]) / (b[axis] - a[axis])
                kept.append((a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share))
            if b_in:
                kept.append(b)
        points = kept
        if not points:
            break
    return points


def cities(view: View) -> list[tuple[str, float, float]]:
    """The names of cities in a view, none over another."""
    found: list[tuple[str, float, float]] = []
    for name, x, y in world().cities:
        px, py = view.place(x, y)
        inside = 30 < px < view.width - 60 and 30 < py < view.height - 30
        if inside and all(abs(px - ox) > 90 or abs(py - oy) > 24 for _, ox, oy in found):
            found.append((name, round(px), round(py)))
        if len(found) == MAX_CITIES:
            break
    return found
