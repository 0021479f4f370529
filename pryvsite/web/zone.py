"""The time zone that a page shows times in."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest

from pryvsite.web.comfort import current


def zone_of(request: HttpRequest) -> ZoneInfo:
    """The zone that the account chose, else the browser's as its cookie tells, else the platform's."""
    for name in (current().zone, request.COOKIES.get("tz", "").replace("%2F", "/"), settings.TIME_ZONE):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")
