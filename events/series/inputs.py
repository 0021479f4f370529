"""Parameters of the series endpoints, as they are told to clients; `codec` checks them (spec api-data §4)."""

from typing import Annotated, Literal

from pryvsite.kernel.inputs import UNSET, Input, UnsetType, told


class FlatJson(Input, frozen=True):
    """Points as rows of `fields`, one of which is `deltaTime` or `timestamp`, in seconds."""

    format: Literal["flatJSON"]
    fields: list[str]
    points: list[list[float | str | bool | None]]


class SeriesOfEvent(Input, frozen=True):
    """The points of one event."""

    event_id: str
    data: FlatJson


class SeriesBatch(Input, frozen=True):
    """The points of several events; all are stored or none."""

    format: Literal["seriesBatch"]
    data: list[SeriesOfEvent]


class SeriesWindow(Input, frozen=True):
    """From when (inclusive) to when (exclusive), in seconds since the event's time."""

    from_delta_time: Annotated[float | UnsetType, told("The first point at this time or after.")] = UNSET
    to_delta_time: Annotated[float | UnsetType, told("The last point before this time.")] = UNSET
