"""The event-type directory: our own catalogue, compiled once (spec api-data §3.3, §4.2, §6)."""

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec

from pryvsite.kernel.violations import violations

TYPE_PATTERN = re.compile(r"(series:)?[a-z0-9-]+/[a-z0-9-]+")
FILTER_PATTERN = re.compile(r"(series:)?[a-z0-9-]+/(\*|[a-z0-9-]+)")
SERIES = "series:"
POSITION = "position/wgs84"
# Classes of objects whose numbers measure nothing, and the one whose fields are free.
UNCHARTED = frozenset({"attributes", "call", "contact", "message", "music", "note", "notification"})
FREE_FIELDS = "numset/"
MAX_FIELDS = 8
MAX_PARTS = 64  # of an object that are looked at for numbers
# Units as people write them, where the directory has them otherwise or not at all.
SYMBOLS = {
    "mass/kg": "kg",
    "mass/mg": "mg",
    "ratio/percent": "%",
    "energy/kcal": "kcal",
    "energy/kwh": "kWh",
    "energy/wh": "Wh",
    "count/steps": "steps",
}

_LARGEST = sys.float_info.max

_TEXT = (Path(__file__).parent / "catalogue" / "event-types.json").read_bytes()
CATALOGUE: dict[str, Any] = msgspec.json.decode(_TEXT)
_TYPES: dict[str, dict[str, Any]] = CATALOGUE["types"]
_EXTRAS: dict[str, dict[str, Any]] = CATALOGUE["extras"]
_COMPACT = msgspec.json.encode(CATALOGUE)
_VALIDATORS = {name: jsonschema_rs.Draft7Validator(schema) for name, schema in _TYPES.items()}


def catalogue_bytes() -> bytes:
    """The catalogue as it is served."""
    return _COMPACT


def is_known(event_type: str) -> bool:
    """Whether the catalogue has this type."""
    return event_type in _TYPES


def schema_of(event_type: str) -> dict[str, Any] | None:
    """The JSON schema of a type's content; None for an unknown type."""
    return _TYPES.get(event_type)


def content_violations(event_type: str, content: object) -> list[dict[str, Any]]:
    """What is wrong with a content; missing content is null; unknown types take anything."""
    validator = _VALIDATORS.get(event_type)
    if validator is None or validator.is_valid(content):
        return []
    return violations(validator, content)


def all_types() -> Iterable[str]:
    """The names of all types."""
    return _TYPES.keys()


def is_number(event_type: str) -> bool:
    """Whether the content is one number; such types are drawn as charts."""
    return _TYPES.get(event_type, {}).get("type") == "number"


def number_fields(event_type: str) -> list[str]:
    """The numeric properties of an object type, in schema order."""
    properties: dict[str, dict[str, Any]] = _TYPES.get(event_type, {}).get("properties", {})
    return [name for name, schema in properties.items() if schema.get("type") == "number"]


@cache
def charted_fields(event_type: str) -> tuple[str, ...]:
    """The fields of an object type that are drawn as series."""
    if event_type == POSITION or event_type.partition("/")[0] in UNCHARTED:
        return ()
    return tuple(number_fields(event_type)[:MAX_FIELDS])


def numbers_of(event_type: str, content: object) -> list[tuple[str, float]]:
    """The numbers of a content that charts draw, each with its field; "" for a content that is one number.

    Of a type that the catalogue doesn't have, those of an object that is made of numbers for the most part,
    inner ones with their path.
    """
    if _number(content):
        return [("", float(content))]  # type: ignore[arg-type]
    if not isinstance(content, dict) or not _is_charted(event_type):
        return []
    if event_type.startswith(FREE_FIELDS):
        names: Iterable[str] = sorted(content)[:MAX_FIELDS]
    elif is_known(event_type):
        names = charted_fields(event_type)
    else:
        return _measures(content)
    return [(name, float(content[name])) for name in names if _number(content.get(name))]


def is_numeric(event_type: str, content: object) -> bool:
    """Whether a content makes its event one of a chart where its type alone doesn't tell."""
    if _number(content):
        return True
    return not (is_known(event_type) or event_type.startswith(FREE_FIELDS)) and bool(
        numbers_of(event_type, content)
    )


def _is_charted(event_type: str) -> bool:
    class_id = event_type.partition("/")[0]
    return class_id not in UNCHARTED and class_id != POSITION.partition("/")[0]


def _number(value: object) -> bool:
    """Whether a value is a number that a chart has room for."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _measures(content: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The numbers of an object in its own order, if most of what it holds are numbers."""
    found: list[tuple[str, float]] = []
    others = 0
    waiting = [(str(name), value) for name, value in content.items()]
    for name, value in waiting:  # grows while inner objects are met
        if isinstance(value, dict) and len(waiting) < MAX_PARTS:
            waiting += [(f"{name}.{inner}", deeper) for inner, deeper in value.items()]
        elif name and _number(value):
            found.append((name, float(value)))
        elif value is not None:
            others += 1
    return found[:MAX_FIELDS] if len(found) > others else []


def is_position(content: object) -> bool:
    """Whether a content says where something was."""
    if not isinstance(content, dict):
        return False
    return _number(content.get("latitude")) and _number(content.get("longitude"))


def name_of(event_type: str, language: str = "en") -> str:
    """The type's name for people."""
    names = _EXTRAS.get(event_type, {}).get("name", {})
    return str(names.get(language) or names.get("en") or event_type)


def unit_of(event_type: str) -> str:
    """The unit: symbol, else name, else the last part of the type."""
    if event_type in SYMBOLS:
        return SYMBOLS[event_type]
    extras = _EXTRAS.get(event_type, {})
    symbol = extras.get("symbol") or extras.get("name", {}).get("en")
    return str(symbol or event_type.rsplit("/", 1)[-1])


def class_name(class_id: str, language: str = "en") -> str:
    """The name of a class of types."""
    names = CATALOGUE["classes"].get(class_id, {}).get("extras", {}).get("name", {})
    return str(names.get(language) or names.get("en") or class_id.replace("-", " ").capitalize())


@cache
def number_types_by_class() -> dict[str, list[str]]:
    """Number types grouped by the name of their class, for choosers."""
    groups: dict[str, list[str]] = {}
    for event_type in _TYPES:
        if is_number(event_type):
            groups.setdefault(class_name(event_type.partition("/")[0]), []).append(event_type)
    return dict(sorted(groups.items()))


@dataclass(frozen=True, slots=True)
class SeriesShape:
    """The columns of a series: all with deltaTime first, those required, the kind of each but the first."""

    fields: tuple[str, ...]
    required: tuple[str, ...]
    kinds: tuple[str, ...]


@cache
def series_shape(element_type: str) -> SeriesShape:
    """The columns of `series:<element_type>`. KeyError for unknown or unsupported types."""
    schema = _TYPES[element_type]
    kind = schema.get("type")
    if kind in ("number", "string", "boolean"):
        return SeriesShape(("deltaTime", "value"), ("deltaTime", "value"), (str(kind),))
    if kind != "object" or not schema.get("properties"):
        raise KeyError(element_type)
    kinds = dict(_flat("", schema))
    required = tuple(name for name in schema.get("required", ()) if name in kinds)
    return SeriesShape(("deltaTime", *kinds), ("deltaTime", *required), tuple(kinds.values()))


def _flat(prefix: str, schema: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Scalar properties with dotted names, in schema order."""
    found: list[tuple[str, str]] = []
    for name, inner in schema.get("properties", {}).items():
        kind = inner.get("type")
        if kind == "object":
            found.extend(_flat(f"{prefix}{name}.", inner))
        elif kind in ("number", "string", "boolean", "null"):
            found.append((prefix + name, str(kind)))
    return found
