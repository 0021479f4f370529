"""HTTP to methods: user, token, route, parameters, answer (spec api-data §1)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.views.decorators.csrf import csrf_exempt

from pryvsite.api.auth import credentials, origin_of, renewed
from pryvsite.api.bodies import keep_small, read_to_end, whole_body
from pryvsite.api.envelope import answer, failure, finish, meta
from pryvsite.api.errors import as_api_error
from pryvsite.api.execute import GONE
from pryvsite.api.execute import call as call_method
from pryvsite.api.parse import decode_json, from_query
from pryvsite.api.registry import Method, Place, Route, match
from pryvsite.kernel.actor import Actor, public_actor
from pryvsite.kernel.errors import (
    ApiError,
    InvalidParameters,
    InvalidRequestStructure,
    MissingHeader,
    UnknownResource,
    UnsupportedContentType,
)
from pryvsite.kernel.ids import USERNAME
from pryvsite.kernel.ports import ports

LATE = 0.5  # seconds that a body may take
FORM_LIMIT = 100_000  # bytes of an url-encoded body
GREETING = {"cheersFrom": "Pryv API", "learnMoreAt": "https://pryv.github.io/"}


@dataclass(frozen=True, slots=True)
class Call:
    """A request to an HTTP-only view, and the way to its actor."""

    request: HttpRequest
    account_id: int
    username: str
    params: Mapping[str, str]
    verb: str
    header: str | None = None
    known: Actor | None = None  # who calls, where a page knows it already

    def operator(self) -> Actor:
        """Make sure that the operator calls."""
        return _operator(self.request, self.header)

    def actor(self, *, query: bool = True) -> Actor:
        """Authenticate; `query` tells whether `?auth=` counts."""
        if self.known is not None:
            return self.known
        sent = credentials(self.request, header=self.header, query=query)
        return authenticated(self.request, self.account_id, self.username, sent.token, sent.caller)


def authenticated(request: HttpRequest, account_id: int, username: str, token: str, caller: str) -> Actor:
    """The actor of a token; notes the access id for the answer's header, also when it then fails."""
    try:
        actor = ports.authenticator.actor(account_id, username, token, caller)
    except ApiError as error:
        request.access_id = getattr(error, "access_id", "")  # type: ignore[attr-defined]
        raise
    request.access_id = actor.access_id  # type: ignore[attr-defined]
    actor = replace(actor, origin=origin_of(request))
    return renewed(actor) if _came_late(request) else actor


def _came_late(request: HttpRequest) -> bool:
    """Read the body, but for uploads; whether that took so long that the token may have ended."""
    if request.method not in ("POST", "PUT") or request.content_type == "multipart/form-data":
        return False
    began = time.monotonic()
    whole_body(request)
    return time.monotonic() - began > LATE


def _operator(request: HttpRequest, header: str | None) -> Actor:
    """The operator, who sends the key verbatim, and bodies as JSON (spec api-access §2.13)."""
    given = request.headers.get("Authorization", "") if header is None else header
    actor = ports.authenticator.operator(given)
    if request.method in ("POST", "PUT") and request.content_type != "application/json":
        raise UnsupportedContentType if request.content_type else MissingHeader("Content-Type is missing.")
    return actor


@csrf_exempt
def account_api(request: HttpRequest, username: str, rest: str = "") -> HttpResponseBase:
    """Everything below `/{username}/`."""
    return _guarded(request, "account", username, rest)


@csrf_exempt
def platform_api(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """Everything of the platform itself (`/reg/…`, `/users`, …)."""
    return _guarded(request, "platform", "", rest)


def call_as(actor: Actor, request: HttpRequest, place: Place, rest: str) -> HttpResponseBase:
    """The answer to a request of somebody whom a page knows: their session stands for the token."""
    return _guarded(request, place, actor.username if place == "account" else "", rest, actor)


def _guarded(
    request: HttpRequest, place: Place, username: str, rest: str, known: Actor | None = None
) -> HttpResponseBase:
    if request.method == "OPTIONS":
        return finish(request, HttpResponse(status=200))
    try:
        if "\0" in rest or "\0" in username:
            raise UnknownResource
        if "%00" in request.META.get("QUERY_STRING", ""):  # what no database text may contain
            raise InvalidRequestStructure("Parameters can't contain the character NUL.")
        return _dispatch(request, place, username, rest, known)
    except Exception as error:
        told = _deleted(error, place, username) or as_api_error(error)
        read_to_end(request)
        return failure(request, told)


def _deleted(error: Exception, place: Place, username: str) -> ApiError | None:
    """An account that was deleted while a call was under way is unknown, as to those that come after."""
    if place == "account" and isinstance(error, GONE) and not account_exists(username):
        return UnknownResource("user", username)
    return None


def _dispatch(
    request: HttpRequest, place: Place, username: str, rest: str, known: Actor | None
) -> HttpResponseBase:
    verb, header, body = _override(request)
    if place == "account" and not rest.strip("/") and verb in ("GET", "HEAD"):
        return greeting(request)
    account_id, name = _account(username) if place == "account" else (0, "")
    found = match(place, verb, rest)
    if place == "platform" or (found and found[0].allow == "open"):
        keep_small(request)
    if found and found[0].view:
        return finish(request, found[0].view(Call(request, account_id, name, found[1], verb, header, known)))
    allow = found[0].allow if found else None
    if allow == "operator":
        actor = _operator(request, header)
    elif place == "platform" or allow == "open":
        actor = public_actor(account_id, name, origin=origin_of(request))
    elif known is not None:
        actor = known
    else:
        sent = credentials(request, header=header)
        actor = authenticated(request, account_id, name, sent.token, sent.caller)
    if found is None:
        raise UnknownResource("resource", request.path)
    return _run(request, found[0], found[1], verb, actor, body)


def _account(username: str) -> tuple[int, str]:
    found = _find_account(username)
    if found is None:
        raise UnknownResource("user", username)
    return found


def _find_account(username: str) -> tuple[int, str] | None:
    name = username.lower()
    return ports.authenticator.account(name) if USERNAME.fullmatch(name) else None


def account_exists(username: str) -> bool:
    """Whether a path's first part names an account."""
    return _find_account(username) is not None


def _run(
    request: HttpRequest, route: Route, params: Mapping[str, str], verb: str, actor: Actor, body: Any
) -> HttpResponseBase:
    method = route.method
    if method is None:
        raise UnknownResource
    if method.multipart is not None and request.content_type == "multipart/form-data":
        return answer(request, method.multipart(request, actor, params), method.status)
    raw = _parameters(request, method, params, verb, body)
    return answer(request, call_method(method.id, actor, raw), method.status)


def _parameters(request: HttpRequest, method: Method, params: Mapping[str, str], verb: str, body: Any) -> Any:
    if method.id == "callBatch":
        return {"calls": _body(request, body)}
    if verb in ("POST", "PUT"):
        given = _body(request, body)
        if not isinstance(given, dict):
            raise InvalidParameters(
                data=[
                    {
                        "code": "INVALID_TYPE",
                        "message": "Expected an object.",
                        "params": [["object"]],
                        "path": "#/",
                    }
                ]
            )
        return {**params, "update": given} if method.update else {**given, **params}
    if method.query is not None:
        return {**method.query(request.GET), **params}
    return {**from_query(method.input, request.GET, strict=method.strict_query), **params}


def _body(request: HttpRequest, override: Any) -> Any:
    """The JSON body; other content types count as an empty object (spec api-data §1.6)."""
    if override is not None:
        return override
    if request.content_type == "application/json" and (given := whole_body(request)):
        return decode_json(given)
    return {}


def _override(request: HttpRequest) -> tuple[str, str | None, Any]:
    """Verb, Authorization header and body, as replaced by a form-encoded POST (spec api-data §1.6)."""
    verb = request.method or "GET"
    if verb != "POST" or request.content_type != "application/x-www-form-urlencoded":
        return verb, None, None
    if len(whole_body(request)) > FORM_LIMIT:
        raise InvalidRequestStructure("The form is too large.")
    form = QueryDict(request.body, encoding="utf-8")
    verb = form.get("_method", verb).upper()
    body = decode_json(form["_json"].encode()) if "_json" in form else {}
    return verb, form.get("_auth"), body


WELCOME = (
    '<!doctype html><html lang="en"><head><title>Pryv API</title></head>'
    "<body><main><h1>Pryv API</h1></main></body></html>"
)


def greeting(request: HttpRequest) -> HttpResponseBase:
    """The root of the platform or an account: a word of welcome (spec api-data §1.2)."""
    if "text/html" in request.headers.get("Accept", ""):
        return finish(request, HttpResponse(WELCOME))
    return answer(request, dict(GREETING))


__all__ = ["Call", "account_api", "account_exists", "authenticated", "greeting", "meta", "platform_api"]
