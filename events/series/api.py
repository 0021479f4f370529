"""The series endpoints; HTTP only (spec api-data §4.3–4.6)."""

from collections.abc import Sequence

from django.db import transaction
from django.http import HttpResponseBase

from events.results import SeriesRead, SeriesWritten
from events.series import codec, operations
from events.series.inputs import FlatJson, SeriesBatch, SeriesWindow
from events.series.operations import Write
from pryvsite.api.bodies import whole_body
from pryvsite.api.envelope import answer
from pryvsite.api.http import Call
from pryvsite.api.parse import number
from pryvsite.api.registry import endpoint
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import (
    ApiError,
    InvalidOperation,
    InvalidParameters,
    MissingHeader,
    MissingHeaderToRead,
    MissingToken,
    UnknownResource,
)
from pryvsite.kernel.group_commit import GroupCommit
from pryvsite.kernel.ports import ports

TOGETHER = 16  # calls that one transaction carries


def _actor(call: Call, method_id: str, missing: type[MissingHeader]) -> Actor:
    """Without token these endpoints answer in their own way (spec api-data §4.6)."""
    try:
        actor = call.actor()
    except MissingToken:
        raise missing from None
    ports.authenticator.used(actor, method_id)
    return actor


@endpoint(
    "series.write",
    "POST",
    "events/{id}/series",
    body=FlatJson,
    answers={200: SeriesWritten},
    errors=(MissingHeader, InvalidOperation, UnknownResource),
)
def write(call: Call) -> HttpResponseBase:
    """Write points of one series."""
    actor = _actor(call, "series.write", MissingHeader)
    return _written(call, actor, [(call.params["id"], codec.read_flat(whole_body(call.request)))])


@endpoint(
    "series.batch",
    "POST",
    "series/batch",
    body=SeriesBatch,
    answers={200: SeriesWritten},
    errors=(MissingHeader, InvalidOperation, UnknownResource),
)
def write_batch(call: Call) -> HttpResponseBase:
    """Write points of several series."""
    actor = _actor(call, "series.batch", MissingHeader)
    return _written(call, actor, codec.read_batch(whole_body(call.request)))


def _written(call: Call, actor: Actor, entries: list[tuple[str, codec.Flat]]) -> HttpResponseBase:
    _group_commit.run(actor.account_id, Write(actor, entries))
    return answer(call.request, {"status": "ok"})


def _stored(calls: Sequence[Write]) -> list[ApiError | None]:
    with transaction.atomic(durable=True):
        return operations.write(calls)


_group_commit = GroupCommit(_stored, TOGETHER)


@endpoint(
    "series.read",
    "GET",
    "events/{id}/series",
    query=SeriesWindow,
    answers={200: SeriesRead},
    errors=(MissingHeaderToRead, InvalidOperation, UnknownResource),
)
def read(call: Call) -> HttpResponseBase:
    """Read points of a series."""
    actor = _actor(call, "series.read", MissingHeaderToRead)
    start, end = _delta(call, "fromDeltaTime"), _delta(call, "toDeltaTime")
    if start is not None and end is not None and end < start:
        raise InvalidParameters("toDeltaTime is smaller than fromDeltaTime.")
    found = operations.read(actor, call.params["id"], start, end)
    return answer(call.request, found)


def _delta(call: Call, name: str) -> float | None:
    text = call.request.GET.get(name)
    if text is None:
        return None
    value = number(text)
    if isinstance(value, str) or abs(value) > codec.LARGEST:
        raise InvalidParameters(f"{name} must be a number.")
    return float(value)
