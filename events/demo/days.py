"""What fills the days: notes, moods, money, work and play, the house."""

import math
from collections.abc import Iterator

from events.demo import words
from events.demo.entry import HOUR, Entry, Span

HOME = "meter"


def habits(span: Span) -> Iterator[Entry]:
    """Everything that is written down or counted by day."""
    yield from _notes(span)
    yield from _moods(span)
    yield from _money(span)
    yield from _work(span)
    yield from _house(span)
    yield from _running_now(span)


def _notes(span: Span) -> Iterator[Entry]:
    rng = span.rng("notes")
    for number, day in span.each():
        if rng.random() < 0.55:
            text = words.note(rng)
            yield Entry("diary", "note/txt", span.at(day, 21 + rng.random() * 2), text)
        if number % 12 == 3:
            yield Entry("dreams", "note/txt", span.at(day, 7.1), words.dream(rng))
        if day.weekday() == 6 and rng.random() < 0.7:
            yield Entry("recipes", "note/txt", span.at(day, 17), words.recipe(rng))


def _moods(span: Span) -> Iterator[Entry]:
    rng = span.rng("moods")
    for _, day in span.each():
        if rng.random() < 0.8:
            moment = span.at(day, 22 + rng.random())
            yield Entry("mood", "mood/emoticon", moment, rng.choice([":)", ":)", ":D", ":|", ":(", ":P"]))
            yield Entry("mood", "count/generic", moment, min(10, max(1, round(rng.gauss(6.8, 1.6)))),
                        description="Energy, one to ten")  # fmt: skip


def _money(span: Span) -> Iterator[Entry]:
    rng = span.rng("money")
    for _, day in span.each():
        if rng.random() < 0.75:
            yield Entry("food", "money/eur", span.at(day, 18 + rng.random()),
                        round(rng.lognormvariate(2.9, 0.6), 2),
                        description=rng.choice(words.SHOPS))  # fmt: skip
        if rng.random() < 0.5:
            yield Entry(
                "food", "money/eur", span.at(day, 12.5), round(rng.uniform(8, 19), 2), description="Lunch"
            )
        if rng.random() < 0.3:
            yield Entry("transport", "money/eur", span.at(day, 8.2), round(rng.uniform(2.4, 38), 2),
                        description=rng.choice(["Train", "Tram", "Bike repair", "Taxi"]))  # fmt: skip
        if day.day == 1:
            yield Entry("rent", "money/eur", span.at(day, 6), 1140, description="Rent")
        if rng.random() < 0.08:
            yield Entry("leisure", "money/eur", span.at(day, 20), round(rng.lognormvariate(3.6, 0.5), 2),
                        description=rng.choice(["Cinema", "Concert", "Books", "Museum"]))  # fmt: skip


def _work(span: Span) -> Iterator[Entry]:
    rng = span.rng("work")
    for _, day in span.each():
        if day.weekday() < 5 and rng.random() < 0.9:
            for start, project in (
                (8.7, "project-river"),
                (13.2, rng.choice(["project-river", "project-attic"])),
            ):
                yield Entry(project, "activity/plain", span.at(day, start + rng.random() / 2),
                            duration=round(rng.uniform(2.4, 4.1) * HOUR))  # fmt: skip
            if rng.random() < 0.35:
                yield Entry("meetings", "activity/plain", span.at(day, 11),
                            duration=round(rng.uniform(0.4, 1.4) * HOUR),
                            description=rng.choice(words.MEETINGS))  # fmt: skip
        if rng.random() < 0.5:
            yield Entry(
                "reading", "activity/plain", span.at(day, 20.5), duration=round(rng.uniform(0.3, 1.6) * HOUR)
            )


def _house(span: Span) -> Iterator[Entry]:
    rng = span.rng("house")
    for number, day in span.each():
        season = math.cos((day.timetuple().tm_yday - 15) / 365 * 2 * math.pi)
        for hour in (2, 8, 14, 20):
            warm = 11.5 - 10 * season + 4 * math.sin((hour - 8) / 12 * math.pi) + rng.gauss(0, 2.2)
            yield Entry("outside", "temperature/c", span.at(day, hour), round(warm, 1), author=HOME)
        if number % 131 not in range(4):  # the meter was offline: a gap
            use = max(2.0, 9 + 5 * season + rng.gauss(0, 1.4))
            yield Entry("power", "energy/kwh", span.at(day, 23.9), round(use, 2), author=HOME)
            yield Entry("water", "volume/l", span.at(day, 23.9), round(rng.gauss(142, 30)), author=HOME)


def _running_now(span: Span) -> Iterator[Entry]:
    """Two activities that were started and not stopped."""
    yield Entry(
        "project-river", "activity/plain", span.until - 47 * 60, duration=None, description="Drawings"
    )
    yield Entry("reading", "activity/plain", span.until - 9 * 60, duration=None)
