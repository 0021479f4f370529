"""The catalogue of methods. HTTP, batch, sockets, forms and OpenAPI are all driven by it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from django.http import HttpRequest, HttpResponseBase, QueryDict

from pryvsite.api.contract import Allow, Answers, Contract, Errors
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError
from pryvsite.kernel.inputs import Input, Nothing
from pryvsite.kernel.results import Result

Wire = dict[str, Any]
Place = Literal["account", "platform"]
Together = Callable[[Actor, Sequence[Any]], Sequence[Wire | ApiError]]
Multipart = Callable[[HttpRequest, Actor, Mapping[str, str]], Wire]


@dataclass(frozen=True, slots=True)
class Method:
    """One API method.

    `allow`: open (no token), token (any), member (personal or app), personal, operator (with their key).
    `update`: the HTTP body travels as the parameter `update` (spec api-data §1.10).
    `query`: how a query string becomes parameters, where the general coercion doesn't do.
    `multipart`: runs the method on a multipart body.
    `together`: runs it on many inputs by as many statements as on one; for each a result or an error.
    `result`: what an answer holds besides `meta`. `errors`: those beyond what `allow` and `input` imply.
    """

    id: str
    run: Callable[..., Wire]
    input: type[Input]
    result: type[Result]
    errors: Errors
    allow: Allow
    writes: bool
    status: int
    update: bool
    strict_query: bool
    query: Callable[[QueryDict], Wire] | None
    multipart: Multipart | None
    together: Together | None


@dataclass(frozen=True, slots=True)
class Route:
    """A verb and path below an account or the platform, leading to a method or an HTTP-only view."""

    verb: str
    segments: tuple[str, ...]
    method: Method | None = None
    view: Callable[..., HttpResponseBase] | None = None
    contract: Contract | None = None  # of a view; a method says it itself

    @property
    def allow(self) -> "Allow | None":
        """Who may call, as the method or the view's contract says it."""
        said = self.method or self.contract
        return said.allow if said else None


METHODS: dict[str, Method] = {}
ROUTES: dict[Place, list[Route]] = {"account": [], "platform": []}


_FIND: dict[tuple[Place, str, str], list[Route]] = {}  # by place, verb and first word


def _add(place: Place, route: Route) -> None:
    ROUTES[place].append(route)
    word = route.segments[0] if route.segments else ""
    found = _FIND.setdefault((place, route.verb, word), [])
    found.append(route)
    found.sort(key=_words_first)


def _words_first(route: Route) -> list[bool]:
    """Of two routes that fit, the one that ends in a word is meant, in whatever order modules are loaded."""
    return [segment.startswith("{") for segment in reversed(route.segments)]


def _segments(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)


def method(
    method_id: str,
    *routes: tuple[str, str],
    result: type[Result],
    input: type[Input] = Nothing,
    errors: Errors = (),
    allow: Allow = "token",
    writes: bool = False,
    status: int = 200,
    update: bool = False,
    strict_query: bool = False,
    place: Place = "account",
    query: Callable[[QueryDict], Wire] | None = None,
    multipart: Multipart | None = None,
    together: Together | None = None,
) -> Callable[[Callable[..., Wire]], Callable[..., Wire]]:
    """Register a function `(actor, input) -> wire dict` under an id and any number of routes.

    The function's docstring is the method's description for people who use the API.
    Paths are written below the account or the platform root, e.g. ``("GET", "events/{id}")``.
    """

    def register(run: Callable[..., Wire]) -> Callable[..., Wire]:
        if method_id in METHODS:
            raise ValueError(f"method {method_id} is registered twice")
        entry = Method(
            method_id, run, input, result, errors, allow, writes, status, update, strict_query, query,
            multipart, together,
        )  # fmt: skip
        METHODS[method_id] = entry
        for verb, path in routes:
            _add(place, Route(verb, _segments(path), method=entry))
        return run

    return register


def endpoint(
    endpoint_id: str,
    verb: str,
    path: str,
    *,
    answers: Answers,
    errors: Errors = (),
    allow: Allow = "token",
    query: type[Input] = Nothing,
    body: type[Input] | None = None,
    files: bool = False,
    read_token: bool = False,
    place: Place = "account",
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Register an HTTP-only view `(call: Call) -> response` (files, series, legacy look-ups).

    The view itself reads its parameters and checks its token; the rest says what it does (`Contract`).
    """

    def register(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        contract = Contract(
            endpoint_id, view.__doc__ or "", allow, answers, errors, query, body, files, read_token,
            deprecated=not answers,
        )  # fmt: skip
        _add(place, Route(verb, _segments(path), view=view, contract=contract))
        return view

    return register


operator_method = partial(method, allow="operator", place="platform")
operator_endpoint = partial(endpoint, allow="operator", place="platform")


def match(place: Place, verb: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """The route of a verb and path with its path parameters, or None.

    Route words are case-insensitive, ids are not; a trailing slash doesn't matter. The last
    parameter may be written `{name*}` and then takes the rest of the path; one followed by a suffix
    (`{id}.jpg`) takes what ends with it. Every path begins with a word: it finds the few routes to try.
    """
    given = _segments(path)
    wanted = "GET" if verb == "HEAD" else verb
    word = given[0].lower() if given else ""
    for route in _FIND.get((place, wanted, word), ()):
        params = _fit(route.segments, given)
        if params is not None:
            return route, params
    return None


def _fit(pattern: tuple[str, ...], given: tuple[str, ...]) -> dict[str, str] | None:
    rest = bool(pattern) and pattern[-1].endswith("*}")
    if len(given) < len(pattern) if rest else len(given) != len(pattern):
        return None
    params: dict[str, str] = {}
    for expected, actual in zip(pattern, given, strict=False):
        if expected.startswith("{"):
            name, _, suffix = expected.strip("{").partition("}")
            if not actual.lower().endswith(suffix):
                return None
            params[name.rstrip("*")] = actual.removesuffix(actual[len(actual) - len(suffix) :])
        elif expected != actual.lower():
            return None
    return params
