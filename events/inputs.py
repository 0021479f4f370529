"""Parameters of the event methods (spec api-data §3)."""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from pryvsite.kernel.inputs import (
    LONGEST_NAME,
    UNSET,
    ClientData,
    Input,
    NonEmpty,
    UnsetType,
    told,
)

TRACKING = frozenset({"created", "createdBy", "modified", "modifiedBy"})

# `$(?!\n)` because `$` alone matches before a final line feed too.
EventType = Annotated[str, Meta(pattern=r"^(series:)?[a-z0-9-]+/[a-z0-9-]+$(?!\n)", max_length=LONGEST_NAME)]
TypeFilter = Annotated[str, Meta(pattern=r"^(series:)?[a-z0-9-]+/(\*|[a-z0-9-]+)$(?!\n)")]
EventId = Annotated[
    str, Meta(pattern=r"^(c[a-z0-9-]{24}|[a-z][a-z0-9]{23}|:[a-z0-9-]+:[a-z0-9A-Z-]{1,256})$(?!\n)")
]
Count = Annotated[int, Meta(ge=0, le=2**53)]  # what both engines take for rows
StreamIds = Annotated[list[NonEmpty], Meta(min_length=1)]
Duration = Annotated[float, Meta(ge=0)]  # seconds
Pixels = Annotated[float, Meta(ge=0)]


class EventCreate(Input, frozen=True):
    """A new event."""

    IGNORED: ClassVar[frozenset[str]] = TRACKING | {"integrity"}

    stream_ids: Annotated[StreamIds, told("The streams that the event is in.")]
    type: Annotated[EventType, told("`class/format`; `series:class/format` for a series.")]
    id: Annotated[EventId | None, told("Without it the server makes one.")] = None
    time: Annotated[float | None, told("Now, unless given.")] = None
    duration: Annotated[Duration | UnsetType | None, told("Seconds; null while it goes on.")] = UNSET
    content: Annotated[Any, told("As the type has it.")] = None
    description: Annotated[str | None, told("A text for people.")] = None
    client_data: Annotated[ClientData | None, told("What apps keep with it.")] = None
    trashed: Annotated[bool | None, told("Whether it begins in the trash.")] = None


class EventUpdate(Input, frozen=True):
    """What changes; absent stays, null removes."""

    PROTECTED: ClassVar[frozenset[str]] = TRACKING | {"id", "attachments", "integrity"}

    stream_ids: Annotated[StreamIds | UnsetType, told("All streams that the event is in then.")] = UNSET
    type: Annotated[EventType | UnsetType, told("The content must fit it.")] = UNSET
    time: Annotated[float | UnsetType | None, told("When it begins; null: as it was.")] = UNSET
    duration: Annotated[Duration | UnsetType | None, told("Seconds; null while it goes on.")] = UNSET
    content: Annotated[Any, told("In place of the whole content.")] = UNSET
    description: Annotated[str | UnsetType | None, told("A text for people.")] = UNSET
    client_data: Annotated[
        ClientData | UnsetType | None, told("Keys to set; null removes one, or all in place of the object.")
    ] = UNSET
    trashed: Annotated[bool | UnsetType | None, told("Into the trash, or back.")] = UNSET


class EventUpdateCall(Input, frozen=True):
    """Which event, and what changes."""

    id: str
    update: EventUpdate


class EventTarget(Input, frozen=True):
    """Which event."""

    id: str


class EventGetOne(Input, frozen=True):
    """Which event, and whether with its previous versions."""

    NULL_IS_ABSENT: ClassVar[bool] = True

    id: str
    include_history: Annotated[bool, told("Also previous versions, where there are some.")] = False


class FileTarget(Input, frozen=True):
    """Which file of which event."""

    id: str
    file_id: str


STREAMS = (
    "Stream ids, each with the streams below it, or `id!` for it alone; or queries `{any, all, not}` of such "
    "lists. In a query string queries are written as JSON."
)
CONDITIONS = (
    "Up to 10 conditions that all hold: `{path, eq|neq|in|exists|gt|gte|lt|lte|prefix: value}`; the path is "
    "`$` or names joined by dots. In a query string they are written as JSON."
)
TEXTS = {"type": "array", "items": {"type": "string"}}  # as a query string has it
TEXT = {"type": "string"}


class EventsGet(Input, frozen=True):
    """Which events to list. `streams` is checked by `query.language`, conditions by `query.conditions`."""

    NULL_IS_ABSENT: ClassVar[bool] = True

    streams: Annotated[Any, Meta(description=STREAMS, extra_json_schema={"x-query": TEXTS})] = UNSET
    types: Annotated[list[TypeFilter] | None, told("`class/format`, or `class/*` for all formats.")] = None
    from_time: Annotated[float | None, told("Events that last to this time or longer.")] = None
    to_time: Annotated[float | None, told("Events that begin at this time or before.")] = None
    sort_ascending: Annotated[bool, told("Oldest first.")] = False
    skip: Annotated[Count, told("Events to leave out at the beginning.")] = 0
    limit: Annotated[Count | None, told("Events at most; 20 without a time and without a limit.")] = None
    state: Annotated[Literal["default", "trashed", "all"], told("What of the trash is listed.")] = "default"
    modified_since: Annotated[float | None, told("Events changed after this time.")] = None
    include_deletions: Annotated[bool, told("With `modifiedSince`: also what was deleted since.")] = False
    running: Annotated[bool, told("Only events that have no end yet.")] = False
    content: Annotated[Any, Meta(description=CONDITIONS, extra_json_schema={"x-query": TEXT})] = UNSET
    client_data: Annotated[Any, Meta(description=CONDITIONS, extra_json_schema={"x-query": TEXT})] = UNSET


class PreviewSize(Input, frozen=True):
    """The size asked for in px; the next standard above is made. Neither: a square of 256."""

    width: Annotated[Pixels | UnsetType, told("Pixels; made are 256, 512, 768 or 1024.")] = UNSET
    height: Annotated[Pixels | UnsetType, told("Pixels, likewise.")] = UNSET
    w: Annotated[Pixels | UnsetType, told("The same as `width`.")] = UNSET
    h: Annotated[Pixels | UnsetType, told("The same as `height`.")] = UNSET
