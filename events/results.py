"""What the event methods and endpoints answer (spec api-data §3, §4)."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from events.inputs import EventType
from pryvsite.kernel.results import UNSET, Deleted, DeletedAt, Result, Tracked, UnsetType, either


class Attachment(Result, frozen=True):
    """A file of an event; `readToken` opens it for the calling access."""

    id: str
    file_name: str
    type: str
    size: int
    read_token: str
    integrity: str


class Event(Tracked, frozen=True):
    """Something recorded (spec api-data §3.1). Without `duration` it has none; null means running."""

    id: str
    stream_ids: Annotated[list[str], Meta(min_length=1)]
    time: float
    type: EventType
    integrity: str | UnsetType = UNSET  # those of other stores have none
    duration: float | UnsetType | None = UNSET
    content: Any = UNSET
    description: str | UnsetType = UNSET
    client_data: dict[str, Any] | UnsetType = UNSET
    trashed: Literal[True] | UnsetType = UNSET
    attachments: list[Attachment] | UnsetType = UNSET


class EventsGot(Result, frozen=True):
    """Events in order of time, and which were deleted since the time asked for."""

    events: list[Event]
    event_deletions: list[DeletedAt] | UnsetType = UNSET


class EventVersion(Result, frozen=True, forbid_unknown_fields=False):
    """A previous version of an event; the platform may keep its authors only (spec api-data §3.11)."""

    id: str
    modified: float
    modified_by: str


class EventGot(Result, frozen=True):
    """One event, or since when it is deleted; its previous versions if asked for, oldest first."""

    event: Annotated[Any, either(Event, DeletedAt)]
    history: list[EventVersion] | UnsetType = UNSET


class EventKept(Result, frozen=True):
    """The event as it is now."""

    event: Event


class EventDropped(Result, frozen=True):
    """The event in the trash (first call), or its deletion (second call)."""

    event: Event | UnsetType = UNSET
    event_deletion: Deleted | UnsetType = UNSET


class SeriesWritten(Result, frozen=True):
    """All points are stored."""

    status: Literal["ok"]


class SeriesRead(Result, frozen=True):
    """Points of a series as rows of `fields`, in order of `deltaTime`."""

    format: Literal["flatJSON"]
    fields: list[str]
    points: list[list[float | str | bool | None]]
