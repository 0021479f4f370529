"""What calls answer, as types. They describe and are never built: operations give plain dicts, and stored
texts pass as they are. OpenAPI and the contract tests hold the answers to them.

`UNSET` as a default tells that a key may be absent; nothing undeclared may be present.
"""

from msgspec import UNSET, Meta, Struct, UnsetType

__all__ = [
    "UNSET",
    "Deleted",
    "DeletedAt",
    "Done",
    "LegacyProblem",
    "Result",
    "Tracked",
    "UnsetType",
    "either",
    "schema_ref",
]


class Result(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Base of all results and of the items in them: camel case on the wire, closed."""


class Done(Result, frozen=True):
    """Nothing but `meta`: it is done."""


class Tracked(Result, frozen=True):
    """Who made an item and changed it last, and when; times in Unix seconds."""

    created: float
    created_by: str
    modified: float
    modified_by: str


class Deleted(Result, frozen=True):
    """That an item is gone."""

    id: str


class DeletedAt(Result, frozen=True):
    """That an item is gone, and since when in Unix seconds."""

    id: str
    deleted: float


class LegacyError(Result, frozen=True):
    """What went wrong."""

    id: str
    message: str


class LegacyProblem(Result, frozen=True):
    """An error of the routes that answer without `meta`."""

    error: LegacyError


def schema_ref(item: type) -> dict[str, str]:
    """Where OpenAPI keeps the schema of a type."""
    return {"$ref": f"#/components/schemas/{item.__name__}"}


def either(*items: type[Result]) -> Meta:
    """For `Annotated[Any, either(A, B)]`: one of several items; each must also be answered somewhere alone.

    (Unions of plain structs can't be told apart when decoding, which is why msgspec has no schema of them.)
    """
    return Meta(extra_json_schema={"anyOf": [schema_ref(item) for item in items]})
