"""Several calls in one request (spec api-data §1.10)."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import msgspec

from pryvsite.api.envelope import Room
from pryvsite.api.execute import call_together
from pryvsite.api.registry import METHODS, Wire, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError, InvalidMethod
from pryvsite.kernel.inputs import Input
from pryvsite.kernel.results import Result

TOGETHER = 100  # calls of one method that may share a transaction


class BatchItem(msgspec.Struct, frozen=True, forbid_unknown_fields=False):
    """One call of a batch."""

    method: str
    params: dict[str, Any] | list[Any]


class Batch(Input, frozen=True):
    """The whole batch; HTTP wraps the array under `calls`."""

    calls: list[BatchItem]


class BatchDone(Result, frozen=True):
    """The answers of the calls in their order, each what the method answers or an error, without `meta`."""

    results: list[dict[str, Any]]


@method("callBatch", ("POST", ""), input=Batch, result=BatchDone)
def call_batch(actor: Actor, batch: Batch) -> Wire:
    """Run the calls one after the other; a failing one doesn't stop the others."""
    inner = replace(actor, via="batch")
    results: list[Wire] = []
    room = Room()
    for method_id, run in groupby(batch.calls, key=lambda item: item.method):
        items = list(run)
        for start in range(0, len(items), TOGETHER):
            results += _answers(inner, method_id, items[start : start + TOGETHER], room)
    return {"results": results}


def _answers(actor: Actor, method_id: str, items: Sequence[BatchItem], room: Room) -> list[Wire]:
    found = METHODS.get(method_id)
    # Methods of the platform have no account to act on, and a batch has one token for all.
    if found is None or found.allow in ("open", "operator") or method_id == "callBatch":
        return [{"error": InvalidMethod(method_id).body()} for _ in items]
    done = call_together(method_id, actor, [item.params for item in items], room)
    return [{"error": one.body()} if isinstance(one, ApiError) else one for one in done]
