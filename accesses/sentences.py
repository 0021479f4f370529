"""Permissions in words; the one place where a level becomes a sentence (ui §3.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pryvsite.kernel.permissions import EVERYTHING, Level
from streams.tree import Tree

VERBS = {
    Level.READ: ("See", "entries in", "past and future", "cannot change or add anything"),
    Level.CONTRIBUTE: ("See, add, edit and delete entries", "in", "", "cannot change the folders themselves"),
    Level.MANAGE: (
        "Everything in",
        "",
        "entries, and creating, renaming, moving and deleting what is below, and sharing it further",
        "cannot reach streams outside",
    ),
    Level.CREATE_ONLY: ("Add", "entries to", "", "cannot see existing entries"),
    Level.NONE: ("Keep out of", "", "an exception inside a wider permission", ""),
}
ORDER = [Level.MANAGE, Level.CONTRIBUTE, Level.CREATE_ONLY, Level.READ, Level.NONE]


@dataclass(frozen=True)
class Line:
    """One permission as shown."""

    verb: str
    link: str
    where: str
    more: str
    cannot: str
    chip: str = ""
    is_new: bool = False
    is_all: bool = False
    rank: int = 0


def lines(
    checked: Sequence[Mapping[str, Any]], tree: Tree, held: Sequence[Mapping[str, Any]] = ()
) -> list[Line]:
    """All permissions of a checked request, the widest first; `held` is what the app has already."""
    had = {entry["streamId"]: entry["level"] for entry in held if "streamId" in entry}
    found = [_line(entry, tree, had) for entry in checked]
    return sorted(found, key=lambda line: (not line.is_all, line.rank))


def _line(entry: Mapping[str, Any], tree: Tree, had: Mapping[str, str]) -> Line:
    if "feature" in entry:
        return _feature(entry)
    level = Level.of(entry["level"])
    verb, link, more, cannot = VERBS[level]
    stream_id = entry["streamId"]
    if stream_id == EVERYTHING:
        verb = verb.removesuffix(" in") if level is Level.MANAGE else verb
        return Line(verb, "in", "all your data, including streams you create later", "", "", is_all=True)
    where = _path(stream_id, tree) or str(entry.get("defaultName") or stream_id)
    is_new = stream_id not in tree
    chip = _chip(entry, is_new, not is_new and tree.in_trash(stream_id), had)
    return Line(verb, link, where, more, cannot, chip, is_new, rank=ORDER.index(level))


def _path(stream_id: str, tree: Tree) -> str:
    names = [tree.nodes[sid].name for sid in tree.path(stream_id) if sid in tree]
    return " / ".join(reversed(names))


def _chip(entry: Mapping[str, Any], is_new: bool, trashed: bool, had: Mapping[str, str]) -> str:
    if is_new:
        return "New stream, will be created"
    if trashed:
        return "In trash, will be restored"
    before = had.get(entry["streamId"])
    if before == entry["level"]:
        return "Already allowed"
    return f"Changed from {before}" if before else ""


def _feature(entry: Mapping[str, Any]) -> Line:
    if entry["feature"] == "selfRevoke" and entry["setting"] == "forbidden":
        return Line("Only you can cancel this access", "", "", "the app itself cannot", "", rank=len(ORDER))
    return Line("Technical:", "", f"{entry['feature']} {entry['setting']}", "", "", rank=len(ORDER))


def duration_in_words(seconds: float) -> str:
    """A length of time in its largest unit."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = round(seconds / length)
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{round(seconds)} seconds"
