"""How the platform calls itself: what the operator entered; `pryvsite.api.platform` adds the settings."""

import logging
from collections.abc import Mapping
from mimetypes import guess_type
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from accounts.hostings import PLATFORM
from accounts.models import Identity
from pryvsite.caching import Memory, changed

log = logging.getLogger("pryvsite.identity")
_told: Memory[dict[str, str]] = Memory("platform", 4)


@receiver([post_save, post_delete], sender=Identity)
def _changed(**_: Any) -> None:
    changed("platform", PLATFORM)


class EnteredIdentity:
    """What the operator entered (`pryvsite.kernel.ports.PlatformIdentity`)."""

    def told(self) -> Mapping[str, str]:
        """Name, home, support, terms and the address of the logo; what is empty is left out.
        Without a database nothing, so that its failure can be told on a page."""
        try:
            return _told.get(PLATFORM, "identity", _load)
        except DatabaseError:
            log.warning("What the operator entered can't be read", exc_info=True)
            return {}


def _load() -> dict[str, str]:
    row = Identity.objects.filter(id=Identity.ONLY).first()
    if row is None:
        return {}
    told = {"name": row.name, "home": row.home, "support": row.support, "terms": row.terms}
    if row.logo:
        # Browsers keep a picture for a while; a new one has a new address.
        told |= {"logo": f"/p/logo?v={row.changed.timestamp():.0f}", "file": str(row.logo.name)}
    return {name: value for name, value in told.items() if value}


def logo() -> tuple[File, str] | None:  # type: ignore[type-arg]
    """The logo's file and media type, from the operator's entry or the settings; or None."""
    entered, configured = EnteredIdentity().told().get("file"), settings.LOGO_FILE
    kind = guess_type(entered or (configured.name if configured else ""))[0]
    if not kind:
        return None
    if entered:
        return (default_storage.open(entered), kind) if default_storage.exists(entered) else None
    return (File(configured.open("rb")), kind) if configured else None
