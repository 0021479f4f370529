"""How points are packed: against a plain dictionary, whatever is written in whatever order."""

from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from events.models import SeriesChunk
from events.series import blocks, store
from events.series.blocks import Block, bits, block_of, pieces, unpacked
from tests.cast import Api

numbers = count()
deltas = st.one_of(st.integers(0, 60), st.floats(0, 60, allow_nan=False))
writes = st.lists(
    st.tuples(st.integers(0, 7), st.lists(deltas, min_size=1, max_size=14)), min_size=1, max_size=12
)


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch, alice: Api) -> int:
    """Blocks of a few rows, so that few points make many; the account's id."""
    monkeypatch.setattr(blocks, "MOST", 4)
    monkeypatch.setattr(store, "SMALL", 2)
    monkeypatch.setattr(store, "_KEYS", store._KEYS.replace("count < 250", "count < 2"))
    monkeypatch.setattr(store, "PAGE", 2)
    monkeypatch.setattr(store, "AT_ONCE", 2)
    return Account.objects.get(username="alice").id


def block(columns: int, at: list[float], value: int) -> Block:
    width = len(bits(columns))
    return block_of(columns, at, [[delta, *([value] * width)] for delta in at])


def full(columns: int, value: int) -> list[Any]:
    return [value if columns >> bit & 1 else None for bit in range(3)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=writes, low=deltas, high=deltas)
def test_the_store_is_a_dictionary(
    tight: int, writes: list[tuple[int, list[float]]], low: float, high: float
) -> None:
    event_id, model = f"e{next(numbers)}", dict[float, list[Any]]()
    for value, (columns, at) in enumerate(writes):
        store.write(tight, event_id, block(columns, at, value))
        model.update({float(delta): full(columns, value) for delta in at})
        check_chunks(tight, event_id, len(model))
    for start, end in ((None, None), (low, None), (None, high), (low, high)):
        wanted = {
            delta: row
            for delta, row in sorted(model.items())
            if (start is None or delta >= start) and (end is None or delta < end)
        }
        got = list(store.points(tight, event_id, start, end))
        assert [delta for delta, _ in got] == list(wanted)
        assert [row + [None] * (3 - len(row)) for _, row in got] == list(wanted.values())
        assert store.count(tight, event_id, start, end) == len(wanted)
        used = store.columns_used(tight, event_id, start, end)
        text = ",".join(store.packed(tight, event_id, used, start, end))
        rows = [[delta, *(row[bit] for bit in bits(used))] for delta, row in wanted.items()]
        assert unpacked(used, text).rows == rows


def check_chunks(account_id: int, event_id: str, total: int) -> None:
    """Blocks follow each other without overlap, none too long, none misdescribed."""
    found = list(SeriesChunk.objects.filter(account_id=account_id, event_id=event_id).order_by("first"))
    assert sum(chunk.count for chunk in found) == total
    for chunk in found:
        rows = unpacked(chunk.columns, chunk.data).rows
        assert (rows[0][0], rows[-1][0], len(rows)) == (chunk.first, chunk.last, chunk.count)
        assert chunk.count <= blocks.MOST
        assert {len(row) for row in rows} == {1 + len(bits(chunk.columns))}
    for before, after in pairwise(found):
        assert before.last < after.first


@pytest.mark.parametrize("order", [range(600), range(599, -1, -1), [n * 7 % 600 for n in range(600)]])
def test_points_that_come_singly_are_packed(alice: Api, order: list[int]) -> None:
    account_id = Account.objects.get(username="alice").id
    for delta in order:
        store.write(account_id, "single", Block(1, [[delta, delta]]))
    assert [delta for delta, _ in store.points(account_id, "single", None, None)] == list(range(600))
    assert SeriesChunk.objects.filter(event_id="single").count() <= 8


def test_pieces_are_of_about_one_length() -> None:
    rows = [[n, 1] for n in range(2001)]
    assert [len(piece.rows) for piece in pieces(Block(1, rows))] == [667] * 3
    assert pieces(Block(1, [])) == []


def test_a_page_goes_on_where_the_last_one_ended(tight: int) -> None:
    """Points that are written while a series is read move blocks, but none comes twice or is left out."""
    store.write(tight, "moving", block(1, [float(n) for n in range(0, 40, 2)], 1))
    reading = store.points(tight, "moving", None, None)
    got = [next(reading)[0] for _ in range(9)]
    store.write(tight, "moving", block(1, [float(n) for n in range(1, 40, 2)], 2))
    got += [delta for delta, _ in reading]
    assert got == sorted(set(got))
    assert set(range(0, 40, 2)) <= set(got)
