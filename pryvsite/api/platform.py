"""What the platform tells of itself: public address, service information, endpoints (spec api-access §1)."""

from typing import Any

from django.conf import settings

from pryvsite.kernel.ports import ports


def public_url() -> str:
    """The base URL of the platform, without final slash."""
    return str(settings.PUBLIC_URL).rstrip("/")


def platform_name() -> str:
    """What the platform is called."""
    return ports.identity.told().get("name") or str(settings.PLATFORM_NAME)


def logo_address() -> str:
    """The picture in place of the mark, or nothing."""
    return ports.identity.told().get("logo") or ("/p/logo" if settings.LOGO_FILE else "")


def service_info() -> dict[str, Any]:
    """The service information document."""
    base, told = public_url(), ports.identity.told()
    return {
        "serial": settings.SERVICE_SERIAL,
        "version": settings.API_VERSION,
        "name": platform_name(),
        "home": told.get("home") or settings.HOME_URL or f"{base}/",
        "support": told.get("support") or settings.SUPPORT_URL or f"{base}/p/help",
        "terms": told.get("terms") or settings.TERMS_URL or f"{base}/p/terms",
        "api": f"{base}/{{username}}/",
        "register": f"{base}/reg/",
        "access": f"{base}/reg/access/",
        "eventTypes": f"{base}/event-types/flat.json",
        "assets": {"definitions": f"{base}/www/assets/index.json"},
        "features": {"noHF": False, "contentQueries": True},
        **(settings.SERVICE_INFO or {}),
    }


def api_endpoint(username: str, token: str = "") -> str:
    """The account's URL, with the token before the host (spec api-access §1.3)."""
    scheme, _, rest = public_url().partition("://")
    credentials = f"{token}@" if token else ""
    return f"{scheme}://{credentials}{rest}/{username}/"
