"""A series as bands: in each of equal stretches of time the lowest and the highest value, number and sum.

Blocks, or parts of them, that are shorter than a stretch are taken as a whole from their summaries, where
their middle lies; only longer ones are read point by point. So a year costs what it has blocks, and no
spike is lost.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from events.series import store
from events.series.blocks import Summary, bits

_whole = msgspec.json.Decoder(list[Summary])
_runs = msgspec.json.Decoder(list[tuple[float, float, list[Summary]]])


@dataclass
class Band:
    """The values of a stretch of time; `newest` is the delta in seconds of about the last one."""

    count: int
    total: float
    low: float
    high: float
    newest: float

    def take(self, count: int, total: float, low: float, high: float, newest: float) -> None:
        """Take more values in."""
        self.count += count
        self.total += total
        self.low = min(self.low, low)
        self.high = max(self.high, high)
        self.newest = max(self.newest, newest)


class Bands:
    """The bands of a series event, one for each of so many stretches of `[start, end)` that hold a value;
    deltas in seconds. The caller has checked the right to read."""

    def __init__(self, account_id: int, event_id: str, span: tuple[float, float], number: int) -> None:
        self.account_id, self.event_id = account_id, event_id
        self.start, self.end, self.number = *span, number
        self.size = (self.end - self.start) / number
        self.found: list[dict[int, Band]] = []
        self.places: dict[int, int] = {}  # bit of a column: place among the fields
        self.open = False  # whether the last of these goes on
        self.loose: list[tuple[float, float]] = []  # stretches to be read point by point

    def read(self, fields: Sequence[str]) -> list[dict[int, Band]]:
        """The bands of each field by the number of the stretch."""
        layout = store.layout(self.account_id, self.event_id)
        self.places = {layout.index(name): place for place, name in enumerate(fields) if name in layout}
        self.found = [{} for _ in fields]
        blocks = store.summaries(self.account_id, self.event_id, self.start, self.end, self.size)
        for first, last, columns, text, long in blocks:
            if not long:
                self._take(first, last, columns, _whole.decode(text))
                continue
            for begin, past, summaries in _runs.decode(text):
                self._take(begin, past, columns, summaries)
        for first, last in self.loose:
            self._points(first, last)
        return self.found

    def _take(self, first: float, last: float, columns: int, summaries: Sequence[Summary]) -> None:
        inside = first >= self.start and last < self.end
        if inside and last - first <= self.size:
            index = self._index((first + last) / 2)
            for bit, summary in zip(bits(columns), summaries, strict=True):
                if summary is not None and bit in self.places:
                    count, total, low, high, _ = summary
                    self._add(self.places[bit], index, (count, total, low, high, last))
            self.open = False
        elif first < self.end and last >= self.start:
            first = self.loose.pop()[0] if self.open else max(first, self.start)
            self.loose.append((first, last))
            self.open = True

    def _points(self, first: float, last: float) -> None:
        """A long run, or one that reaches beyond the window, point by point."""
        past = min(self.end, math.nextafter(last, math.inf))
        for delta, row in store.points(self.account_id, self.event_id, first, past):
            for bit, place in self.places.items():
                value = row[bit] if bit < len(row) else None
                if isinstance(value, int | float) and not isinstance(value, bool):
                    self._add(place, self._index(delta), (1, value, value, value, delta))

    def _index(self, delta: float) -> int:
        return min(int((delta - self.start) / self.size), self.number - 1)

    def _add(self, place: int, index: int, more: tuple[int, float, float, float, float]) -> None:
        known = self.found[place].get(index)
        if known is None:
            self.found[place][index] = Band(*more)
        else:
            known.take(*more)
