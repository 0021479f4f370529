"""The series endpoints; HTTP only (spec api-data §4.3–4.6)."""

from typing import Any

from django.db import transaction
from django.http import HttpResponseBase

from events.results import SeriesRead, SeriesWritten
from events.series import operations
from events.series.inputs import FlatJson, SeriesBatch, SeriesWindow
from pryvsite.api.envelope import answer
from pryvsite.api.http import Call
from pryvsite.api.parse import decode_json, number
from pryvsite.api.registry import endpoint
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import (
    InvalidOperation,
    InvalidParameters,
    InvalidRequestStructure,
    MissingHeader,
    MissingToken,
    UnknownResource,
)
from pryvsite.kernel.ports import ports


def _actor(call: Call, method_id: str, *, status: int) -> Actor:
    """Without token these endpoints answer in their own way (spec api-data §4.6)."""
    try:
        actor = call.actor()
    except MissingToken:
        raise MissingHeader(status=status) from None
    ports.authenticator.used(actor, method_id)
    return actor


def _body(call: Call) -> Any:
    if not call.request.body:
        raise InvalidRequestStructure("The request's body is empty.")
    return decode_json(call.request.body)


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
    actor = _actor(call, "series.write", status=400)
    body = _body(call)
    with transaction.atomic(durable=True):
        operations.write(actor, call.params["id"], body)
    return answer(call.request, {"status": "ok"})


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
    actor = _actor(call, "series.batch", status=400)
    entries = operations.batch_entries(_body(call))
    with transaction.atomic(durable=True):
        operations.write_batch(actor, entries)
    return answer(call.request, {"status": "ok"})


@endpoint(
    "series.read",
    "GET",
    "events/{id}/series",
    query=SeriesWindow,
    answers={200: SeriesRead},
    errors=(MissingHeader, InvalidOperation, UnknownResource),
)
def read(call: Call) -> HttpResponseBase:
    """Read points of a series."""
    actor = _actor(call, "series.read", status=401)
    start, end = _delta(call, "fromDeltaTime"), _delta(call, "toDeltaTime")
    if start is not None and end is not None and end < start:
        raise InvalidParameters("toDeltaTime is smaller than fromDeltaTime.")
    return answer(call.request, operations.read(actor, call.params["id"], start, end))


def _delta(call: Call, name: str) -> float | None:
    text = call.request.GET.get(name)
    if text is None:
        return None
    value = number(text)
    if isinstance(value, str):
        raise InvalidParameters(f"{name} must be a number.")
    return float(value)
