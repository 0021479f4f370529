"""Entries as CSV, line by line (ui §4.14)."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

CSV, NAME = "text/csv; charset=utf-8", "pryvsite-entries.csv"
COLUMNS = ("id", "streams", "streamIds", "time", "end", "type", "content", "description", "clientData",
           "attachments", "trashed", "created", "createdBy", "modified", "modifiedBy")  # fmt: skip
AT_ONCE = 200  # lines sent together
# What spreadsheets would run as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file whose `write` gives the text back."""

    def write(self, text: str) -> str:
        """The text."""
        return text


def lines(events: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Iterator[str]:
    """The head, then one line per entry; `names` are those of streams by id."""
    writer = csv.writer(_Echo())
    waiting = ["\ufeff", writer.writerow(COLUMNS)]
    for event in events:
        waiting.append(writer.writerow(_cells(event, names)))
        if len(waiting) >= AT_ONCE:
            yield "".join(waiting)
            waiting = []
    yield "".join(waiting)


def _cells(event: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    duration = event.get("duration", 0)
    files = "; ".join(str(file["fileName"]) for file in event.get("attachments", ()))
    cells = {
        "streams": "; ".join(names.get(sid, sid) for sid in event["streamIds"]),
        "streamIds": "; ".join(event["streamIds"]),
        "time": _iso(event["time"]),
        "end": "running" if duration is None else _iso(event["time"] + duration) if duration else "",
        "attachments": files,
        "created": _iso(event["created"]),
        "modified": _iso(event["modified"]),
    }
    return [_safe(cells[name] if name in cells else _text(event.get(name))) for name in COLUMNS]


def _iso(moment: float) -> str:
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return str(moment)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _safe(cell: str) -> str:
    """Text that no spreadsheet takes for a formula; numbers stay numbers."""
    if not cell.startswith(FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
