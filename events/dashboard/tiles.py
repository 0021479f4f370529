"""Single events in words (ui §4.5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from events import types
from events.dashboard.charts import number_text
from events.dashboard.periods import Period
from events.units import measured

Wire = Mapping[str, Any]


def names_of(trees: Sequence[Wire]) -> dict[str, str]:
    """Stream names by id."""
    names: dict[str, str] = {}
    waiting = list(trees)
    while waiting:
        node = waiting.pop()
        names[node["id"]] = node["name"]
        waiting.extend(node["children"])
    return names


def present(event: Wire, period: Period, username: str, names: Mapping[str, str]) -> dict[str, Any]:
    """One event in a list."""
    moment = datetime.fromtimestamp(event["time"], period.zone)
    content = event.get("content")
    item = {
        "id": event["id"],
        "time": f"{moment:%a} {moment.day} {moment:%b}, {moment:%H:%M}",
        "iso": moment.isoformat(),
        "url": f"/u/{username}/event/{event['id']}",
        "text": plain_text(event),
        "description": event.get("description") or "",
        "streams": ", ".join(names.get(sid, sid) for sid in event["streamIds"]),
    }
    files = event.get("attachments") or []
    if files and str(files[0]["type"]).startswith("image/"):
        item["picture"] = f"/u/{username}/file/{event['id']}/{files[0]['id']}"
        small = event["type"] == "picture/attached"
        item["sized"] = small
        item["thumbnail"] = f"/u/{username}/picture/{event['id']}" if small else item["picture"]
    if types.is_position(content) and isinstance(content, dict):
        item["text"] = f"{content['latitude']:.5f}, {content['longitude']:.5f}"
    return item


def plain_text(event: Wire) -> str:
    """What an event says in one line of text."""
    content = event.get("content")
    event_type = str(event["type"])
    if event_type.startswith(types.SERIES):
        return types.class_name(event_type.removeprefix(types.SERIES).partition("/")[0])
    if isinstance(content, str):
        return content
    if isinstance(content, bool):
        return "Yes" if content else "No"
    if isinstance(content, int | float):
        value, unit = measured(event_type, content)
        return f"{number_text(value)} {unit}"
    if isinstance(content, dict):
        return ", ".join(f"{name} {short(value)}" for name, value in list(content.items())[:6])
    files = event.get("attachments") or []
    if files:
        return ", ".join(str(file["fileName"]) for file in files)
    return str(event.get("description") or types.name_of(event_type))


def short(value: Any) -> str:
    """A value in a few characters."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    return str(value)[:80]
