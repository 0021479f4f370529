"""What the stream methods answer (spec api-data §2)."""

from typing import Any, Literal

from pryvsite.kernel.results import UNSET, Deleted, DeletedAt, Result, Tracked, UnsetType


class Stream(Tracked, frozen=True):
    """A named folder of events (spec api-data §2.1)."""

    id: str
    name: str
    parent_id: str | None
    client_data: dict[str, Any] | UnsetType = UNSET
    trashed: Literal[True] | UnsetType = UNSET


class StreamTree(Stream, frozen=True, kw_only=True):
    """A stream with those below it, by name."""

    children: list["StreamTree"]
    children_hidden: Literal[True] | UnsetType = UNSET


class StreamsGot(Result, frozen=True):
    """Trees of streams, and which streams were deleted since the time asked for."""

    streams: list[StreamTree]
    stream_deletions: list[DeletedAt] | UnsetType = UNSET


class StreamKept(Result, frozen=True):
    """The stream as it is now."""

    stream: Stream


class EventOfDeletedStream(Result, frozen=True):
    """What became of an event when its stream was deleted."""

    action: Literal["mergedToParent", "deleted", "updatedStreamIds"]
    id: str


class StreamDropped(Result, frozen=True):
    """The stream in the trash (first call), or its deletion (second call)."""

    stream: Stream | UnsetType = UNSET
    stream_deletion: Deleted | UnsetType = UNSET
    updated_events: list[EventOfDeletedStream] | UnsetType = UNSET
