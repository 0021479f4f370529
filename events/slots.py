"""Stretches of time laid over slots: which slots of a month or a day lie within a bucket as a whole, and
what is left at its ends."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

Marks = Sequence[float]  # the bounds of slots, ascending: slot i is `[marks[i], marks[i+1])`
Whole = tuple[int, int, int]  # bucket, first slot, slot past the last
Rest = tuple[int, float, float, int]  # bucket, a stretch of time, the slot that it is a part of


def split(edges: Sequence[float], marks: Marks) -> tuple[list[Whole], list[Rest]]:
    """What the buckets `[edges[i], edges[i+1])` have of the slots."""
    whole: list[Whole] = []
    rest: list[Rest] = []
    bucket = max(bisect_right(edges, marks[0]) - 1, 0)
    while bucket < len(edges) - 1 and edges[bucket] < marks[-1]:
        more, loose = split_one(bucket, edges[bucket], edges[bucket + 1], marks)
        whole += more
        rest += loose
        bucket += 1
    return whole, rest


def split_one(bucket: int, start: float, end: float, marks: Marks) -> tuple[list[Whole], list[Rest]]:
    """What one stretch of time has of the slots."""
    left, right = max(start, marks[0]), min(end, marks[-1])
    if left >= right:
        return [], []
    low, high = bisect_left(marks, left), bisect_right(marks, right) - 1
    if low > high:  # within a slot
        return [], [(bucket, left, right, high)]
    rest: list[Rest] = []
    if left < marks[low]:
        rest.append((bucket, left, marks[low], low - 1))
    if marks[high] < right:
        rest.append((bucket, marks[high], right, high))
    return ([(bucket, low, high)] if low < high else []), rest


def overlapped(marks: Marks, start: float, end: float, *, closed: bool = False) -> int:
    """The slots that a stretch of time overlaps, as bits; with its end itself where `closed`."""
    low = max(bisect_right(marks, start) - 1, 0)
    high = min(bisect_right(marks, end) if closed else bisect_left(marks, end), len(marks) - 1)
    return ((1 << high) - 1) & ~((1 << low) - 1) if low < high else 0


def within(whole: Sequence[Whole], bits: int) -> Iterator[Whole]:
    """The same without the slots that aren't among the bits."""
    for bucket, low, high in whole:
        run = ((1 << high) - 1) & ~((1 << low) - 1)
        if bits & run == run:
            yield bucket, low, high
        else:
            yield from ((bucket, slot, slot + 1) for slot in range(low, high) if bits >> slot & 1)
