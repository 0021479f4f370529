"""The time zone that a page shows times in."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The browser's zone as its cookie tells, else the platform's."""
    for name in (request.COOKIES.get("tz", "").replace("%2F", "/"), settings.TIME_ZONE):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")
