"""What every page shows: the platform's name and links, the theme, who is signed in, where
the visitor came from."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from pryvsite.api.platform import logo_address, service_info
from pryvsite.web.comfort import current
from pryvsite.web.journey import journey_of

THEMES = ("light", "dark")


def platform(request: HttpRequest) -> dict[str, Any]:
    """Context of all templates."""
    comfort = current()
    theme = request.COOKIES.get("theme", "") or comfort.theme
    return {
        "service": service_info(),
        "theme": theme if theme in THEMES else "",
        "comfort": comfort,
        "account": getattr(request, "account", None),
        "journey": journey_of(request),
        "brand": {"logo": logo_address(), "style": bool(settings.STYLE_FILE)},
    }
