"""What the platform tells of itself: public address, service information, endpoints (spec api-access §1)."""

from typing import Any

from django.conf import settings


def public_url() -> str:
    """The base URL of the platform, without final slash."""
    return str(settings.PUBLIC_URL).rstrip("/")


def service_info() -> dict[str, Any]:
    """The service information document."""
    base = public_url()
    return {
        "serial": settings.SERVICE_SERIAL,
        "version": settings.API_VERSION,
        "name": settings.PLATFORM_NAME,
        "home": settings.HOME_URL or f"{base}/",
        "support": settings.SUPPORT_URL or f"{base}/p/help",
        "terms": settings.TERMS_URL or f"{base}/p/terms",
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
