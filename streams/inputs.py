"""Parameters of the stream methods (spec api-data §2.3–2.6)."""

from typing import Annotated, Any, ClassVar, Literal

from pryvsite.kernel.errors import InvalidRequestStructure
from pryvsite.kernel.inputs import UNSET, ClientData, Input, Name, NonEmpty, UnsetType, told

MAX_NESTING = 150  # levels of objects and lists in one value
TRACKING = frozenset({"created", "createdBy", "modified", "modifiedBy"})


class StreamsGet(Input, frozen=True):
    """Which trees to list."""

    NULL_IS_ABSENT: ClassVar[bool] = True

    parent_id: Annotated[str | UnsetType, told("List what is below this stream.")] = UNSET
    id: Annotated[str | UnsetType, told("List this stream and what is below it.")] = UNSET
    state: Annotated[Literal["default", "all"], told("Whether the trash is listed too.")] = "default"
    include_deletions_since: Annotated[
        float | UnsetType, told("Also list the streams deleted after this time.")
    ] = UNSET


class StreamCreate(Input, frozen=True):
    """A new stream; `children` is accepted and ignored."""

    IGNORED: ClassVar[frozenset[str]] = TRACKING | {"children"}

    name: Annotated[Name, told("Unique among the streams beside it.")]
    id: Annotated[Name | None, told("Made by the server without it; made fit for URLs.")] = None
    parent_id: Annotated[NonEmpty | None, told("The stream above; null at the root.")] = None
    client_data: Annotated[ClientData | None, told("What apps keep with it.")] = None
    trashed: Annotated[bool | None, told("Whether it begins in the trash.")] = None


class StreamUpdate(Input, frozen=True):
    """What changes; absent stays."""

    PROTECTED: ClassVar[frozenset[str]] = TRACKING | {"id", "children", "childrenHidden"}

    name: Annotated[Name | UnsetType, told("Unique among the streams beside it.")] = UNSET
    parent_id: Annotated[NonEmpty | UnsetType | None, told("The stream above; null at the root.")] = UNSET
    client_data: Annotated[
        ClientData | UnsetType | None, told("Keys to set; null removes one, or all in place of the object.")
    ] = UNSET
    trashed: Annotated[bool | UnsetType | None, told("Into the trash, or back.")] = UNSET


class StreamUpdateCall(Input, frozen=True):
    """Which stream, and what changes."""

    id: str
    update: StreamUpdate


class StreamDelete(Input, frozen=True):
    """Which stream, and what becomes of its events at the second call."""

    NULL_IS_ABSENT: ClassVar[bool] = True

    id: str
    merge_events_with_parent: Annotated[
        bool | UnsetType, told("At the second call: move events to the stream above, or delete them.")
    ] = UNSET


def check_nesting(value: object) -> None:
    """Refuse values that are nested too deeply to be hashed and shown. Raises InvalidRequestStructure."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_NESTING:
            raise InvalidRequestStructure(f"Values can be nested {MAX_NESTING} levels deep.")
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]


def merged_client_data(old: dict[str, Any] | None, new: ClientData | None) -> dict[str, Any] | None:
    """Key by key: given keys overwrite, null removes one, null as a whole clears."""
    if new is None:
        return None
    check_nesting(new)
    merged = {**(old or {}), **new}
    return {key: value for key, value in merged.items() if value is not None}
