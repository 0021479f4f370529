"""Typed, closed, immutable parameters of operations. Absent (`UNSET`) differs from null."""

from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, Struct, UnsetType

__all__ = [
    "UNSET",
    "ClientData",
    "Input",
    "Label",
    "Name",
    "NonEmpty",
    "NonNegative",
    "Nothing",
    "UnsetType",
    "told",
]

LONGEST_NAME = 255  # characters of what is indexed: databases refuse longer keys


class Input(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """Base of all inputs: camel case on the wire, unknown properties refused.

    `PROTECTED` names wire properties which exist on the item but can't be set by this call: they
    answer 403, or are dropped where the platform ignores them (spec api-data §1.11).
    `IGNORED` names properties that are accepted and dropped. `NULL_IS_ABSENT` tells that null means the
    same as leaving a property out, where nothing could be removed by it (spec api-data §1.7).
    """

    PROTECTED: ClassVar[frozenset[str]] = frozenset()
    IGNORED: ClassVar[frozenset[str]] = frozenset()
    NULL_IS_ABSENT: ClassVar[bool] = False


class Nothing(Input, frozen=True):
    """No parameters; tolerates any (used where the contract ignores unknown query parameters)."""


def told(text: str) -> Meta:
    """For `Annotated`: what a parameter means, for people who use the API."""
    return Meta(description=text)


NonEmpty = Annotated[str, Meta(min_length=1)]
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
Label = Annotated[str, Meta(max_length=LONGEST_NAME)]  # a name that may be empty
NonNegative = Annotated[int, Meta(ge=0)]
ClientData = dict[str, Any]
