"""Raw parameters to typed inputs; on failure every violation is listed (spec api-data §1.6, §1.8)."""

from functools import cache
from typing import Any, TypeVar

import jsonschema_rs
import msgspec
from django.conf import settings
from django.http import QueryDict

from pryvsite.kernel.errors import Forbidden, InvalidParameters, InvalidRequestStructure
from pryvsite.kernel.inputs import Input, Nothing
from pryvsite.kernel.violations import violations

T = TypeVar("T", bound=Input)
MOST_VALUES = 1_000_000  # of one JSON body


@cache
def schema(input_type: type[Input]) -> dict[str, Any]:
    """The JSON schema of an input, self-contained."""
    (root,), components = msgspec.json.schema_components((input_type,), ref_template="#/$defs/{name}")
    return {**root, "$defs": components}


@cache
def _validator(input_type: type[Input]) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema(input_type))


@cache
def _properties(input_type: type[Input]) -> dict[str, dict[str, Any]]:
    full = schema(input_type)
    name = full["$ref"].rsplit("/", 1)[-1] if "$ref" in full else ""
    properties: dict[str, dict[str, Any]] = (full["$defs"][name] if name else full).get("properties", {})
    return properties


def parse(input_type: type[T], raw: object) -> T:
    """Validate and convert. Raises InvalidParameters with all violations, Forbidden for protected fields."""
    if input_type is Nothing:
        return input_type()
    cleaned, protected = _set_aside(input_type, raw)
    try:
        parsed = msgspec.convert(cleaned, input_type)
    except (msgspec.ValidationError, RecursionError) as error:
        wrong = _all_violations(input_type, cleaned)
        if wrong:
            raise InvalidParameters(data=wrong) from None
        parsed = _with_integers(input_type, cleaned, error)
    if protected and not settings.UPDATES_IGNORE_PROTECTED:
        raise Forbidden(f"These properties can't be changed: {', '.join(sorted(protected))}.")
    return parsed


def _set_aside(input_type: type[Input], raw: object) -> tuple[object, set[str]]:
    """Take protected and ignored properties out of `raw` (or of its `update`)."""
    if not isinstance(raw, dict):
        return raw, set()
    hints = input_type.__annotations__
    nested = hints.get("update")
    if isinstance(nested, type) and issubclass(nested, Input) and isinstance(raw.get("update"), dict):
        inner, protected = _set_aside(nested, raw["update"])
        return {**raw, "update": inner}, protected
    protected = raw.keys() & input_type.PROTECTED
    dropped = protected | input_type.IGNORED
    if input_type.NULL_IS_ABSENT:
        dropped |= {key for key, value in raw.items() if value is None}
    return {key: value for key, value in raw.items() if key not in dropped}, protected


def _with_integers(input_type: type[T], raw: object, error: Exception) -> T:
    """The input where 5.0 stands for 5: JSON, and so the schema, knows no difference."""
    try:
        return msgspec.convert(_whole(raw), input_type)
    except (msgspec.ValidationError, RecursionError):
        entry = {"code": "NOT_PASSED", "message": str(error), "params": [], "path": "#/"}
        raise InvalidParameters(data=[entry]) from None


def _whole(raw: object) -> object:
    if not isinstance(raw, dict):
        return raw
    return {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in raw.items()
    }


def _all_violations(input_type: type[Input], raw: object) -> list[dict[str, object]]:
    listed = violations(_validator(input_type), raw)
    if isinstance(raw, dict) and "update" in _properties(input_type):
        for entry in listed:
            if entry["path"] == "#" and "update" in raw:
                entry["path"] = "#/update"
    return listed


def from_query(input_type: type[Input], query: QueryDict, *, strict: bool) -> dict[str, Any]:
    """Parameters of a query string, coerced to the types of the input; `auth` is left out.

    Unknown names are kept only where `strict`, so that validation refuses them.
    """
    known = _properties(input_type)
    raw: dict[str, Any] = {}
    for key in query:
        name = key.removesuffix("[]")
        if name == "auth" or (name not in known and not strict):
            continue
        values = query.getlist(key)
        raw[name] = _coerce(_types(known.get(name, {})), values)
    return raw


def _types(spec: dict[str, Any]) -> set[str]:
    if "anyOf" in spec:
        return {t for option in spec["anyOf"] for t in _types(option)}
    found = spec.get("type", ())
    return {found} if isinstance(found, str) else set(found)


def _coerce(types: set[str], values: list[str]) -> Any:
    if "array" in types:
        return values
    value = values[0]
    if "boolean" in types and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if types & {"number", "integer"}:
        return number(value)
    return value


def number(text: str) -> Any:
    """A finite number of the text, or the text itself so that validation reports it."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError):
        return text
    return found if isinstance(found, int | float) and not isinstance(found, bool) else text


def decode_json(body: bytes) -> Any:
    """JSON of a request body: an object or array. Raises InvalidRequestStructure."""
    if _has_too_many_values(body):
        raise InvalidRequestStructure(f"The request's body has more than {MOST_VALUES} values.")
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        raise InvalidRequestStructure("The request's body is not valid JSON.") from None
    if not isinstance(value, dict | list):
        raise InvalidRequestStructure("The request's body must be a JSON object or array.")
    # Only a body that spells the escape can hold a NUL, which no database text may contain.
    if b"\\u0000" in body and _has_nul(value):
        raise InvalidRequestStructure("Texts can't contain the character NUL.")
    return value


def _has_too_many_values(body: bytes) -> bool:
    """Whether a text would become so many objects that they'd take fifty times its own room in memory."""
    if _commas_and_brackets(body) <= MOST_VALUES:  # some of them may stand in texts
        return False
    plain = body.replace(rb"\\", b"").replace(rb"\"", b"")
    if plain.count(b'"') > 2 * MOST_VALUES:
        return True
    return _commas_and_brackets(b"".join(plain.split(b'"')[::2])) > MOST_VALUES


def _commas_and_brackets(text: bytes) -> int:
    return sum(text.count(sign) for sign in (b",", b"[", b"{"))


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(part) for item in value.items() for part in item)
    return isinstance(value, list) and any(_has_nul(item) for item in value)
