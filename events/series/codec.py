"""flatJSON to points: every column and value is checked before anything is stored (spec api-data §4.3)."""

import re
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from events.series.store import Point
from events.types import SeriesShape
from pryvsite.kernel.errors import InvalidRequestStructure

NUMERIC = re.compile(r"\d{1,300}(\.\d{1,300})?", re.ASCII)
FORMAT = "flatJSON"


def decode(body: Any, shape: SeriesShape, event_time: float) -> list[Point]:
    """The points of a body. Raises InvalidRequestStructure; then nothing is stored."""
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise InvalidRequestStructure(f'The format must be "{FORMAT}".')
    fields, points = body.get("fields"), body.get("points")
    if not isinstance(fields, list) or not isinstance(points, list):
        raise InvalidRequestStructure("fields and points must be lists.")
    _check_fields(fields, shape)
    clock = "deltaTime" if "deltaTime" in fields else "timestamp"
    columns = [name for name in shape.fields if name != "deltaTime"]
    places = {name: fields.index(name) for name in columns if name in fields}
    at, base = fields.index(clock), event_time if clock == "timestamp" else 0.0
    return [_point(row, len(fields), at, places, columns, shape, base) for row in points]


def encode(point: Point, columns: Sequence[int]) -> bytes:
    """One row of flatJSON with these columns."""
    delta, row = point
    clock = int(delta) if delta.is_integer() else delta
    return msgspec.json.encode([clock, *(row[i] if i < len(row) else None for i in columns)])


def _check_fields(fields: Sequence[Any], shape: SeriesShape) -> None:
    if not all(isinstance(name, str) for name in fields) or len(set(fields)) != len(fields):
        raise InvalidRequestStructure("Each field must be named once.")
    unknown = [name for name in fields if name not in shape.fields and name != "timestamp"]
    if unknown:
        raise InvalidRequestStructure(f"Unknown fields: {', '.join(unknown)}.")
    if ("deltaTime" in fields) == ("timestamp" in fields):
        raise InvalidRequestStructure("Either deltaTime or timestamp is needed.")
    missing = [name for name in shape.required if name != "deltaTime" and name not in fields]
    if missing:
        raise InvalidRequestStructure(f"Missing fields: {', '.join(missing)}.")


def _point(
    row: Any,
    width: int,
    clock: int,
    places: dict[str, int],
    columns: list[str],
    shape: SeriesShape,
    base: float,
) -> Point:
    if not isinstance(row, list) or len(row) != width:
        raise InvalidRequestStructure("Each point must have one value per field.")
    delta = round(float(_number(row[clock])) - base, 6)
    if delta < 0:
        raise InvalidRequestStructure("A point can't be earlier than its event.")
    values = [
        _value(row[places[name]], shape.kinds[name], required=name in shape.required)
        if name in places
        else None
        for name in columns
    ]
    return delta, values


def _number(value: Any) -> float:
    if isinstance(value, str) and NUMERIC.fullmatch(value):
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > sys.float_info.max:
        raise InvalidRequestStructure("A number is expected.")
    return value


def _value(value: Any, kind: str, *, required: bool) -> Any:
    if kind == "null":
        return None
    if value is None:
        if required:
            raise InvalidRequestStructure("A required value is missing.")
        return None
    if kind == "number":
        return _number(value)
    if kind == "boolean":
        if value is True or value == "true":
            return True
        if value is False or value == "false":
            return False
        raise InvalidRequestStructure("true or false is expected.")
    return value if isinstance(value, str) else str(value)
