"""Home, health and error pages."""

import os

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from accesses.views.home import home
from pryvsite.api.envelope import failure, finish
from pryvsite.api.http import account_api, account_exists, greeting
from pryvsite.kernel.errors import UnexpectedError, UnknownResource
from pryvsite.web.requests import WebRequest, is_visitor, wants_html


def root(request: WebRequest) -> HttpResponseBase:
    """The home page for people, the greeting for API clients (spec api-data §1.2)."""
    if request.method == "OPTIONS":
        return finish(request, HttpResponse())
    return home(request) if wants_html(request) else greeting(request)


def health(request: HttpRequest) -> HttpResponse:
    """Whether the server can work, database and folder of files: 200 with `ok`, or 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503)
    if not os.access(settings.VAR_DIR, os.W_OK | os.X_OK):
        return JsonResponse({"status": "folder of files can't be written"}, status=503)
    return JsonResponse({"status": "ok", "version": settings.API_VERSION})


@csrf_exempt
def account(request: HttpRequest, username: str, rest: str = "") -> HttpResponseBase:
    """The API of an account; who opens a mistaken address in a browser gets a page, not JSON."""
    response = account_api(request, username, rest)
    if not is_visitor(request):
        return response
    lost = response.status_code == 404 or (not rest.strip("/") and not account_exists(username))
    return not_found(request) if lost else response


def not_found(request: HttpRequest, exception: Exception | None = None, **_: str) -> HttpResponseBase:
    """404 as a page or as an API error."""
    if wants_html(request):
        return render(request, "404.html", status=404)
    return failure(request, UnknownResource("resource", request.path))


def server_error(request: HttpRequest) -> HttpResponseBase:
    """500 as a page or as an API error."""
    if wants_html(request):
        return render(request, "500.html", status=500)
    return failure(request, UnexpectedError())


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token does not fit: an old page, or cookies switched off."""
    return render(request, "403_csrf.html", status=403)
