"""What can be chosen while adding: kinds, types, streams."""

from collections.abc import Iterable, Sequence
from typing import Any

from events import types
from events.dashboard.colours import colours_of, sheet_query
from events.units import FIELD_UNITS
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor

# kind: (name, icon, its usual type)
KINDS = {
    "note": ("Note", "note", "note/txt"),
    "number": ("Number", "number", "mass/kg"),
    "picture": ("Pictures", "picture", "picture/attached"),
    "position": ("Position", "pin", "position/wgs84"),
    "activity": ("Activity", "clock", "activity/plain"),
    "file": ("File", "file", "file/attached"),
    "link": ("Link", "link", "url/http"),
    "other": ("Other", "more", "music/basic"),
}
RECENT = 6  # types used lately that come first
LOOK_BACK = 100  # events looked through for them
ATTACHED = {"image": "picture/attached", "audio": "audio/attached", "video": "video/attached"}
Group = tuple[str, list[tuple[str, str]]]


def type_of_file(content_type: str) -> str:
    """The type of an event that holds one file."""
    return ATTACHED.get(content_type.partition("/")[0], "file/attached")


def kind_of_type(event_type: str) -> str:
    """The kind under which a type is edited."""
    usual = {of: kind for kind, (_, _, of) in KINDS.items() if kind != "other"}
    if event_type in usual:
        return usual[event_type]
    return "number" if types.is_number(event_type) or types.number_fields(event_type) else "other"


def recent_types(actor: Actor) -> list[str]:
    """Types of the newest entries, each once, the latest first."""
    found = execute("events.get", actor, {"limit": LOOK_BACK})["events"]
    return list(dict.fromkeys(event["type"] for event in found))


def type_groups(kind: str, recent: Iterable[str]) -> list[Group]:
    """Types of a kind by class, those used lately first."""
    fits = _is_measure if kind == "number" else _is_any
    lately = [(t, _short(t)) for t in recent if fits(t)][:RECENT]
    groups: dict[str, list[tuple[str, str]]] = {}
    for event_type in types.all_types():
        if fits(event_type):
            name = types.class_name(event_type.partition("/")[0])
            groups.setdefault(name, []).append((event_type, _long(event_type)))
    by_class = [(name, sorted(members, key=lambda m: m[1])) for name, members in sorted(groups.items())]
    return [("Used lately", lately), *by_class] if lately else by_class


def _is_measure(event_type: str) -> bool:
    measured = bool(types.number_fields(event_type)) and event_type != "position/wgs84"
    return types.is_number(event_type) or measured


def _is_any(event_type: str) -> bool:
    return types.is_known(event_type) and not event_type.endswith("*")


def _short(event_type: str) -> str:
    name = types.class_name(event_type.partition("/")[0])
    if types.is_number(event_type):
        return f"{name} ({types.unit_of(event_type)})"
    return _long(event_type) if _is_measure(event_type) else f"{name}: {_long(event_type)}"


def _long(event_type: str) -> str:
    name, unit = types.name_of(event_type), types.unit_of(event_type)
    if name == event_type:
        name = types.class_name(event_type.partition("/")[0])
        units = list(dict.fromkeys(FIELD_UNITS.get(event_type, {}).values()))
        return f"{name} ({', '.join(units[:2])})" if units else f"{name}, {event_type.partition('/')[2]}"
    if not types.is_number(event_type):
        return name
    group = types.class_name(event_type.partition("/")[0])
    return f"{group}: {name} ({unit})" if unit != name else f"{group}: {name}"


def names_of(trees: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Stream names by id."""
    names: dict[str, str] = {}
    waiting = list(trees)
    while waiting:
        node = waiting.pop()
        names[node["id"]] = node["name"]
        waiting.extend(node["children"])
    return names


def stream_rows(trees: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The trees as rows in reading order, each with depth, path and colour; trashed ones left out."""
    rows: list[dict[str, Any]] = []
    colours = colours_of(trees)
    for tree in trees:
        waiting = [(tree, 0, "")]
        while waiting:
            node, depth, above = waiting.pop()
            if node.get("trashed"):
                continue
            path = f"{above} / {node['name']}" if above else node["name"]
            rows.append({"id": node["id"], "name": node["name"], "depth": min(depth, 6), "path": path,
                         "colour": colours[node["id"]]})  # fmt: skip
            waiting.extend((child, depth + 1, path) for child in reversed(node["children"]))
    return rows


def sheet_of(rows: Sequence[dict[str, Any]]) -> str:
    """What the style sheet of colours that people chose themselves is asked with."""
    return sheet_query(row["colour"] for row in rows)
