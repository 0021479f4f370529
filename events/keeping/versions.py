"""What changed between two versions of an entry, in words (ui §4.8)."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from events.keeping.rules import as_json, words
from events.keeping.show import length_text, moment_text, value_text

Wire = Mapping[str, Any]
SHOWN = (
    "content",
    "description",
    "time",
    "duration",
    "type",
    "streamIds",
    "clientData",
    "attachments",
    "trashed",
)
NAMES = {
    "streamIds": "Streams",
    "clientData": "Client data",
    "attachments": "Files",
    "trashed": "In the trash",
}
LONGEST = 4000  # characters of a text that are compared word by word


@dataclass(frozen=True)
class Part:
    """A piece of text: kept (""), taken away ("del") or added ("ins")."""

    mark: str
    text: str


@dataclass(frozen=True)
class Change:
    """One property that changed."""

    name: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Version:
    """An earlier version; `changes` lead from it to the next one."""

    number: int
    who: str
    when: str
    did: str
    changes: Sequence[Change]


def changes(old: Wire, new: Wire, names: Mapping[str, str], zone: ZoneInfo) -> list[Change]:
    """What differs, property by property."""
    found = []
    for name in SHOWN:
        a, b = old.get(name), new.get(name)
        if a == b:
            continue
        if name == "content" and isinstance(a, dict) and isinstance(b, dict):
            keys = dict.fromkeys([*a, *b])
            found += [
                Change(
                    words(key),
                    _parts(value_text(a[key]) if key in a else "", value_text(b[key]) if key in b else ""),
                )
                for key in keys
                if a.get(key) != b.get(key)
            ]
        else:
            label = NAMES.get(name, words(name))
            found.append(Change(label, _parts(_text(name, a, names, zone), _text(name, b, names, zone))))
    return found


def _text(name: str, value: Any, names: Mapping[str, str], zone: ZoneInfo) -> str:
    if name == "trashed":
        return "Yes" if value else "No"
    if name == "duration":
        return "Running" if value is None else length_text(value) if value else "A moment"
    if value is None:
        return ""
    if name == "time":
        return moment_text(value, zone)
    if name == "streamIds":
        return ", ".join(names.get(sid, sid) for sid in value)
    if name == "attachments":
        return ", ".join(str(file["fileName"]) for file in value)
    return as_json(value) if isinstance(value, dict | list) else value_text(value)


def _parts(old: str, new: str) -> list[Part]:
    """Old and new as one text with marks, word by word."""
    if max(len(old), len(new)) > LONGEST:
        return [Part("del", old[:LONGEST]), Part("ins", new[:LONGEST])]
    a, b = re.findall(r"\s+|[^\s]+", old), re.findall(r"\s+|[^\s]+", new)
    found: list[Part] = []
    for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Part("", "".join(a[a1:a2])))
            continue
        found += [Part("del", "".join(a[a1:a2]))] if a1 < a2 else []
        found += [Part("ins", "".join(b[b1:b2]))] if b1 < b2 else []
    return found
