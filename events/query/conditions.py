"""Content queries: conditions on `content` and `clientData` (spec api-data §3.5)."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pryvsite.kernel.errors import InvalidParameters
from pryvsite.kernel.inputs import UNSET

MAX_CONDITIONS = 10  # of a parameter
MAX_CHOICES = 100  # of `in`
PATH = re.compile(r"\$|[a-zA-Z0-9_:-]+(\.[a-zA-Z0-9_:-]+)*")
MISSING = object()

Scalar = str | int | float | bool
Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """A path into a value and what must hold there."""

    path: tuple[str, ...]  # empty: the whole value
    holds: Test

    def matches(self, value: Any) -> bool:
        """Whether it holds in a value; `MISSING` stands for none."""
        for segment in self.path:
            value = value.get(segment, MISSING) if isinstance(value, dict) else MISSING
        return self.holds(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | bool) or _is_number(value)


def _same(found: Any, wanted: Scalar) -> bool:
    """Strict equality: true isn't 1, and "1" isn't either."""
    return _kind(found) == _kind(wanted) and found == wanted


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "number" if _is_number(value) else "other"


def _compare(test: Callable[[float, float], bool]) -> Callable[[Any], Test]:
    return lambda wanted: lambda found: _is_number(found) and test(found, wanted)


# Each operator: which values it takes, and the test that a value makes.
OPERATORS: Mapping[str, tuple[Callable[[Any], bool], Callable[[Any], Test]]] = {
    "eq": (_is_scalar, lambda wanted: lambda found: _same(found, wanted)),
    "neq": (_is_scalar, lambda wanted: lambda found: found is not MISSING and not _same(found, wanted)),
    "in": (
        lambda given: (
            isinstance(given, list)
            and 1 <= len(given) <= MAX_CHOICES
            and all(_is_scalar(value) for value in given)
        ),
        lambda wanted: lambda found: any(_same(found, value) for value in wanted),
    ),
    "exists": (
        lambda given: isinstance(given, bool),
        lambda wanted: lambda found: (found is not MISSING) is wanted,
    ),
    "gt": (_is_number, _compare(lambda found, wanted: found > wanted)),
    "gte": (_is_number, _compare(lambda found, wanted: found >= wanted)),
    "lt": (_is_number, _compare(lambda found, wanted: found < wanted)),
    "lte": (_is_number, _compare(lambda found, wanted: found <= wanted)),
    "prefix": (
        lambda given: isinstance(given, str) and given != "",
        lambda wanted: lambda found: isinstance(found, str) and found.startswith(wanted),
    ),
}


def parse_conditions(param: str, given: Any) -> list[Condition]:
    """The conditions of a parameter, native or JSON text. Raises InvalidParameters with its name."""
    if given is UNSET or given is None:
        return []
    text = given[0] if isinstance(given, list) and len(given) == 1 else given
    if isinstance(text, str):
        try:
            given = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            raise InvalidParameters(f"{param}: the conditions are not valid JSON.", param) from None
    if not isinstance(given, list):
        raise InvalidParameters(f"{param}: a list of conditions is expected.", param)
    if len(given) > MAX_CONDITIONS:
        raise InvalidParameters(f"{param}: {MAX_CONDITIONS} conditions at most.", param)
    return [_parsed(param, number, condition) for number, condition in enumerate(given, 1)]


def _parsed(param: str, number: int, given: Any) -> Condition:
    def wrong(text: str) -> InvalidParameters:
        return InvalidParameters(f"{param}: condition {number}: {text}", param)

    if not isinstance(given, dict) or not isinstance(path := given.get("path"), str):
        raise wrong("an object with a path and an operator is expected.")
    if not PATH.fullmatch(path):
        raise wrong("the path is $ or names joined by dots.")
    operators = [name for name in given if name != "path"]
    if len(operators) != 1 or operators[0] not in OPERATORS:
        raise wrong(f"exactly one operator is expected, of {', '.join(OPERATORS)}.")
    accepts, test = OPERATORS[operators[0]]
    value = given[operators[0]]
    if not accepts(value):
        raise wrong(f"{operators[0]} can't have this value.")
    return Condition(() if path == "$" else tuple(path.split(".")), test(value))


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an event must fulfil besides its place and time."""

    content: Sequence[Condition]
    client_data: Sequence[Condition]

    def __bool__(self) -> bool:
        return bool(self.content or self.client_data)

    def match(self, event: Mapping[str, Any]) -> bool:
        """Whether an event in its wire form fulfils all."""
        content, client_data = event.get("content", MISSING), event.get("clientData", MISSING)
        return all(c.matches(content) for c in self.content) and all(
            c.matches(client_data) for c in self.client_data
        )
