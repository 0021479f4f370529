"""The entries of one tile, as a list that opens at one of them (ui §4.8)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from accounts.fields import ROOT
from events.dashboard.periods import Period
from events.inputs import EventsGet
from events.query.run import position_of
from events.types import FILTER_PATTERN
from pryvsite.api.execute import execute
from pryvsite.api.parse import parse
from pryvsite.kernel.actor import Actor

Wire = dict[str, Any]
AROUND = 6  # entries shown before the open one
PAGE = 30  # entries of a list at once
STATES = ("default", "trashed", "all")


@dataclass(frozen=True)
class Tile:
    """Which entries: of streams with all below them, of types, within a period. Empty means all."""

    streams: tuple[str, ...]
    types: tuple[str, ...]
    period: Period | None
    state: str = "default"

    @property
    def given(self) -> bool:
        """Whether it narrows anything."""
        return bool(self.streams or self.types or self.period)

    def raw(self, **more: Any) -> Wire:
        """Parameters of `events.get`."""
        raw: Wire = {
            "state": self.state,
            "streams": {"any": list(self.streams) or ["*"], "not": [ROOT]},
            **more,
        }
        if self.types:
            raw["types"] = list(self.types)
        if self.period:
            raw.setdefault("fromTime", self.period.start)
            raw.setdefault("toTime", self.period.end - 0.001)
        else:
            raw.setdefault("fromTime", -1e12)
            raw.setdefault("toTime", 1e12)
        return raw

    def query(self, **more: Any) -> str:
        """The tile as a query string, with its question mark."""
        given = {"of": ",".join(self.streams), "types": ",".join(self.types), **more}
        text = urlencode({name: value for name, value in given.items() if value not in ("", None)})
        if self.state != "default":
            text += f"&state={self.state}"
        parts = [part for part in (text, self.period.query if self.period else "") if part]
        return "?" + "&".join(parts) if parts else ""

    def page(self, actor: Actor, skip: int, limit: int = PAGE, until: float | None = None) -> list[Wire]:
        """Entries, newest first; with `until` those that begin then or before."""
        raw = self.raw(skip=skip, limit=limit)
        if until is not None:
            raw["toTime"] = min(until, raw["toTime"])
        found: list[Wire] = execute("events.get", actor, raw)["events"]
        return found

    def position(self, actor: Actor, event: Wire) -> tuple[int, int]:
        """How many entries there are, and how many of them are newer than this one."""
        return position_of(actor, parse(EventsGet, self.raw()), event["time"], event["id"])

    def nearest(self, actor: Actor, at: float) -> Wire | None:
        """The entry that begins nearest to a moment."""
        before = self._first(actor, toTime=min(at, self._end))
        after = self._first(actor, fromTime=max(at, self._start), sortAscending=True)
        found = [event for event in (before, after) if event]
        return min(found, key=lambda event: abs(event["time"] - at), default=None)

    def _first(self, actor: Actor, **bounds: Any) -> Wire | None:
        found = execute("events.get", actor, self.raw(limit=1, **bounds))["events"]
        return found[0] if found else None

    @property
    def _start(self) -> float:
        return self.period.start if self.period else -1e12

    @property
    def _end(self) -> float:
        return self.period.end - 0.001 if self.period else 1e12


def tile_of(query: QueryDict, period: Period | None) -> Tile:
    """The tile of an address."""
    streams = tuple(sid for sid in query.get("of", "").split(",") if sid)
    given = tuple(t for t in query.get("types", "").split(",") if FILTER_PATTERN.fullmatch(t))
    state = query.get("state", "default")
    return Tile(streams, given, period, state if state in STATES else "default")


def tile_around(event: Wire, period: Period | None) -> Tile:
    """What an entry belongs to when its address names no tile: its stream and its type."""
    state = "trashed" if event.get("trashed") else "default"
    return Tile((event["streamIds"][0],), (event["type"],), period, state)
