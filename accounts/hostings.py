"""Hostings: what the operator entered, else the setting HOSTINGS, else this server (spec api-access §2.5)."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.text import slugify

from accounts.models import Hosting
from pryvsite.api.platform import platform_name, public_url, service_info
from pryvsite.caching import Memory, changed
from pryvsite.env import are_hostings

Wire = dict[str, Any]
PLATFORM = 0  # what `pryvsite.caching` knows the platform by
KNOWN = {"name", "localizedName", "description", "localizedDescription", "url", "available", "availableCore"}

_entered: Memory[Wire | None] = Memory("platform", 4)


@receiver([post_save, post_delete], sender=Hosting)
def _changed(**_: Any) -> None:
    changed("platform", PLATFORM)


def hostings() -> Wire:
    """Regions, zones and hostings."""
    return _entered.get(PLATFORM, "hostings", _load) or settings.HOSTINGS or _this_server()


def _this_server() -> Wire:
    hosting = {
        "name": platform_name(),
        "description": "This server",
        "url": service_info()["home"],
        "available": True,
        "availableCore": f"{public_url()}/",
    }
    zone = {"name": "Default", "hostings": {"default": hosting}}
    region = {"name": "Default", "localizedName": {"en": "Default"}, "zones": {"default": zone}}
    return {"regions": {"default": region}}


def _load() -> Wire | None:
    regions: dict[str, Wire] = {}
    for row in Hosting.objects.all():
        region = regions.setdefault(_key(row.region), _named(row, "region") | {"zones": {}})
        zone = region["zones"].setdefault(_key(row.zone), _named(row, "zone") | {"hostings": {}})
        zone["hostings"][row.key] = {
            **_named(row, "name"),
            "description": row.description,
            **_localised(row, "description", "localizedDescription"),
            "url": row.url,
            "available": row.available,
            "availableCore": (row.core or f"{public_url()}/") if row.available else "",
        }
    return {"regions": regions} if regions else None


def _key(name: str) -> str:
    return slugify(name, allow_unicode=True) or name


def _named(row: Hosting, field: str) -> Wire:
    return {"name": getattr(row, field), **_localised(row, field, "localizedName")}


def _localised(row: Hosting, field: str, key: str) -> Wire:
    texts = {language: told[field] for language, told in row.translations.items() if told.get(field)}
    return {key: texts} if texts else {}


def replace(given: Any) -> int:
    """Enter these hostings in place of all before, in the form of `hostings`; their number.

    Raises ValidationError.
    """
    if not are_hostings(given):
        raise ValidationError("Regions, zones and hostings are expected, each with its name.")
    rows = list(_rows(given))
    for row in rows:
        row.full_clean(validate_unique=False)
    if len({row.key for row in rows}) < len(rows):
        raise ValidationError("Two hostings have the same key.")
    with transaction.atomic():
        clear()
        _save(rows)
    return len(rows)


def clear() -> None:
    """Back to the settings."""
    Hosting.objects.all().delete()
    changed("platform", PLATFORM)


def _save(rows: Iterable[Hosting]) -> None:
    for row in rows:
        row.save(force_insert=True)


def _rows(given: Wire) -> Iterator[Hosting]:
    position = 0
    for region in given["regions"].values():
        for zone in region["zones"].values():
            for key, hosting in zone["hostings"].items():
                unknown = set(hosting) - KNOWN
                if unknown:
                    raise ValidationError(f"{key}: unknown properties {', '.join(sorted(unknown))}.")
                core = hosting.get("availableCore", "")
                yield Hosting(
                    key=key,
                    region=region["name"],
                    zone=zone["name"],
                    name=hosting["name"],
                    description=hosting.get("description", ""),
                    url=hosting.get("url", ""),
                    available=bool(hosting.get("available")),
                    core="" if core == f"{public_url()}/" else core,
                    position=position,
                    translations=_translations(region, zone, hosting),
                )
                position += 1


def _translations(region: Wire, zone: Wire, hosting: Wire) -> Wire:
    """By language what the wire form tells by field."""
    found: Wire = {}
    for field, texts in (
        ("region", region.get("localizedName")),
        ("zone", zone.get("localizedName")),
        ("name", hosting.get("localizedName")),
        ("description", hosting.get("localizedDescription")),
    ):
        for language, text in (texts or {}).items():
            found.setdefault(language, {})[field] = text
    return found
