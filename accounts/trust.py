"""Which apps may handle passwords, and from where (spec api-access §2.7, step 3)."""

from fnmatch import fnmatchcase

from django.conf import settings

from pryvsite.kernel.errors import InvalidCredentials


def is_trusted(app_id: str, origin: str) -> bool:
    """Whether an app may ask for passwords from this origin."""
    for entry in settings.TRUSTED_APPS:
        name, _, pattern = entry.partition("@")
        if name not in ("*", app_id):
            continue
        if pattern == "*" or (origin and _origin_fits(origin, pattern)):
            return True
    return False


def check_trusted(app_id: str, origin: str) -> None:
    """Raises InvalidCredentials for an app that may not."""
    if not is_trusted(app_id, origin):
        raise InvalidCredentials(f'The app id ("{app_id}") is either missing or not trusted.')


def _origin_fits(origin: str, pattern: str) -> bool:
    """Anchored match; `*` stands for anything but a slash. A pattern's `:*` also fits no port."""
    # fnmatch knows more than `*`; brackets and question marks of a pattern are meant literally.
    safe = pattern.replace("[", "[[]").replace("?", "[?]")
    candidates = (origin, f"{origin}:") if pattern.endswith(":*") else (origin,)
    return any(fnmatchcase(c, safe) and c.count("/") == safe.count("/") for c in candidates)
