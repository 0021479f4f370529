"""Permissions in words; the one place where a level becomes a sentence (ui §3.3).

Consent page, connected apps, receipts and mails all show these sentences.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from pryvsite.kernel.permissions import EVERYTHING, Level
from pryvsite.kernel.ports import ports
from streams.models import ROOT
from streams.tree import Tree


@dataclass(frozen=True)
class Words:
    """A level in words: what it lets do, and what not."""

    verb: str  # imperative, for the question
    link: str
    more: str
    cannot: str
    third: str  # "it …", for lists
    choice: str  # for a choice among levels


# All but `create-only` can be handed on; that ends with the access itself (spec api-access §3.3, §3.8).
SHARING = "can let others do the same or less, while it can itself"
BELOW = f"and everything under it, past and future; {SHARING}"
WORDS = {
    Level.READ: Words(
        verb="See",
        link="entries in",
        more=BELOW,
        cannot="cannot change or add anything",
        third="Sees",
        choice="Only see entries",
    ),
    Level.CONTRIBUTE: Words(
        verb="See, add, edit and delete entries",
        link="in",
        more=BELOW,
        cannot="cannot change the folders themselves",
        third="Sees, adds, edits and deletes in",
        choice="See, add, edit and delete entries",
    ),
    Level.MANAGE: Words(
        verb="Everything in",
        link="",
        more="entries, renaming and deleting it, and creating, renaming, moving and deleting what is below; "
        + SHARING,
        cannot="cannot reach streams outside",
        third="Everything in",
        choice="Everything, folders too",
    ),
    Level.CREATE_ONLY: Words(
        verb="Add",
        link="entries to",
        more="sees stream names only",
        cannot="cannot see existing entries",
        third="Adds to",
        choice="Only add entries",
    ),
    Level.NONE: Words(
        verb="Keep out of",
        link="",
        more="an exception inside a wider permission",
        cannot="",
        third="Kept out of",
        choice="",
    ),
}
ORDER = [Level.MANAGE, Level.CONTRIBUTE, Level.CREATE_ONLY, Level.READ, Level.NONE]
# Colours of root streams in their order; those below inherit (design §3).
PALETTE = ("s4", "s1", "s6", "s8", "s5", "s2", "s7", "s10", "s9", "s3")


@dataclass(frozen=True)
class Line:
    """One permission as shown. `index` is its place in the request."""

    verb: str
    link: str
    where: str
    more: str = ""
    cannot: str = ""
    chip: str = ""
    is_new: bool = False
    is_all: bool = False
    rank: int = 0
    index: int = 0
    stream_id: str = ""
    level: str = ""
    colour: str = "s7"
    holds: str = ""
    third: str = ""

    @property
    def sentence(self) -> str:
        """The whole sentence as text."""
        return " ".join(part for part in (self.verb, self.link, self.where) if part)


def lines(
    checked: Sequence[Mapping[str, Any]],
    tree: Tree,
    held: Sequence[Mapping[str, Any]] | None = None,
    account_id: int = 0,
) -> list[Line]:
    """All permissions, the widest first. `held` is what the app has already (None: nothing).

    With an account, each tells what its streams hold.
    """
    had = (
        None if held is None else {entry["streamId"]: entry["level"] for entry in held if "streamId" in entry}
    )
    found = [_line(index, entry, tree, had, account_id) for index, entry in enumerate(checked)]
    return sorted(found, key=lambda line: (not line.is_all, line.rank))


def _line(
    index: int, entry: Mapping[str, Any], tree: Tree, had: Mapping[str, str] | None, account_id: int
) -> Line:
    if "feature" in entry:
        return _feature(index, entry)
    level = Level.of(entry["level"])
    words, stream_id = WORDS[level], entry["streamId"]
    shared: dict[str, Any] = {
        "index": index, "stream_id": stream_id, "level": level.wire, "rank": ORDER.index(level),
        "third": words.third,
    }  # fmt: skip
    if stream_id == EVERYTHING:
        holds = _holds(account_id, None, 0) if account_id else ""
        where = "all your data, including streams you create later"
        chip = "" if had is None else _difference(had.get(EVERYTHING), level.wire)
        more = words.more if level is Level.CREATE_ONLY else SHARING
        return Line(words.verb, words.link, where, "" if level is Level.NONE else more,
                    words.cannot if level is not Level.MANAGE else "", chip, is_all=True, holds=holds,
                    **shared)  # fmt: skip
    is_new = stream_id not in tree
    inside = [] if is_new else tree.descendants(stream_id)
    return Line(
        words.verb,
        words.link,
        path_of(stream_id, tree) or str(entry.get("defaultName") or stream_id),
        words.more,
        words.cannot,
        _chip(entry, is_new, not is_new and tree.in_trash(stream_id), had),
        is_new,
        colour=colour_of(stream_id, tree),
        holds=_holds(account_id, inside, len(inside) - 1) if account_id and inside else "",
        **shared,
    )


def _holds(account_id: int, stream_ids: list[str] | None, below: int) -> str:
    """What streams hold: "1 204 entries since 2019, 3 sub-streams, for instance Weight"."""
    found = ports.contents.glance(account_id, stream_ids)
    if not found.count:
        text = "nothing in it yet"
    else:
        number = f"{found.count:,}".replace(",", "\u2009")
        noun = "entry" if found.count == 1 else "entries"
        text = f"{'more than ' if found.more else ''}{number} {noun}{_since(found.since)}"
    if below:
        text += f", {below} sub-stream{'s' if below != 1 else ''}"
    return f"{text}, for instance {', '.join(found.kinds)}" if found.kinds else text


def _since(moment: float | None) -> str:
    try:
        return "" if moment is None else f" since {datetime.fromtimestamp(moment, UTC).year}"
    except (ValueError, OverflowError, OSError):
        return ""  # times far off the calendar are allowed


def path_of(stream_id: str, tree: Tree) -> str:
    """The names of a stream and those above it; nothing for an unknown one."""
    names = [tree.nodes[sid].name for sid in tree.path(stream_id) if sid in tree]
    return " / ".join(reversed(names))


def colour_of(stream_id: str, tree: Tree) -> str:
    """The colour class of a stream."""
    roots = [sid for sid in tree.children.get(ROOT, ()) if not sid.startswith(":")]
    root = tree.root_of(stream_id)
    return PALETTE[(roots.index(root) if root in roots else len(roots)) % len(PALETTE)]


def _chip(entry: Mapping[str, Any], is_new: bool, trashed: bool, had: Mapping[str, str] | None) -> str:
    if is_new:
        return "New stream, will be created"
    if trashed:
        return "In trash, will be restored"
    return "" if had is None else _difference(had.get(entry["streamId"]), entry["level"])


def _difference(before: str | None, level: str) -> str:
    if before is None:
        return "New"
    if before == level:
        return "Already allowed"
    raised = ORDER.index(Level.of(level)) < ORDER.index(Level.of(before))
    return f"{'Raised' if raised else 'Lowered'} from “{WORDS[Level.of(before)].choice or before}”"


def _feature(index: int, entry: Mapping[str, Any]) -> Line:
    rank = len(ORDER)
    if entry["feature"] == "selfRevoke" and entry["setting"] == "forbidden":
        text = "Only you can cancel this access"
        return Line(text, "", "", cannot="the app itself cannot", rank=rank, index=index, third=text)
    where = f"{entry['feature']} {entry['setting']}"
    return Line("Technical:", "", where, rank=rank, index=index, third="Technical:")


def lower_levels(level: str) -> list[tuple[str, str]]:
    """The levels that allow less than one: (wire name, words)."""
    asked = Level.of(level)
    return [
        (one.wire, WORDS[one].choice)
        for one in ORDER
        if one is not Level.NONE and one is not asked and one.can in asked.can
    ]


def duration_in_words(seconds: float) -> str:
    """A length of time in its largest unit."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            count = round(seconds / length)
            return f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{round(seconds)} seconds"


def moment_in_words(moment: float, zone: tzinfo | None) -> str:
    """A date with its time: "4 March 2027, 14:00"; far off the calendar only that."""
    try:
        return f"{datetime.fromtimestamp(moment, zone):%-d %B %Y, %H:%M}"
    except (ValueError, OverflowError, OSError):
        return "a date out of reach"
