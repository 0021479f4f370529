"""Points as they are packed: blocks of rows in ascending order, with the columns that they have."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import msgspec

Row = Sequence[Any]  # delta (seconds since the event's time), then one value per column of the block
MOST = 1000  # rows of a packed block
RUNS = 10  # parts of a block that are summed up
# Of a column: numbers, their sum, lowest, highest, last; None where there are none.
Summary = tuple[int, float, float, float, float] | None
Run = tuple[float, float, list[Summary]]  # first and last delta, what the columns hold


@dataclass(frozen=True, slots=True)
class Block:
    """Points with distinct, ascending deltas.

    `columns` is a set of bits: bit i stands for the event's field i after deltaTime.
    """

    columns: int
    rows: Sequence[Row]

    @property
    def first(self) -> float:
        """The smallest delta, in seconds; there must be points."""
        return float(self.rows[0][0])

    @property
    def last(self) -> float:
        """The largest delta, in seconds; there must be points."""
        return float(self.rows[-1][0])

    def packed(self) -> str:
        """The rows as JSON arrays, joined by commas."""
        return msgspec.json.encode(self.rows)[1:-1].decode()

    def summaries(self) -> tuple[list[Summary], list[Run]]:
        """What the columns hold: of the whole, and of each of some runs."""
        size = max(1, -(-len(self.rows) // RUNS))
        columns = list(zip(*self.rows, strict=True))
        deltas, values = columns[0], [_numbers(column) for column in columns[1:]]
        runs = [
            (
                deltas[at],
                deltas[min(at + size, len(deltas)) - 1],
                [_summed(v[at : at + size]) for v in values],
            )
            for at in range(0, len(deltas), size)
        ]
        return [_summed(v) for v in values], runs

    def part(self, start: int, end: int) -> "Block":
        """Some of the rows."""
        return Block(self.columns, self.rows[start:end])

    def within(self, start: float | None, end: float | None, *, after: float | None = None) -> "Block":
        """The rows with `start <= delta < end` and `after < delta`."""
        rows: Sequence[Row] = self.rows
        if start is not None:
            rows = rows[bisect_left(rows, start, key=_delta) :]
        if after is not None:
            rows = [row for row in rows if row[0] > after]
        if end is not None:
            rows = rows[: bisect_left(rows, end, key=_delta)]
        return Block(self.columns, rows)

    def laid_out(self, columns: int) -> "Block":
        """The same points with these columns: null where they have no value."""
        if columns == self.columns:
            return self
        places = {bit: place for place, bit in enumerate(bits(self.columns), 1)}
        picked = [places.get(bit, 0) for bit in bits(columns)]
        rows = [[row[0], *(row[place] if place else None for place in picked)] for row in self.rows]
        return Block(columns, rows)


def _numbers(values: Sequence[Any]) -> Sequence[float | None]:
    """The values, None for what isn't a number."""
    if set(map(type, values)) <= {int, float}:
        return values
    return [v if isinstance(v, int | float) and not isinstance(v, bool) else None for v in values]


def _summed(values: Sequence[float | None]) -> Summary:
    numbers = [v for v in values if v is not None]
    return (len(numbers), sum(numbers), min(numbers), max(numbers), numbers[-1]) if numbers else None


def _delta(row: Row) -> float:
    return float(row[0])


def bits(columns: int) -> list[int]:
    """The bits that are set, lowest first."""
    return [bit for bit in range(columns.bit_length()) if columns >> bit & 1]


def block_of(columns: int, deltas: Sequence[float], rows: Sequence[Row]) -> Block:
    """A block of rows in any order; of equal deltas the last one counts."""
    ascending = sorted(set(deltas))
    if ascending != deltas:
        by_delta = dict(zip(deltas, rows, strict=True))
        rows = [by_delta[delta] for delta in ascending]
    return Block(columns, rows)


def unpacked(columns: int, text: str) -> Block:
    """The block of a packed text."""
    return Block(columns, msgspec.json.decode(f"[{text}]"))


def merged(old: Block, new: Block) -> Block:
    """Both; at equal deltas the new point replaces the old one."""
    columns = old.columns | new.columns
    earlier, later = (new, old) if new.last < old.first else (old, new)
    rows = [*earlier.laid_out(columns).rows, *later.laid_out(columns).rows]
    if earlier.last < later.first:
        return Block(columns, rows)
    return block_of(columns, [row[0] for row in rows], rows)


def pieces(block: Block) -> list[Block]:
    """The block in parts of about equal length that may be packed."""
    total = len(block.rows)
    number = -(-total // MOST)
    cuts = [total * i // number for i in range(number + 1)] if number else []
    return [block.part(start, end) for start, end in pairwise(cuts)]
