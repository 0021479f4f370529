"""JSON Schema errors as the violation entries of the wire (spec api-data §1.8, corrections §1.21)."""

from collections.abc import Iterator
from typing import Any, Protocol

import jsonschema_rs

# An unlisted kind is a bug that a KeyError shows, not something to guess around.
CODES = {
    "required": "OBJECT_MISSING_REQUIRED_PROPERTY",
    "additionalProperties": "OBJECT_ADDITIONAL_PROPERTIES",
    "type": "INVALID_TYPE",
    "pattern": "PATTERN",
    "minLength": "MIN_LENGTH",
    "maxLength": "MAX_LENGTH",
    "enum": "ENUM_MISMATCH",
    "const": "VALUE_NOT_EQUAL",
    "format": "FORMAT",
    "minimum": "MINIMUM",
    "maximum": "MAXIMUM",
    "exclusiveMinimum": "MINIMUM_EXCLUSIVE",
    "exclusiveMaximum": "MAXIMUM_EXCLUSIVE",
    "multipleOf": "MULTIPLE_OF",
    "minItems": "ARRAY_LENGTH_SHORT",
    "maxItems": "ARRAY_LENGTH_LONG",
    "uniqueItems": "ARRAY_UNIQUE",
    "oneOf": "ONE_OF_MISSING",
    "anyOf": "ANY_OF_MISSING",
    "not": "NOT_PASSED",
}
NESTED = frozenset({"type", "enum"})  # their parameters are a list in a list


class Validator(Protocol):
    """A compiled schema."""

    def iter_errors(self, instance: Any) -> Iterator[jsonschema_rs.ValidationError]:
        """All errors of a value."""
        ...


def violations(validator: Validator, instance: object, prefix: str = "#") -> list[dict[str, Any]]:
    """Every violation as `{code, message, params, path}`."""
    found: list[dict[str, Any]] = []
    for error in validator.iter_errors(instance):
        for leaf in _leaves(error):
            found.append(_entry(leaf, prefix))
    return found


def _leaves(error: jsonschema_rs.ValidationError) -> list[jsonschema_rs.ValidationError]:
    """The errors that matter: of `X or null` those of X."""
    if error.kind.name != "anyOf":
        return [error]
    context: list[list[jsonschema_rs.ValidationError]] = error.kind.value
    branches = [branch for branch in context if not _only_null(branch)]
    if len(branches) == 1:
        return [leaf for inner in branches[0] for leaf in _leaves(inner)]
    return [error]


def _only_null(branch: list[jsonschema_rs.ValidationError]) -> bool:
    return len(branch) == 1 and branch[0].kind.name == "type" and list(branch[0].kind.value) == ["null"]


def _entry(error: jsonschema_rs.ValidationError, prefix: str) -> dict[str, Any]:
    name = error.kind.name
    value = None if name in ("anyOf", "oneOf", "not") else error.kind.value
    listed = list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
    where = "/".join(str(part) for part in error.instance_path)
    path = f"{prefix}/{where}" if where else prefix
    if not where and name == "required":
        path = f"{prefix}/"
    return {
        "code": CODES[name],
        "message": error.message,
        "params": [listed] if name in NESTED else listed,
        "path": path,
    }
