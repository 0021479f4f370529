"""JSON schemas of what the API takes and answers, for OpenAPI."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from pryvsite.api.contract import Answer, Bare, Contract, Empty, Media
from pryvsite.api.registry import METHODS, Method
from pryvsite.kernel.errors import ApiError
from pryvsite.kernel.inputs import Input

Json = dict[str, Any]
REF = "#/components/schemas/{name}"
META: Json = {
    "title": "Meta",
    "description": "What every answer carries.",
    "type": "object",
    "properties": {
        "apiVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
        "serverTime": {"type": "number", "description": "Unix seconds."},
        "serial": {"type": "string"},
    },
    "required": ["apiVersion", "serverTime", "serial"],
    "additionalProperties": False,
}
IGNORED: Json = {"description": "Accepted and ignored."}
_SOURCES = re.compile(r"\s*\((?:spec|corrections|ui)[^)]*\)")


def words(doc: str | None) -> str:
    """A docstring as one paragraph for people who use the API: without references to our sources."""
    return _SOURCES.sub("", " ".join((doc or "").split()))


def components(types: Iterable[Any]) -> tuple[dict[Any, Json], dict[str, Json]]:
    """The schema of each type, and of all that they refer to by name."""
    listed = list(types)
    found, named = msgspec.json.schema_components(listed, ref_template=REF)
    shown = {name: _readable(schema) for name, schema in named.items()}
    for item in listed:
        if isinstance(item, type) and issubclass(item, Input) and item.__name__ in shown:
            properties = shown[item.__name__].get("properties", {})
            shown[item.__name__]["properties"] = {
                **properties,
                **dict.fromkeys(sorted(item.IGNORED), IGNORED),
            }
    return dict(zip(listed, found, strict=True)), shown | {"Meta": META}


def _readable(schema: Any) -> Any:
    """Patterns as JavaScript knows them, and descriptions without our sources."""
    if isinstance(schema, list):
        return [_readable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: words(value) if key == "description" and isinstance(value, str) else _readable(value)
        for key, value in schema.items()
    }


class Schemas:
    """Schemas of the answers and bodies of contracts; gathers what they refer to."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self.inputs = {m.input for m in METHODS.values()}
        types: dict[Any, None] = dict.fromkeys(sorted(self.inputs, key=lambda item: item.__name__))
        for contract in contracts:
            types |= dict.fromkeys(item for item in (contract.query, contract.body) if item is not None)
            types |= dict.fromkeys(_schema_of(answer) for answer in contract.answers.values())
        types.pop(None, None)
        self.by_type, self.named = components(types)

    def properties(self, item: type[Input]) -> tuple[dict[str, Json], list[str]]:
        """The properties of an input, and the names of those required."""
        schema = self.named[item.__name__]
        return schema.get("properties", {}), schema.get("required", [])

    def answer(self, answer: Answer) -> Json:
        """The `content` of an answer, none for an empty one."""
        if isinstance(answer, Empty):
            return {}
        if isinstance(answer, Media):
            return {answer.type: {}}
        if isinstance(answer, Bare):
            return {"application/json": {"schema": self.by_type[answer.schema]}}
        return {"application/json": {"schema": with_meta(self.named[answer.__name__])}}

    def batch(self) -> tuple[Json, Json]:
        """Schemas of the calls of a batch, and of what stands in its results."""
        inside = [m for m in METHODS.values() if in_batch(m)]
        calls = [
            {
                "type": "object",
                "properties": {"method": {"const": m.id}, "params": self.by_type[m.input]},
                "required": ["method", "params"],
            }
            for m in inside
        ]
        results = [self.by_type[item] for item in dict.fromkeys(m.result for m in inside)]
        return {"type": "array", "items": {"anyOf": calls}}, {"anyOf": [*results, error_schema()]}


def in_batch(method: Method) -> bool:
    """Whether a batch can call a method."""
    return method.allow not in ("open", "operator") and method.id != "callBatch"


def _schema_of(answer: Answer) -> Any:
    if isinstance(answer, Bare):
        return answer.schema
    return None if isinstance(answer, Media | Empty) else answer


def with_meta(schema: Mapping[str, Any]) -> Json:
    """The schema of an answer: the result's with `meta`."""
    return {
        **schema,
        "properties": {**schema.get("properties", {}), "meta": {"$ref": REF.format(name="Meta")}},
        "required": [*schema.get("required", ()), "meta"],
    }


def error_schema(ids: Sequence[str] = ()) -> Json:
    """The schema of an error with one of these ids, without `meta`."""
    id_schema: Json = {"enum": list(ids)} if ids else {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "error": {
                "type": "object",
                "properties": {"id": id_schema, "message": {"type": "string"}, "data": {}},
                "required": ["id", "message"],
                "additionalProperties": False,
            }
        },
        "required": ["error"],
        "additionalProperties": False,
    }


def error_content(errors: Sequence[type[ApiError]]) -> Json:
    """The schema of errors that share a status."""
    return with_meta(error_schema(list(dict.fromkeys(error.id for error in errors))))
