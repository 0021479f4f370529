"""Public documents of the platform: service information, assets of the login button, event types."""

from mimetypes import guess_type
from pathlib import Path

import msgspec
from django.http import HttpResponse, HttpResponseBase

from events.types import catalogue_bytes
from pryvsite.api.envelope import answer
from pryvsite.api.http import Call
from pryvsite.api.platform import public_url, service_info
from pryvsite.api.registry import Wire, endpoint, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import UnknownResource
from pryvsite.kernel.inputs import Nothing

ASSETS = Path(__file__).parent / "assets"
ASSET_FILES = frozenset(path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file())


@method("service.info", ("GET", "reg/service/info"), ("GET", "service/info"), allow="open", place="platform")
def info(_: Actor, __: Nothing) -> Wire:
    """The service information document."""
    return service_info()


@endpoint("GET", "service/info")
def info_of_account(call: Call) -> HttpResponseBase:
    """The same document below an account."""
    return answer(call.request, service_info())


@endpoint("GET", "service/infos")
def infos_of_account(call: Call) -> HttpResponseBase:
    """Its older spelling."""
    return answer(call.request, service_info())


@endpoint("GET", "event-types/flat.json", place="platform")
def event_types(_: Call) -> HttpResponseBase:
    """The event-type directory (spec api-data §6)."""
    response = HttpResponse(catalogue_bytes(), content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@endpoint("GET", "www/assets/index.json", place="platform")
def assets_definitions(_: Call) -> HttpResponseBase:
    """Where clients find the icon, the style and the login button (spec api-access §1.5)."""
    body = {
        "baseUrl": f"{public_url()}/www/assets/",
        "favicon": {"default": {"url": "favicon.svg"}},
        "css": {"default": {"url": "style.css"}},
        "lib-js": {
            "buttonSignIn": {
                "css": "lib-js/button.css",
                "html": "lib-js/button.html",
                "messages": "lib-js/messages.json",
            }
        },
    }
    return HttpResponse(msgspec.json.encode(body), content_type="application/json; charset=utf-8")


@endpoint("GET", "www/assets/{name*}", place="platform")
def asset(call: Call) -> HttpResponseBase:
    """One of the asset files, by its listed name only."""
    name = call.request.path.rstrip("/").split("/www/assets/", 1)[-1]
    if name not in ASSET_FILES:
        raise UnknownResource("asset", name)
    content_type = guess_type(name)[0] or "application/octet-stream"
    response = HttpResponse((ASSETS / name).read_bytes(), content_type=content_type)
    response["Cache-Control"] = "public, max-age=3600"
    return response
