"""Pages of accounts and accesses, and the old addresses that lead to them (ui §0.5)."""

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.urls import URLPattern, path
from django.views.generic import RedirectView

from accesses.views import (
    access,
    apps,
    consent,
    data,
    generator,
    home,
    password,
    profile,
    register,
    revoke,
    second_step,
    security,
    verify,
)
from pryvsite.kernel.ids import USERNAME


class KeepMethodRedirect(HttpResponsePermanentRedirect):
    """308: the method stays."""

    status_code = 308


def _alias(old: str, new: str) -> URLPattern:
    def forward(request: HttpRequest) -> HttpResponsePermanentRedirect:
        query = request.META.get("QUERY_STRING", "")
        return KeepMethodRedirect(f"{new}?{query}" if query else new)

    return path(old, forward)


def _old_dashboard(request: HttpRequest) -> HttpResponsePermanentRedirect:
    username = request.GET.get("username", "").lower()
    return KeepMethodRedirect(f"/u/{username}/" if USERNAME.fullmatch(username) else "/")


account_urls = [
    path("register", register.register, name="register"),
    path("register/check", register.check, name="register-check"),
    path("register/password", register.password, name="register-password"),
    path("register/place", register.place, name="register-place"),
    path("signin", home.signin, name="signin"),
    path("signout", home.signout, name="signout"),
    path("mfa-challenge", second_step.challenge, name="mfa-challenge"),
    path("reset-password", password.reset, name="reset-password"),
    path("change-password", password.change, name="change-password"),
    path("verify-email", verify.verify, name="verify-email"),
    path("auth", consent.auth, name="consent"),
    path("auth/icon/<path:app_id>", consent.icon, name="app-icon"),
    path("auth/stay", data.stay, name="stay"),
    path("auth/revoke", revoke.revoke, name="revoke-by-mail"),
]
owner_urls = [
    path("account", RedirectView.as_view(url="/account/profile")),
    path("account/", RedirectView.as_view(url="/account/profile")),
    path("account/profile", profile.profile, name="profile"),
    path("account/security", security.security, name="security"),
    path("account/apps", apps.apps, name="apps"),
    path("account/audit-access/<str:access_id>", access.access, name="access"),
    path("account/receipt/<str:receipt_id>", access.receipt, name="receipt"),
    path("account/data", data.data, name="data"),
]
generator_urls = [
    path("access-token/", generator.generator, name="generator"),
    path("access-token/check", generator.check, name="generator-check"),
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
        ("reset-password.html", "/reset-password"),
        ("reset", "/reset-password"),
        ("change-password.html", "/change-password"),
        ("change-password", "/change-password"),
        ("access.html", "/auth"),
        ("auth", "/auth"),
    )
    for prefix in ("", "www/")
]
urlpatterns = [
    *account_urls,
    *owner_urls,
    *generator_urls,
    *aliases,
    path("app-web/", _old_dashboard),
    _alias("access-token", "/access-token/"),
    _alias("app-web-access/", "/access-token/"),
]
