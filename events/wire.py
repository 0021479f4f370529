"""Events in their wire form: order, empty fields, integrity, what is stored of them (spec api-data §3.1)."""

from math import isfinite
from typing import Any

import msgspec

from pryvsite.kernel.errors import InvalidParameters
from pryvsite.kernel.integrity import event_integrity

Wire = dict[str, Any]
ORDER = (
    "id", "streamIds", "time", "duration", "type", "content", "description", "clientData", "trashed",
    "attachments", "integrity", "created", "createdBy", "modified", "modifiedBy",
)  # fmt: skip
NUMBERS = frozenset({"time", "duration", "created", "modified"})


def sealed(event: Wire) -> Wire:
    """The event in its wire order, without empty fields, with its integrity hash."""
    shown = {name: _plain(name, event.get(name)) for name in ORDER if _is_shown(name, event)}
    shown["integrity"] = event_integrity(shown)
    return shown


def _is_shown(name: str, event: Wire) -> bool:
    value = event.get(name)
    if name == "duration":
        return name in event and value != 0  # null is shown: running
    if name == "content":
        return value is not None  # 0, false and [] are contents like others
    return name == "integrity" or not (value is None or value is False or value == [])


def _plain(name: str, value: Any) -> Any:
    """Whole seconds as JavaScript writes them: 1700000000 rather than 1700000000.0."""
    whole = name in NUMBERS and isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return int(value) if whole else value


def columns(event: Wire) -> dict[str, Any]:
    """What is stored of an event: the text, and its projections. Raises InvalidParameters where the end
    is no number any more: it would be taken for none."""
    duration = event.get("duration", 0)
    end = None if duration is None else event["time"] + duration
    if end is not None and not isfinite(end):
        entry = {"code": "MAXIMUM", "message": "The end is too far away.", "params": [], "path": "#/duration"}
        raise InvalidParameters(data=[entry])
    return {
        "time": event["time"],
        "end_time": end,
        "type": event["type"],
        "trashed": event.get("trashed", False),
        "modified": event["modified"],
        "has_files": bool(event.get("attachments")),
        "wire": msgspec.json.encode(event).decode(),
    }
