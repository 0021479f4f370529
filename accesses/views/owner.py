"""Pages of the account that is signed in, and asking for the password again (ui §1.3, §1.8)."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import quote

from django.http import HttpResponseBase, HttpResponseRedirect
from django.views.decorators.cache import never_cache

from accesses import sessions
from accounts import passwords
from accounts.models import Account
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

P = ParamSpec("P")
View = Callable[Concatenate[WebRequest, Actor, P], HttpResponseBase]
WRONG = "This is not the password of this account."


def owner_page(view: View[P]) -> Callable[..., HttpResponseBase]:
    """A page for the owner; others sign in first and come back."""

    @wraps(view)
    def guarded(request: WebRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.actor is None:
            return HttpResponseRedirect(f"/signin?next={quote(request.get_full_path())}", status=303)
        return view(request, request.actor, *args, **kwargs)

    return never_cache(guarded)


def page(
    request: WebRequest, template: str, tab: str, context: dict[str, Any], status: int = 200
) -> HttpResponseBase:
    """A page of the account area."""
    return screen(request, template, "", {"tab": tab, "step_up": _is_long_ago(request), **context}, status)


def _is_long_ago(request: WebRequest) -> bool:
    return not sessions.is_recent(request.session)


def stepped_up(request: WebRequest, actor: Actor) -> str | None:
    """Whether the owner gave the password lately, or gives it now: None, or what is wrong."""
    if not _is_long_ago(request):
        return None
    try:
        passwords.check(Account.objects.get(id=actor.account_id), request.POST.get("step_up", ""))
    except ApiError as error:
        return WRONG if error.id == "invalid-credentials" else error.message
    sessions.mark_recent(request.session)
    return None
