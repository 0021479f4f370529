"""Typed requests of the pages: who is signed in, from the session cookie."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from pryvsite.kernel.actor import AccountInfo, Actor
from pryvsite.kernel.ports import ports
from pryvsite.web.comfort import Comfort, using


class WebRequest(HttpRequest):
    """A request to a page, with what the middlewares added."""

    htmx: HtmxDetails
    actor: Actor | None
    account: AccountInfo | None


class WebMiddleware:
    """Sets `request.actor` and `request.account`; both None when signed out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: WebRequest) -> HttpResponse:
        """Look the session up only where its cookie came along."""
        found = None
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            found = ports.sessions.current(request.session)
        request.actor, request.account = found or (None, None)
        with using(Comfort.of(request.account.private) if request.account else Comfort()):
            return self.get_response(request)


def wants_html(request: HttpRequest) -> bool:
    """Whether a browser asks, rather than an API client."""
    return "text/html" in request.headers.get("Accept", "")


def is_visitor(request: HttpRequest) -> bool:
    """Whether a person looks around, rather than a client that brings a token."""
    reads = request.method in ("GET", "HEAD") and wants_html(request)
    return reads and "Authorization" not in request.headers and "auth" not in request.GET
