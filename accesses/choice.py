"""What an owner grants of what an app asks: less, shorter, under another name (ui §3.5)."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from accesses.sentences import lower_levels

Entry = dict[str, Any]
PERIODS = {86400: "1 day", 2592000: "30 days", 31536000: "1 year"}  # seconds
NOTHING_LEFT = "Leave one permission on, or refuse."
LONGEST_NAME = 200


class Unfit(Exception):
    """A choice that can't be granted, as a sentence."""


@dataclass(frozen=True)
class Choice:
    """The owner's changes, by the place of a permission in the request; none means as asked."""

    levels: Mapping[int, str] = field(default_factory=dict)  # "" drops the permission
    names: Mapping[int, str] = field(default_factory=dict)  # of streams that will be made
    expire_after: float | None = None  # seconds; None: as asked

    @property
    def as_asked(self) -> bool:
        """Whether nothing was changed that the app would notice."""
        return not self.levels and self.expire_after is None

    def granted(self, checked: Sequence[Entry]) -> list[Entry]:
        """The permissions to grant. Raises Unfit when none is left that allows anything."""
        kept = self.kept(checked)
        if not any(entry.get("level", "none") != "none" for entry in kept):
            raise Unfit(NOTHING_LEFT)
        return kept

    def kept(self, checked: Sequence[Entry]) -> list[Entry]:
        """The permissions as the owner changed them, without those that were dropped."""
        return [
            self._changed(index, entry)
            for index, entry in enumerate(checked)
            if self.levels.get(index, "kept") != ""
        ]

    def _changed(self, index: int, entry: Entry) -> Entry:
        changed = dict(entry)
        if index in self.levels:
            changed["level"] = self.levels[index]
        if index in self.names and "defaultName" in changed:
            changed["defaultName"] = self.names[index]
        return changed


def periods(asked: Any) -> list[tuple[str, str]]:
    """The lives that an owner may choose: shorter than asked (seconds; nothing: for ever)."""
    limit = float(asked) if isinstance(asked, int | float) and asked else float("inf")
    return [(str(seconds), f"For {words}") for seconds, words in PERIODS.items() if seconds < limit]


def read(
    form: Mapping[str, str],
    checked: Sequence[Entry],
    asked: Any,
    *,
    ticked: bool = False,
    mandatory: Set[int] = frozenset(),
) -> Choice:
    """The choice of a form; only what allows less than was asked counts. `ticked`: the app lets its user
    leave permissions out, except those in the `mandatory` places."""
    names = {
        index: form[f"name_{index}"].strip()[:LONGEST_NAME]
        for index, entry in enumerate(checked)
        if "defaultName" in entry and form.get(f"name_{index}", "").strip()
    }
    left_out = {
        index: ""
        for index, entry in enumerate(checked)
        if ticked and _can_lower(entry) and index not in mandatory and f"keep_{index}" not in form
    }
    if not settings.CONSENT_CHOICE:
        return Choice(left_out, names)
    levels = {}
    for index, entry in enumerate(checked):
        if index in mandatory:
            continue
        wanted = form.get(f"level_{index}", entry.get("level", ""))
        allowed = {"", *(level for level, _ in lower_levels(entry["level"]))} if _can_lower(entry) else set()
        if wanted != entry.get("level") and wanted in allowed:
            levels[index] = wanted
    expiry = form.get("expiry", "")
    shorter = float(expiry) if expiry in dict(periods(asked)) else None
    return Choice({**levels, **left_out}, names, shorter)


def _can_lower(entry: Entry) -> bool:
    """Exceptions and features stay: without them more would be allowed."""
    return str(entry.get("level", "none")) != "none"
