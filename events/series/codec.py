"""flatJSON to points: every column and value is checked before anything is stored (spec api-data §4.3).

What is as it should be is decoded straight to the columns' types; only what isn't is looked at value by
value, to accept other spellings or to say what is wrong.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import copysign
from typing import Annotated, Any

import msgspec

from events.series.blocks import Block, block_of
from events.types import SeriesShape
from pryvsite.kernel.errors import InvalidRequestStructure
from pryvsite.kernel.stable_json import js_number

NUMERIC = re.compile(r"\d{1,300}(\.\d{1,300})?", re.ASCII)
FORMAT = "flatJSON"
BATCH_FORMAT = "seriesBatch"
NO_NUL = "Texts can't contain the character NUL."
DELTA, STAMP = "deltaTime", "timestamp"
MOST_POINTS = 500_000  # of one event in a call: what a body holds takes ten times its room in memory
EXACT = 2**53  # whole numbers beyond are floats, as in JavaScript
LARGEST = 1.7976931348623157e308
BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)

Number = Annotated[int, msgspec.Meta(ge=-EXACT, le=EXACT)] | float
_TYPES: dict[str, Any] = {"number": Number, "boolean": bool, "string": str, "null": None}


class Flat(msgspec.Struct):
    """A body whose points are not decoded yet."""

    format: str
    fields: list[str]
    points: msgspec.Raw


class _Entry(msgspec.Struct, rename="camel"):
    event_id: str
    data: msgspec.Raw


class _Batch(msgspec.Struct):
    format: str
    data: list[_Entry]


_flat = msgspec.json.Decoder(Flat)
_batch = msgspec.json.Decoder(_Batch)


def read_flat(body: bytes | msgspec.Raw) -> Flat:
    """The outside of a flatJSON body. Raises InvalidRequestStructure."""
    try:
        flat = _flat.decode(body)
    except BROKEN:
        raise InvalidRequestStructure(f'A {FORMAT} body with "fields" and "points" is expected.') from None
    if flat.format != FORMAT:
        raise InvalidRequestStructure(f'The format must be "{FORMAT}".')
    return flat


def read_batch(body: bytes) -> list[tuple[str, Flat]]:
    """Event ids and bodies of a batch. Raises InvalidRequestStructure."""
    try:
        batch = _batch.decode(body)
    except BROKEN:
        raise InvalidRequestStructure(f'A {BATCH_FORMAT} body with "data" is expected.') from None
    if batch.format != BATCH_FORMAT:
        raise InvalidRequestStructure(f'The format must be "{BATCH_FORMAT}".')
    if any("\0" in entry.event_id for entry in batch.data):
        raise InvalidRequestStructure(NO_NUL)
    return [(entry.event_id, read_flat(entry.data)) for entry in batch.data]


@dataclass(frozen=True, slots=True)
class _Column:
    """A value column of a body: its place in the rows sent and its bit in the event's fields."""

    place: int
    bit: int
    kind: str
    required: bool


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the rows of a body are read."""

    width: int
    clock: int
    stamped: bool
    columns: tuple[_Column, ...]  # in the order of the event's fields
    ordered: bool  # rows stand as they are stored: deltaTime, then columns in order
    decoder: "msgspec.json.Decoder[list[tuple[Any, ...]]]"


def decode(flat: Flat, shape: SeriesShape, event_time: float) -> Block:
    """The points of a body. Raises InvalidRequestStructure; then nothing is stored."""
    layout = _layout(tuple(flat.fields), shape)
    rows = _rows(flat.points, layout)
    deltas = [row[layout.clock] for row in rows]
    if layout.stamped:
        # Absolute times carry the noise of their size: half a microsecond is none of the sender's.
        deltas = [round(stamp - event_time, 6) for stamp in deltas]
    if deltas and min(deltas) < 0:
        raise InvalidRequestStructure("A point can't be earlier than its event.")
    negative_zero = 0 in deltas and any(copysign(1, delta) < 0 for delta in deltas)
    if negative_zero:
        deltas = [delta or 0 for delta in deltas]  # -0.0 is no other moment than 0
    used = [c for c in layout.columns if c.required or any(row[c.place] is not None for row in rows)]
    if not layout.ordered or layout.stamped or negative_zero or len(used) < len(layout.columns):
        rows = [(d, *(row[c.place] for c in used)) for d, row in zip(deltas, rows, strict=True)]
    return block_of(sum(1 << column.bit for column in used), deltas, rows)


def _rows(raw: msgspec.Raw, layout: _Layout) -> Sequence[Sequence[Any]]:
    text = memoryview(raw).tobytes()
    if (
        text.count(b"[") > MOST_POINTS + 1
    ):  # also where some stand in texts: that many are no points of a sensor
        raise InvalidRequestStructure(f"A call takes {MOST_POINTS} points at most.")
    if b"\\u0000" not in text:
        try:
            return layout.decoder.decode(raw)
        except BROKEN:
            pass  # found out below, value by value
    try:
        points = msgspec.json.decode(raw)
    except BROKEN:
        raise InvalidRequestStructure("The points are not valid JSON.") from None
    if not isinstance(points, list):
        raise InvalidRequestStructure("points must be a list.")
    return [_row(row, layout) for row in points]


def _row(row: Any, layout: _Layout) -> list[Any]:
    if not isinstance(row, list) or len(row) != layout.width:
        raise InvalidRequestStructure("Each point must have one value per field.")
    values = list(row)
    values[layout.clock] = _number(row[layout.clock])
    for column in layout.columns:
        values[column.place] = _value(row[column.place], column)
    return values


@lru_cache(512)
def _layout(fields: tuple[str, ...], shape: SeriesShape) -> _Layout:
    """How to read rows with these fields. Raises InvalidRequestStructure."""
    if len(set(fields)) != len(fields):
        raise InvalidRequestStructure("Each field must be named once.")
    unknown = [name for name in fields if name not in shape.fields and name != STAMP]
    if unknown:
        raise InvalidRequestStructure(f"Unknown fields: {', '.join(unknown)[:200]}.")
    if (DELTA in fields) == (STAMP in fields):
        raise InvalidRequestStructure(f"Either {DELTA} or {STAMP} is needed.")
    missing = [name for name in shape.required if name != DELTA and name not in fields]
    if missing:
        raise InvalidRequestStructure(f"Missing fields: {', '.join(missing)}.")
    stamped = STAMP in fields
    clock = fields.index(STAMP if stamped else DELTA)
    columns = tuple(
        _Column(fields.index(name), bit, shape.kinds[bit], name in shape.required)
        for bit, name in enumerate(shape.fields[1:])
        if name in fields
    )
    ordered = clock == 0 and [column.place for column in columns] == list(range(1, len(fields)))
    types: dict[int, Any] = {clock: Number}
    for column in columns:
        kind = _TYPES[column.kind]
        types[column.place] = kind if column.required or kind is None else kind | None
    row: Any = tuple.__class_getitem__(tuple(types[place] for place in range(len(fields))))
    return _Layout(len(fields), clock, stamped, columns, ordered, msgspec.json.Decoder(list[row]))


def _number(value: Any) -> float:
    if isinstance(value, str) and NUMERIC.fullmatch(value):
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        raise InvalidRequestStructure("A number is expected.")
    return float(value) if abs(value) > EXACT else value


def _value(value: Any, column: _Column) -> Any:
    if column.kind == "null":
        return None
    if value is None:
        if column.required:
            raise InvalidRequestStructure("A required value is missing.")
        return None
    if column.kind == "number":
        return _number(value)
    if column.kind == "boolean":
        if value is True or value == "true":
            return True
        if value is False or value == "false":
            return False
        raise InvalidRequestStructure("true or false is expected.")
    return _text(value)


def _text(value: Any) -> str:
    """A text column takes anything, as text; what is no text is spelled as JSON."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        text = js_number(value)
    else:
        text = msgspec.json.encode(value).decode()
    if "\0" in text:
        raise InvalidRequestStructure(NO_NUL)
    return text
