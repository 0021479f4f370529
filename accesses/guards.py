"""Look-alikes: apps whose id makes believe that they belong to the platform (ui §3.7)."""

import re
import unicodedata

from pryvsite.api.platform import platform_name

OFFICIAL = {"admin", "administrator", "official", "security", "support", "system", "pryv", "verify", "login"}


def looks_official(app_id: str) -> bool:
    """Whether an id could be taken for a part of the platform, also by letters that look alike."""
    plain = unicodedata.normalize("NFKD", app_id).encode("ascii", "ignore").decode().lower()
    if not app_id.isascii():
        return True
    words = set(re.split(r"[^a-z]+", plain))
    return bool(words & OFFICIAL) or platform_name().lower() in plain
