"""Positions as an SVG path in a box that keeps distances in proportion (design §6)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 600.0, 400.0, 40.0
SMALLEST = 0.002  # degrees; a lone point gets some land around it


@dataclass(frozen=True)
class Map:
    """Points in drawing units, oldest first, and grid lines."""

    points: list[tuple[float, float]]
    path: str
    verticals: list[float]
    horizontals: list[float]


def draw(positions: Sequence[tuple[float, float]]) -> Map:
    """Project (latitude, longitude) pairs, in order of time, to fill the box."""
    lats, lons = [p[0] for p in positions], [p[1] for p in positions]
    middle_lat, middle_lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    shrink = max(0.05, math.cos(math.radians(middle_lat)))
    width = max((max(lons) - min(lons)) * shrink, SMALLEST)
    height = max(max(lats) - min(lats), SMALLEST)
    scale = min((WIDTH - 2 * MARGIN) / width, (HEIGHT - 2 * MARGIN) / height)

    def place(lat: float, lon: float) -> tuple[float, float]:
        x = WIDTH / 2 + (lon - middle_lon) * shrink * scale
        return round(x, 1), round(HEIGHT / 2 - (lat - middle_lat) * scale, 1)

    points = [place(*position) for position in positions]
    path = " ".join(f"{'L' if i else 'M'}{x} {y}" for i, (x, y) in enumerate(points))
    step = WIDTH / 8
    verticals = [step * i for i in range(1, 8)]
    horizontals = [step * i for i in range(1, int(HEIGHT / step) + 1)]
    return Map(points, path if len(points) > 1 else "", verticals, horizontals)
