"""One entry in words: rows of lists, and everything that is known of it (ui §4.8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from events import types
from events.dashboard.charts import number_text
from events.dashboard.periods import local_time
from events.dashboard.texts import note_html, note_words
from events.keeping.rules import as_json, words
from events.units import FIELD_UNITS, measured
from pryvsite.kernel.clock import now

Wire = Mapping[str, Any]
SHORT = 140  # characters of a text in a list
DEEPEST = 6  # levels of a content that are shown as a list
NOTES = ("note/txt", "note/text", "note/html")
ACTIVITIES = ("activity/plain", "activity/pryv")


@dataclass(frozen=True)
class Row:
    """An entry in a list."""

    id: str
    url: str
    title: str
    meta: str
    when: str
    iso: str
    icon: str
    thumb: str = ""


@dataclass(frozen=True)
class Fact:
    """A name and a value; nested ones have parts."""

    name: str
    value: str = ""
    parts: Sequence["Fact"] = ()


@dataclass(frozen=True)
class Shown:
    """An entry as its page shows it."""

    kind: str
    title: str
    when: str
    iso: str
    unit: str = ""
    text: str = ""
    html: str = ""  # of a note, cleaned
    lasts: str = ""
    ends: str = ""
    running_since: float | None = None
    link: str = ""
    facts: Sequence[Fact] = ()
    files: list[dict[str, Any]] = field(default_factory=list)
    place: tuple[float, float] | None = None


def moment_text(moment: float, zone: ZoneInfo) -> str:
    """A date and time in words, without the year when it is this one."""
    at = local_time(moment, zone)
    if at is None:
        return f"{number_text(moment)} s from 1970"
    year = "" if at.year == datetime.fromtimestamp(now(), zone).year else f" {at.year}"
    return f"{at:%a} {at.day} {at:%b}{year}, {at:%H:%M}"


def length_text(seconds: float) -> str:
    """A length of time in its two largest units."""
    whole = round(seconds)
    days, hours, minutes = whole // 86400, whole % 86400 // 3600, whole % 3600 // 60
    if days:
        return f"{number_text(days)} d {hours} h"
    if hours:
        return f"{hours}:{minutes:02} h"
    return f"{minutes}:{whole % 60:02} min"


def kind_of(event: Wire) -> str:
    """How the content is shown."""
    event_type, content = str(event["type"]), event.get("content")
    files = event.get("attachments") or []
    media = str(files[0]["type"]).partition("/")[0] if files else ""
    if event_type.startswith(types.SERIES):
        return "series"
    if event_type in NOTES:
        return "note"
    if media in ("image", "audio", "video") and not isinstance(content, int | float):
        return {"image": "picture"}.get(media, media)
    if event_type in ACTIVITIES:
        return "activity"
    if place_of(event) is not None:
        return "position"
    if isinstance(content, bool):
        return "text"
    if isinstance(content, int | float):
        return "number"
    if isinstance(content, str):
        return "link" if content.startswith(("http://", "https://")) else "text"
    if isinstance(content, dict):
        return "object"
    return "file" if files else "other"


ICONS = {"note": "note", "picture": "picture", "number": "number", "object": "number", "position": "pin",
         "activity": "clock", "file": "file", "link": "link", "series": "heart"}  # fmt: skip


def place_of(event: Wire) -> tuple[float, float] | None:
    """Latitude and longitude of a position."""
    content = event.get("content")
    if event["type"] != "position/wgs84" or not isinstance(content, dict):
        return None
    lat, lon = content.get("latitude"), content.get("longitude")
    return (lat, lon) if isinstance(lat, int | float) and isinstance(lon, int | float) else None


def title_of(event: Wire) -> str:
    """What an entry says, in one line."""
    content, kind = event.get("content"), kind_of(event)
    files = event.get("attachments") or []
    description = str(event.get("description") or "")
    if kind == "note":
        return _first_line(note_words(event)) or description or "Empty note"
    if kind in ("picture", "audio", "video", "file"):
        return description or ", ".join(str(f["fileName"]) for f in files) or "File"
    if kind == "number":
        value, unit = measured(str(event["type"]), content)  # type: ignore[arg-type]
        return f"{number_text(value)} {unit}"
    if kind == "position":
        lat, lon = place_of(event) or (0, 0)
        return f"{lat:.5f}, {lon:.5f}"
    if kind == "activity":
        return description or _lasting(event)
    if kind == "object":
        return _object_line(event)
    if kind == "series":
        return description or types.class_name(
            str(event["type"]).removeprefix(types.SERIES).partition("/")[0]
        )
    if isinstance(content, bool):
        return description or ("Yes" if content else "No")
    if isinstance(content, str) and content:
        return content[:SHORT]
    return description or types.name_of(str(event["type"]))


def _first_line(text: str) -> str:
    lines = (line.strip("#>*- \t") for line in text.splitlines())
    return next((line[:SHORT] for line in lines if line), "")


def _object_line(event: Wire) -> str:
    content: Mapping[str, Any] = event["content"]
    units = FIELD_UNITS.get(str(event["type"]), {})
    groups: dict[str, list[str]] = {}
    for name in types.number_fields(str(event["type"])):
        if isinstance(content.get(name), int | float):
            groups.setdefault(units.get(name, ""), []).append(number_text(content[name]))
    if groups:
        return ", ".join(f"{' / '.join(values)} {unit}".strip() for unit, values in groups.items())
    texts = [str(value) for value in content.values() if isinstance(value, str) and value]
    return " · ".join(texts[:2])[:SHORT] or types.name_of(str(event["type"]))


def _lasting(event: Wire) -> str:
    duration = event.get("duration", 0)
    if duration is None:
        return f"Running, {length_text(max(0.0, now() - event['time']))} so far"
    return length_text(duration) if duration else "A moment"


def row(event: Wire, base: str, query: str, names: Mapping[str, str], zone: ZoneInfo) -> Row:
    """An entry in a list; `query` is the list's own, so that a click keeps it."""
    kind = kind_of(event)
    files = event.get("attachments") or []
    thumb = ""
    if kind == "picture":
        small = event["type"] == "picture/attached"
        thumb = f"{base}/picture/{event['id']}" if small else f"{base}/file/{event['id']}/{files[0]['id']}"
    streams = ", ".join(names.get(sid, sid) for sid in event["streamIds"])
    meta = _lasting(event) if kind == "activity" and event.get("description") else streams
    when = moment_text(event["time"], zone)
    at = local_time(event["time"], zone)
    url = f"{base}/event/{event['id']}{query}"
    return Row(
        event["id"],
        url,
        title_of(event),
        meta,
        when,
        at.isoformat() if at else "",
        ICONS.get(kind, "file"),
        thumb,
    )


def shown(event: Wire, base: str, zone: ZoneInfo) -> Shown:
    """Everything a page says about an entry."""
    kind, content = kind_of(event), event.get("content")
    at = local_time(event["time"], zone)
    duration = event.get("duration", 0)
    facts: list[Fact] = []
    if kind == "object" and isinstance(content, dict):
        facts = facts_of(content, FIELD_UNITS.get(str(event["type"]), {}))
    elif kind == "position" and isinstance(content, dict):
        rest = {name: value for name, value in content.items() if name not in ("latitude", "longitude")}
        facts = facts_of(rest, FIELD_UNITS["position/wgs84"])
    elif kind == "other" and content is not None:
        facts = [Fact("Content", as_json(content))]
    files = [
        {
            **file,
            "url": f"{base}/file/{event['id']}/{file['id']}",
            "media": str(file["type"]).partition("/")[0],
        }
        for file in event.get("attachments") or []
    ]
    title, unit = title_of(event), ""
    if kind == "number":
        value, unit = measured(str(event["type"]), content)  # type: ignore[arg-type]
        title = number_text(value)
    return Shown(
        kind=kind,
        title=title,
        when=f"{at:%A} {at.day} {at:%B %Y}, {at:%H:%M}" if at else moment_text(event["time"], zone),
        iso=at.isoformat() if at else "",
        unit=unit,
        html=note_html(event) if kind == "note" else "",
        text=str(content) if kind in ("note", "text") and isinstance(content, str) else "",
        lasts=length_text(duration) if duration else "",
        ends=moment_text(event["time"] + duration, zone) if duration else "",
        running_since=event["time"] if duration is None else None,
        link=str(content) if kind == "link" else "",
        facts=facts,
        files=files,
        place=place_of(event),
    )


def facts_of(content: Mapping[str, Any], units: Mapping[str, str], depth: int = 0) -> list[Fact]:
    """A content as nested names and values."""
    return [
        _fact(words(str(name)), value, units.get(str(name), ""), depth) for name, value in content.items()
    ]


def _fact(name: str, value: Any, unit: str, depth: int) -> Fact:
    if isinstance(value, dict) and value and depth < DEEPEST:
        return Fact(name, parts=facts_of(value, {}, depth + 1))
    if isinstance(value, list) and value and depth < DEEPEST:
        parts = [_fact(str(number), inner, "", depth + 1) for number, inner in enumerate(value, 1)]
        return Fact(name, parts=parts)
    return Fact(name, f"{value_text(value)} {unit}".strip())


def value_text(value: Any) -> str:
    """A plain value in words."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return number_text(value)
    return value if isinstance(value, str) else as_json(value)
