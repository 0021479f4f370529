"""Measurements of a body: weight, pressure, heart, steps, sleep, medicine; and training with its series."""

import math
from collections.abc import Iterator
from datetime import date

from events.demo.entry import DAY, HOUR, Entry, Span

WATCH, SCALE = "watch", "scale"
SERIES_LAYOUT = {"elementType": "frequency/bpm", "fields": ["deltaTime", "value"],
                 "required": ["deltaTime", "value"]}  # fmt: skip
TRAINING_STEP = 5.0  # seconds between two heart rates
WHOLE_DAY_STEP = 2.0


def measurements(span: Span) -> Iterator[Entry]:
    """Everything that is measured on most days."""
    yield from _weight(span)
    yield from _pressure(span)
    yield from _heart(span)
    yield from _steps(span)
    yield from _sleep(span)
    yield from _medicine(span)
    yield from _training(span)
    yield from _whole_day(span)


def _ill(number: int) -> bool:
    """A few days of fever now and then."""
    return number % 211 < 5


def _weight(span: Span) -> Iterator[Entry]:
    rng, mass = span.rng("weight"), 74.5
    for number, day in span.each():
        mass += rng.gauss(-0.004, 0.18) - 0.03 * (mass - (71.5 + 2 * math.sin(number / 58)))
        if rng.random() < 0.92:
            moment = span.at(day, 6.9 + rng.random() * 0.5)
            yield Entry("weight", "mass/kg", moment, round(mass, 1), author=SCALE)
            if rng.random() < 0.3:
                yield Entry("weight", "ratio/percent", moment, round(16 + mass / 15 + rng.random(), 1),
                            author=SCALE)  # fmt: skip


def _pressure(span: Span) -> Iterator[Entry]:
    rng = span.rng("pressure")
    for number, day in span.each():
        for hour in (7.2, 21.5):
            if rng.random() < 0.72:
                systolic = round(rng.gauss(123 + 5 * math.sin(number / 90), 6))
                content = {"systolic": systolic, "diastolic": round(systolic * 0.64 + rng.gauss(0, 3)),
                           "rate": round(rng.gauss(62, 5))}  # fmt: skip
                yield Entry(
                    "pressure", "blood-pressure/mmhg-bpm", span.at(day, hour + rng.random() / 2), content
                )


def _heart(span: Span) -> Iterator[Entry]:
    rng = span.rng("heart")
    for number, day in span.each():
        if number % 97 < 3:  # the watch lay in a drawer: a gap
            continue
        rest = 58 + 3 * math.sin(number / 70) + 14 * _ill(number)
        for step in range(12):
            hour = step * 2 + rng.random()
            awake = 12 * max(0.0, math.sin((hour - 6) / 18 * math.pi))
            yield Entry("heart", "frequency/bpm", span.at(day, hour), round(rest + awake + rng.gauss(0, 4)),
                        author=WATCH)  # fmt: skip
        if _ill(number):
            yield Entry("temperature", "temperature/c", span.at(day, 8.5), round(rng.gauss(38.6, 0.4), 1))
        elif number % 9 == 0:
            yield Entry("temperature", "temperature/c", span.at(day, 8.5), round(rng.gauss(36.6, 0.15), 1))


def _steps(span: Span) -> Iterator[Entry]:
    rng = span.rng("steps")
    for number, day in span.each():
        lively = (1.5 if day.weekday() >= 5 else 1.0) * (0.2 if _ill(number) else 1.0)
        for hour in range(8, 21):
            steps = int(rng.expovariate(1 / 620) * lively)
            yield Entry("steps", "count/steps", span.at(day, hour), steps, duration=HOUR, author=WATCH)


def _sleep(span: Span) -> Iterator[Entry]:
    rng = span.rng("sleep")
    for _, day in span.each():
        start = span.at(day, -1.2 + rng.gauss(0, 0.6))
        yield Entry(
            "sleep", "activity/plain", start, duration=round(rng.gauss(7.4, 0.8) * HOUR), author=WATCH
        )


def _medicine(span: Span) -> Iterator[Entry]:
    rng = span.rng("medicine")
    for number, day in span.each():
        if _ill(number):
            yield Entry("medicine", "mass/mg", span.at(day, 9 + rng.random()), 500, description="Paracetamol")
        if day.month in (4, 5, 6):
            yield Entry("medicine", "boolean/bool", span.at(day, 7.5), rng.random() < 0.93,
                        description="Antihistamine taken")  # fmt: skip
            yield Entry("allergies", "symptoms/severity", span.at(day, 20),
                        rng.choice(["notPresent", "mild", "mild", "moderate", "severe"]))  # fmt: skip


def training_days(span: Span) -> Iterator[tuple[int, date, str, float, float]]:
    """Number, day, sport, hour and length in minutes of each training."""
    rng = span.rng("training")
    for number, day in span.each():
        if not _ill(number) and rng.random() < 0.42:
            sport = rng.choice(["running", "running", "cycling", "swimming", "yoga"])
            yield number, day, sport, rng.choice([6.5, 12.2, 17.8, 18.5]), rng.uniform(28, 95)


def _training(span: Span) -> Iterator[Entry]:
    rng = span.rng("training-series")
    for number, day, sport, hour, minutes in training_days(span):
        start, length = span.at(day, hour), float(round(minutes * 60))
        yield Entry(sport, "activity/plain", start, duration=length, author=WATCH)
        if sport == "running":
            yield Entry("running", "length/km", start + length, round(minutes / 6 + rng.random(), 2),
                        author=WATCH)  # fmt: skip
            yield Entry("running", "energy/kcal", start + length, round(minutes * 11.5), author=WATCH)
        if sport == "running" and number > span.days - 400:
            points = tuple(_effort(rng, length, TRAINING_STEP))
            yield Entry("heart", "series:frequency/bpm", start, SERIES_LAYOUT, duration=length, author=WATCH,
                        description="Heart rate while running", points=points)  # fmt: skip


def _effort(rng: object, length: float, step: float) -> Iterator[tuple[float, list[float]]]:
    """A heart that warms up, climbs in intervals and calms down."""
    gauss, rate = rng.gauss, 82.0  # type: ignore[attr-defined]
    for i in range(int(length / step) + 1):
        delta = i * step
        share = delta / length
        goal = 138 + 22 * math.sin(delta / 190) if 0.08 < share < 0.92 else 100
        rate += (goal - rate) * 0.06 + gauss(0, 1.1)
        yield delta, [round(rate)]


def _whole_day(span: Span) -> Iterator[Entry]:
    """One day with a chest strap, a value every two seconds, among them three short spikes."""
    rng = span.rng("strap")
    days = [day for _, day in span.each()]
    day = days[-4] if len(days) > 4 else days[0]
    points, rate = [], 60.0
    for i in range(int(0.6 * DAY / WHOLE_DAY_STEP)):
        goal = 64 + 26 * max(0.0, math.sin(i / 4100)) ** 3
        rate += (goal - rate) * 0.01 + rng.gauss(0, 0.5)
        points.append((i * WHOLE_DAY_STEP, [188 if i in (5000, 12000, 21000) else round(rate)]))
    yield Entry("heart", "series:frequency/bpm", span.at(day, 7), SERIES_LAYOUT, duration=points[-1][0],
                author=WATCH, description="A day with the chest strap", points=tuple(points))  # fmt: skip
