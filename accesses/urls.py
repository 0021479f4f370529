"""Pages of accounts and accesses, and the old addresses that lead to them (ui §0.5)."""

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.urls import URLPattern, path

from accesses.views import consent, generator, home, register


class KeepMethodRedirect(HttpResponsePermanentRedirect):
    """308: the method stays."""

    status_code = 308


def _alias(old: str, new: str) -> URLPattern:
    def forward(request: HttpRequest) -> HttpResponsePermanentRedirect:
        query = request.META.get("QUERY_STRING", "")
        return KeepMethodRedirect(f"{new}?{query}" if query else new)

    return path(old, forward)


account_urls = [
    path("register", register.register, name="register"),
    path("register/check", register.check, name="register-check"),
    path("register/password", register.password, name="register-password"),
    path("register/place", register.place, name="register-place"),
    path("signin", home.signin, name="signin"),
    path("signout", home.signout, name="signout"),
    path("auth", consent.auth, name="consent"),
]
generator_urls = [
    path("access-token/", generator.generator, name="generator"),
    path("access-token/status", generator.status, name="generator-status"),
    path("access-token/return", generator.returned, name="generator-return"),
]
aliases = [
    _alias(f"{prefix}access/{old}", new)
    for old, new in (
        ("signinhub.html", "/signin"),
        ("signin", "/signin"),
        ("register.html", "/register"),
        ("register", "/register"),
        ("access.html", "/auth"),
        ("auth", "/auth"),
    )
    for prefix in ("", "www/")
]
urlpatterns = [
    *account_urls,
    *generator_urls,
    *aliases,
    _alias("access-token", "/access-token/"),
    _alias("app-web-access/", "/access-token/"),
]
