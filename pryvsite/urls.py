"""Screens, then platform prefixes, then `/{username}/…` last."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from accesses.views import pages
from pryvsite import views
from pryvsite.api.http import platform_api
from pryvsite.wiring import wire

wire()

platform_urls = [
    re_path(
        r"^(?P<rest>(?:reg|users|apps|service|system|www|event-types)(?:/.*)?|openapi\.json/?)$", platform_api
    ),
    re_path(r"^(?P<rest>access/invitationtoken/check/?)$", platform_api),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.root, name="root"),
    path("admin/", admin.site.urls),
    path("p/logo", pages.logo, name="logo"),
    path("p/style.css", pages.style, name="style"),
    path("p/<str:slug>", pages.page, name="page"),
    path("health", views.health, name="health"),
    path("", include("pryvsite.reference.urls")),
    path("", include("accesses.urls")),
    path("", include("events.urls")),
    *platform_urls,
    re_path(r"^u/", views.not_found),
    re_path(r"^(?P<username>[^/]+)(?:/(?P<rest>.*))?$", views.account, name="account-api"),
]

handler404 = "pryvsite.views.not_found"
handler500 = "pryvsite.views.server_error"
