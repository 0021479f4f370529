"""The treemap: islands on a page of twelve columns, tiles in an island of six by six cells (design §2).

The server knows no pixels: it gives out whole cells, which style classes turn into areas. Cells are about
square. Items come and stay in their order, so that reading order and order on the page are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass

COLUMNS = 12
PER_TILE = 13  # cells of the page for each tile
NARROWEST, LOWEST = 3, 4  # cells of an island
HIGHEST = 8
CELLS = 6  # of an island, each way
HEAD = 0.4  # cells that the island's header takes


@dataclass(frozen=True, slots=True)
class Box:
    """An island's size in cells of the page."""

    width: int
    height: int


def islands(weights: Sequence[int]) -> list[Box]:
    """Sizes of islands with so many tiles each, heaviest first: rows that are as square as can be
    (squarified treemap; the page may be as long as it needs)."""
    boxes: list[Box] = []
    left = list(weights)
    while left:
        count = _best_row(left)
        boxes += _row(left[:count])
        left = left[count:]
    return boxes


def _best_row(weights: Sequence[int]) -> int:
    """How many of the next islands share a row: more as long as the worst shape improves."""
    best, count = _worst(_row(weights[:1])), 1
    for number in range(2, min(len(weights), COLUMNS // NARROWEST) + 1):
        worst = _worst(_row(weights[:number]))
        if worst > best:
            break
        best, count = worst, number
    return count


def _row(weights: Sequence[int]) -> list[Box]:
    """One row: its height by what it holds, its widths by the weights."""
    total = sum(weights)
    height = min(max(round(total * PER_TILE / COLUMNS), LOWEST), HIGHEST)
    return [Box(width, height) for width in shares(weights, COLUMNS, NARROWEST)]


def _worst(boxes: Sequence[Box]) -> float:
    return max(max(box.width / (box.height - HEAD), (box.height - HEAD) / box.width) for box in boxes)


def shares(weights: Sequence[int], whole: int, least: int) -> list[int]:
    """Whole numbers in proportion to weights, none under `least`, that make up `whole`."""
    found = [least] * len(weights)
    for _ in range(whole - least * len(weights)):
        need = [weight / have for weight, have in zip(weights, found, strict=True)]
        found[need.index(max(need))] += 1
    return found


def tiles(count: int, box: Box) -> list[Box]:
    """Sizes of so many equal tiles (nine at most) in the cells of an island of this size.

    One to three rows, one to three tiles in each; the first rows have the fewer tiles, so that what comes
    first is the largest.
    """
    shape = box.width / (box.height - HEAD)
    options = [_rows(count, rows) for rows in (1, 2, 3) if rows <= count <= rows * 3]
    best = min(options, key=lambda rows: max(_crooked(shape, 6 // width, len(rows)) for width in rows))
    height = CELLS // len(best)
    return [Box(CELLS // width, height) for width in best for _ in range(width)]


def _rows(count: int, rows: int) -> list[int]:
    """How many tiles each row has."""
    base, more = divmod(count, rows)
    return [base] * (rows - more) + [base + 1] * more


def _crooked(shape: float, width: int, rows: int) -> float:
    """How far a tile is from the shape that suits most, a little wider than high."""
    ratio = shape * width / CELLS * rows / 1.35
    return max(ratio, 1 / ratio)
