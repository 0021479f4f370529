"""Several calls in one request (spec api-data §1.10)."""

from dataclasses import replace
from typing import Any

import msgspec

from pryvsite.api.envelope import materialised
from pryvsite.api.errors import as_api_error
from pryvsite.api.execute import call
from pryvsite.api.registry import METHODS, Wire, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidMethod
from pryvsite.kernel.inputs import Input
from pryvsite.kernel.results import Result


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
    return {"results": [_attempt(inner, item) for item in batch.calls]}


def _attempt(actor: Actor, item: BatchItem) -> Wire:
    try:
        found = METHODS.get(item.method)
        # Methods of the platform have no account to act on, and a batch has one token for all.
        if found is None or found.allow == "open" or item.method == "callBatch":
            raise InvalidMethod(item.method)
        return materialised(call(item.method, actor, item.params))
    except Exception as error:
        return {"error": as_api_error(error).body()}
