"""How somebody likes pages to be: kept in their private profile, in force while their request runs.

Like Django's current time zone and language, so that functions deep below needn't be told.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import Any
from zoneinfo import available_timezones

KEY = "pryvsite"  # in the private profile
THEMES = ("", "light", "dark")  # empty: as the system has it
CONTRASTS = ("", "more")
WEEKS = {"monday": 0, "sunday": 6, "saturday": 5}  # first days, as Python counts weekdays
UNITS = ("", "metric", "imperial")  # empty: as recorded
DECIMALS = ("", "comma")  # empty: a point
SORTS = ("", "latest", "most")  # of the stream tree; empty: by name
MOST_PINNED = 50


@dataclass(frozen=True)
class Comfort:
    """The settings; what isn't set has its default."""

    theme: str = ""
    contrast: str = ""
    week: str = "monday"
    units: str = ""
    zone: str = ""  # empty: the browser's
    decimal: str = ""
    steps: str = ""  # "hidden" when the first steps were put away
    sort: str = ""
    empty: str = ""  # "hide" to leave streams out of the tree that hold nothing in the period
    pinned: tuple[str, ...] = ()  # streams that stand above the tree, as they were pinned

    @classmethod
    def of(cls, stored: Any) -> "Comfort":
        """From a private profile; what makes no sense there counts as not set."""
        given = stored.get(KEY) if isinstance(stored, Mapping) else None
        given = given if isinstance(given, Mapping) else {}
        allowed: dict[str, Any] = {"theme": THEMES, "contrast": CONTRASTS, "week": WEEKS, "units": UNITS,
                                   "decimal": DECIMALS, "steps": ("", "hidden"), "sort": SORTS,
                                   "empty": ("", "hide")}  # fmt: skip
        fine: dict[str, Any] = {"pinned": _pinned(given.get("pinned"))}
        for field in fields(cls):
            value = given.get(field.name)
            choices = zones() if field.name == "zone" else allowed.get(field.name, ())
            if isinstance(value, str) and value in choices:
                fine[field.name] = value
        return cls(**fine)

    @property
    def first_weekday(self) -> int:
        """The first day of the week; 0 is Monday."""
        return WEEKS[self.week]


def _pinned(value: Any) -> tuple[str, ...]:
    """Stream ids, each once."""
    texts = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    return tuple(dict.fromkeys(texts))[:MOST_PINNED]


def zones() -> set[str]:
    """Names of all time zones, and empty for the browser's."""
    return available_timezones() | {""}


_current: ContextVar[Comfort] = ContextVar("comfort", default=Comfort())  # noqa: B039 (immutable)


def current() -> Comfort:
    """The settings in force."""
    return _current.get()


@contextmanager
def using(comfort: Comfort) -> Iterator[None]:
    """Put settings in force for the block."""
    token = _current.set(comfort)
    try:
        yield
    finally:
        _current.reset(token)
