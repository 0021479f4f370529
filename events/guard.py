"""Who may open the pages of an account."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import quote, urlsplit

from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.cache import never_cache

from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

P = ParamSpec("P")
View = Callable[Concatenate[WebRequest, Actor, P], HttpResponseBase]


def owner_page(view: View[P]) -> Callable[..., HttpResponseBase]:
    """A page of the signed-in account: others are not told whether an account exists."""

    @wraps(view)
    def guarded(request: WebRequest, username: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.actor is None or request.account is None:
            if request.htmx:
                return _ended(request)
            return HttpResponseRedirect(f"/signin?next={quote(request.get_full_path())}")
        if username.lower() != request.account.username:
            raise Http404
        return view(request, request.actor, *args, **kwargs)

    return never_cache(guarded)


def _ended(request: WebRequest) -> HttpResponseBase:
    """The session ended while a page was open: it is told there, and what was typed stays."""
    page = urlsplit(request.htmx.current_url_abs_path or "/")
    back = quote(f"{page.path}?{page.query}" if page.query else page.path)
    response = screen(request, "_session_ended.html", "", {"back": back})
    response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "outerHTML"
    return response


def own_trees(actor: Actor) -> list[dict[str, Any]]:
    """The trees of streams, without that of the account's fields."""
    trees: list[dict[str, Any]] = execute("streams.get", actor, {})["streams"]
    return [tree for tree in trees if not tree["id"].startswith(":")]
