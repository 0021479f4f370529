"""Public documents of the platform: service information, assets of the login button, event types."""

from mimetypes import guess_type
from pathlib import Path
from typing import Any

import msgspec
from django.http import HttpResponse, HttpResponseBase

from events.types import catalogue_bytes
from pryvsite.api.contract import Bare, Media
from pryvsite.api.envelope import answer
from pryvsite.api.http import Call
from pryvsite.api.openapi import openapi_bytes
from pryvsite.api.platform import platform_name, public_url, service_info
from pryvsite.api.registry import Wire, endpoint, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import UnknownResource
from pryvsite.kernel.inputs import Nothing
from pryvsite.kernel.results import Result

ASSETS = Path(__file__).parent / "assets"
ASSET_FILES = frozenset(path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*") if path.is_file())


class Features(Result, frozen=True):
    """Which optional parts of the API there are."""

    no_hf: bool = msgspec.field(name="noHF")
    content_queries: bool


class Assets(Result, frozen=True):
    """Where icons, styles and the login button are described."""

    definitions: str


class ServiceInfo(Result, frozen=True, forbid_unknown_fields=False):
    """What clients must know of a platform (spec api-access §1.1), and what the operator adds to it."""

    serial: str
    version: str
    name: str
    home: str
    support: str
    terms: str
    api: str
    register: str
    access: str
    event_types: str
    assets: Assets
    features: Features


@method(
    "service.info",
    ("GET", "reg/service/info"),
    ("GET", "service/info"),
    result=ServiceInfo,
    allow="open",
    place="platform",
)
def info(_: Actor, __: Nothing) -> Wire:
    """The service information document."""
    return service_info()


@endpoint("service.infoOfAccount", "GET", "service/info", allow="open", answers={200: ServiceInfo})
def info_of_account(call: Call) -> HttpResponseBase:
    """The same document below an account."""
    return answer(call.request, service_info())


@endpoint("service.infosOfAccount", "GET", "service/infos", allow="open", answers={200: ServiceInfo})
def infos_of_account(call: Call) -> HttpResponseBase:
    """Its older spelling."""
    return answer(call.request, service_info())


@endpoint(
    "service.eventTypes",
    "GET",
    "event-types/flat.json",
    allow="open",
    answers={200: Bare(dict[str, Any])},
    place="platform",
)
def event_types(_: Call) -> HttpResponseBase:
    """The event-type directory (spec api-data §6)."""
    response = HttpResponse(catalogue_bytes(), content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@endpoint(
    "service.openapi",
    "GET",
    "openapi.json",
    allow="open",
    answers={200: Bare(dict[str, Any])},
    place="platform",
)
def openapi(_: Call) -> HttpResponseBase:
    """This description of the API, as OpenAPI 3.1."""
    described = openapi_bytes(public_url(), platform_name())
    response = HttpResponse(described, content_type="application/json; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    return response


@endpoint(
    "service.assets",
    "GET",
    "www/assets/index.json",
    allow="open",
    answers={200: Bare(dict[str, Any])},
    place="platform",
)
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


@endpoint(
    "service.asset",
    "GET",
    "www/assets/{name*}",
    allow="open",
    answers={200: Media("*/*")},
    errors=(UnknownResource,),
    place="platform",
)
def asset(call: Call) -> HttpResponseBase:
    """One of the asset files, by its listed name only."""
    name = call.request.path.rstrip("/").split("/www/assets/", 1)[-1]
    if name not in ASSET_FILES:
        raise UnknownResource("asset", name)
    content_type = guess_type(name)[0] or "application/octet-stream"
    response = HttpResponse((ASSETS / name).read_bytes(), content_type=content_type)
    response["Cache-Control"] = "public, max-age=3600"
    return response
