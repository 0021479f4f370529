"""Positions: the way to work, walks and journeys."""

import math
import random
from collections.abc import Iterator

from events.demo.body import WATCH, training_days
from events.demo.entry import Entry, Span

HOME, OFFICE = (46.5196, 6.6323), (46.5221, 6.5668)
JOURNEYS = [
    ("Lisbon", 38.7223, -9.1393), ("Naples", 40.8518, 14.2681), ("Bergen", 60.3913, 5.3221),
    ("Marrakesh", 31.6295, -7.9811), ("Kyoto", 35.0116, 135.7681), ("Edinburgh", 55.9533, -3.1883),
    ("Athens", 37.9838, 23.7275), ("Quebec", 46.8139, -71.2080),
]  # fmt: skip


def positions(span: Span) -> Iterator[Entry]:
    """Commutes by the hour, runs as dense routes, days abroad."""
    yield from _commutes(span)
    yield from _runs(span)
    yield from _journeys(span)


def _position(stream: str, time: float, lat: float, lon: float, height: float) -> Entry:
    content = {"latitude": round(lat, 6), "longitude": round(lon, 6), "altitude": round(height)}
    return Entry(stream, "position/wgs84", time, content, author=WATCH)


def _commutes(span: Span) -> Iterator[Entry]:
    rng = span.rng("commute")
    for number, day in span.each():
        if day.weekday() < 5 and number % 90 >= 8:
            for hour, (start, end) in ((8.1, (HOME, OFFICE)), (17.6, (OFFICE, HOME))):
                for i in range(3):
                    share = i / 2
                    lat = start[0] + (end[0] - start[0]) * share + rng.gauss(0, 0.0007)
                    lon = start[1] + (end[1] - start[1]) * share + rng.gauss(0, 0.0007)
                    yield _position(
                        "daily-ways", span.at(day, hour + share * 0.4), lat, lon, 450 + 40 * share
                    )


def _route(
    rng: random.Random, centre: tuple[float, float], steps: int, size: float
) -> Iterator[tuple[float, float]]:
    """A loop around a place, dented by chance."""
    dents = [(rng.uniform(0.1, 0.4), rng.uniform(0, 6.3)) for _ in range(4)]
    for i in range(steps):
        turn = 2 * math.pi * i / steps
        reach = size * (
            1 + sum(depth * math.sin((k + 2) * turn + phase) for k, (depth, phase) in enumerate(dents))
        )
        yield (centre[0] + reach * (math.cos(turn) - 1),
               centre[1] + reach * math.sin(turn) / math.cos(math.radians(centre[0])))  # fmt: skip


def _runs(span: Span) -> Iterator[Entry]:
    rng = span.rng("routes")
    for number, day, sport, hour, minutes in training_days(span):
        if sport in ("running", "cycling") and number > span.days - 220:
            start, steps = span.at(day, hour), int(minutes)
            size = 0.012 if sport == "running" else 0.05
            for i, (lat, lon) in enumerate(_route(rng, HOME, steps, size)):
                yield _position("routes", start + i * 60, lat, lon, 430 + 60 * math.sin(i / 9))


def _journeys(span: Span) -> Iterator[Entry]:
    rng = span.rng("journeys")
    for number, day in span.each():
        if number % 90 < 8:
            name, lat, lon = JOURNEYS[number // 90 % len(JOURNEYS)]
            centre = (lat + rng.gauss(0, 0.01), lon + rng.gauss(0, 0.01))
            for i, (a, b) in enumerate(_route(rng, centre, 14, 0.02)):
                yield _position("journeys", span.at(day, 9 + i * 0.8), a, b, 20 + rng.random() * 80)
            if number % 90 == 1:
                yield Entry("journeys", "note/txt", span.at(day, 21), f"First full day in **{name}**.")
