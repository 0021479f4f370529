"""Requests to an account's own sub-domain, and headers of every page."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from pryvsite.kernel.ids import USERNAME

PLATFORM_PATHS = ("/reg", "/system", "/www", "/socket.io", "/favicon.ico", "/static")


class PlatformMiddleware:
    """`{username}.{domain}/path` becomes `/{username}/path` where the operator set a domain
    (spec api-data §1.1)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Rewrite the path before it is routed; keep referrers and framing shut for all answers."""
        label = self._label(request)
        if label and not self._is_platform(request.path_info, label):
            request.path_info = request.path = f"/{label}{request.path_info}"
        response = self.get_response(request)
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return response

    @staticmethod
    def _label(request: HttpRequest) -> str:
        domain = settings.USER_DOMAIN
        if not domain:
            return ""
        host = request.get_host().partition(":")[0].lower()
        label = host.removesuffix(f".{domain}")
        fits = label != host and USERNAME.fullmatch(label) and label not in settings.RESERVED_USERNAMES
        return label if fits else ""

    @staticmethod
    def _is_platform(path: str, label: str) -> bool:
        return any(path == p or path.startswith(f"{p}/") for p in (*PLATFORM_PATHS, f"/{label}"))
