"""Where an account can live, as the registration form shows it (ui §1.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from accounts.hostings import hostings

SELF_HOSTED = "default"


@dataclass(frozen=True)
class Place:
    """A hosting."""

    key: str
    region: str
    zone: str
    name: str
    about: str
    available: bool

    @property
    def label(self) -> str:
        """As in the list of choices."""
        where = self.name if self.zone == "Default" else f"{self.zone} — {self.name}"
        return where if self.available else f"{where} (not available now)"

    @property
    def country(self) -> str:
        """Where data stays, or nothing where the operator named no place."""
        return "" if self.zone == "Default" else self.zone


def places(language: str = "en") -> list[Place]:
    """All hostings, region by region."""
    return [
        Place(
            key,
            _name(region, language),
            _name(zone, language),
            _name(entry, language),
            _text(entry, "Description", language),
            bool(entry.get("available")),
        )
        for region in hostings()["regions"].values()
        for zone in region["zones"].values()
        for key, entry in zone["hostings"].items()
    ]


def chosen(known: Sequence[Place], key: Any) -> Place | None:
    """The place of a key, else the first that is available."""
    open_ones = [place for place in known if place.available]
    return next((place for place in open_ones if place.key == key), open_ones[0] if open_ones else None)


def residence(key: str) -> str:
    """Where the data of a hosting stays, in words; nothing where the operator named no place."""
    place = next((one for one in places() if one.key == key), None)
    return f"{place.country}, {place.region}" if place and place.country else ""


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select: (region, [(key, label)])."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for place in places():
        groups.setdefault(place.region, []).append((place.key, place.label))
    return list(groups.items())


def closed() -> set[str]:
    """Keys that can't be chosen."""
    return {place.key for place in places() if not place.available}


def _name(entry: dict[str, Any], language: str) -> str:
    localised = entry.get("localizedName")
    found = localised.get(language) if isinstance(localised, dict) else None
    return str(found or entry["name"])


def _text(entry: dict[str, Any], what: str, language: str) -> str:
    localised = entry.get(f"localized{what}")
    found = localised.get(language) if isinstance(localised, dict) else None
    return str(found or entry.get(what.lower()) or "")
