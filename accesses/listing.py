"""Accesses as their owner sees them: in sentences, with what deserves a look (ui §1.11)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from accesses import usage
from accesses.sentences import Line, lines
from accounts.models import RegisteredApp
from accounts.registry import registered_apps
from pryvsite.kernel.clock import now
from streams.tree import Tree

DAY = 86400
UNUSED = 90 * DAY  # seconds
SOON = 14 * DAY  # seconds until an end that is told

Wire = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """An access in a list."""

    wire: Wire
    lines: Sequence[Line]
    app: RegisteredApp | None
    calls: int
    moment: float

    @property
    def id(self) -> str:
        """As the API calls its present version."""
        return str(self.wire["id"])

    @property
    def base_id(self) -> str:
        """Without the version."""
        return self.id.partition(":")[0]

    @property
    def url(self) -> str:
        """Its page."""
        return f"/account/audit-access/{quote(self.base_id)}"

    @property
    def name(self) -> str:
        """What people call it."""
        return self.app.name if self.app else str(self.wire["name"])

    @property
    def initials(self) -> str:
        """For the mark beside it."""
        words = [word for word in self.name.replace("-", " ").replace("_", " ").split() if word]
        return "".join(word[0] for word in words[:2]).upper() or "?"

    @property
    def expired(self) -> bool:
        """Whether its time is over."""
        return self.wire.get("expires") is not None and self.wire["expires"] <= self.moment

    @property
    def full(self) -> bool:
        """Whether it has full control."""
        return any(line.is_all and line.level == "manage" for line in self.lines)

    @property
    def last_used(self) -> float:
        """Unix seconds; 0 for never."""
        return float(self.wire.get("lastUsed") or 0)

    @property
    def unused(self) -> bool:
        """Whether nobody used it for long."""
        return max(self.last_used, float(self.wire["created"])) < self.moment - UNUSED

    @property
    def expires_in_days(self) -> int | None:
        """Days until its end, where that is near."""
        left = float(self.wire.get("expires") or 0) - self.moment
        return max(1, round(left / DAY)) if 0 < left <= SOON else None

    @property
    def width(self) -> int:
        """How much it may do, for sorting: full control first."""
        return min((line.rank - (100 if line.is_all else 0) for line in self.lines), default=100)

    def fits(self, text: str) -> bool:
        """Whether name, device or a stream contains a text."""
        wanted = text.lower()
        parts = [self.name, str(self.wire["name"]), str(self.wire.get("deviceName") or "")]
        return any(wanted in part.lower() for part in (*parts, *(line.where for line in self.lines)))


def rows_of(account_id: int, wires: Sequence[Wire], tree: Tree) -> list[Row]:
    """Rows for accesses; their number doesn't change the number of queries."""
    known = registered_apps({wire["name"] for wire in wires if wire["type"] == "app"})
    calls = usage.calls_of_all(account_id)
    moment = now()
    return [
        Row(
            wire,
            lines(wire.get("permissions") or [], tree),
            known.get(wire["name"]) if wire["type"] == "app" else None,
            calls.get(wire["id"].partition(":")[0], 0),
            moment,
        )
        for wire in wires
    ]


SORTS: dict[str, tuple[str, Callable[[Row], Any]]] = {
    "used": ("Last used first", lambda row: -row.last_used),
    "new": ("Newest first", lambda row: -float(row.wire["created"])),
    "wide": ("Widest access first", lambda row: row.width),
    "name": ("By name", lambda row: row.name.lower()),
}
FILTERS: dict[str, tuple[str, Callable[[Row], bool]]] = {
    "": ("All", lambda row: True),
    "unused": ("Unused", lambda row: row.unused),
    "full": ("Full access", lambda row: row.full),
    "expired": ("Expired", lambda row: row.expired),
}
