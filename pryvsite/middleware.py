"""Requests to an account's own sub-domain, headers of every page, and the short way to the API."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from pryvsite.api.http import account_api
from pryvsite.kernel.ids import USERNAME
from pryvsite.visitor import visiting
from pryvsite.web.requests import is_visitor
from pryvsite.wiring import wire

PLATFORM_PATHS = ("/reg", "/system", "/www", "/socket.io", "/favicon.ico", "/static")


class PlatformMiddleware:
    """`{username}.{domain}/path` becomes `/{username}/path` where the operator set a domain
    (spec api-data §1.1)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Rewrite the path before it is routed; note who asks; keep referrers shut for all answers."""
        label = self._label(request)
        if label and not self._is_platform(request.path_info, label):
            request.path_info = request.path = f"/{label}{request.path_info}"
        with visiting(request) as visitor:
            response = self.get_response(request)
        if visitor.learned:
            visitor.set_cookie(response)
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


class ApiMiddleware:
    """What lies below an account's name goes straight to the API, past sessions, forms and page headers.

    People who open such an address without a token take the long way, where mistakes become pages.
    No page begins with a word that could be a username: such words are reserved.
    """

    POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        wire()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer calls of the API; pass the rest on."""
        username, _, rest = request.path_info[1:].partition("/")
        name = username.lower()
        if not USERNAME.fullmatch(name) or name in settings.RESERVED_USERNAMES or is_visitor(request):
            return self.get_response(request)
        request.get_host()  # raises for hosts that are not ours
        response = account_api(request, username, rest)
        response.headers.setdefault("Content-Security-Policy", self.POLICY)
        return response
