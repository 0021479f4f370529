"""Username, e-mail addresses, language, storage (ui §1.9)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect

from accesses import hosting
from accesses.views.owner import owner_page, page, stepped_up
from accounts.models import Account
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError
from pryvsite.web.requests import WebRequest

TEMPLATE = "accesses/account_profile.html"
HERE = "/account/profile"
LANGUAGES = {"en": "English", "fr": "Français"}
DONE = {
    "add": "A mail with a link is on its way to {email}.",
    "setPrimary": "{email} is the primary address now.",
    "remove": "{email} was removed.",
    "resend": "Another mail is on its way to {email}.",
}


@owner_page
def profile(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """The page and all its forms."""
    if request.method == "POST":
        act = ACTIONS.get(request.POST.get("action", "").partition(":")[0])
        if act is not None:
            return act(request, actor)
    return _show(request, actor, {})


def _show(request: WebRequest, actor: Actor, context: dict[str, Any], status: int = 200) -> HttpResponseBase:
    shown = execute("account.get", actor, {})["account"]
    row = Account.objects.get(id=actor.account_id)
    place = next((one for one in hosting.places() if one.key == row.hosting), None)
    told = {
        "shown": shown,
        "changes": execute("account.usernameChanges", actor, {}),
        "place": place,
        "languages": LANGUAGES | {shown["language"]: LANGUAGES.get(shown["language"], shown["language"])},
        **context,
    }
    return page(request, TEMPLATE, "profile", told, status)


def _emails(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Add, make primary, remove, or mail the link again."""
    what = request.POST["action"].partition(":")[2]
    email = request.POST.get("email", "").strip()
    problem = stepped_up(request, actor) if what != "resend" else None
    if problem:
        return _show(request, actor, {"step_up_problem": problem, "typed": email}, 422)
    if what not in DONE:
        return _show(request, actor, {})
    change = {what: email if what == "setPrimary" else [email]}
    try:
        execute("account.update", actor, {"update": {"emails": change}})
    except ApiError as error:
        return _show(request, actor, {"email_problem": _in_words(error), "typed": email}, 422)
    messages.success(request, DONE[what].format(email=email))
    return HttpResponseRedirect(HERE, status=303)


def _in_words(error: ApiError) -> str:
    if error.id == "item-already-exists":
        return "An account already uses this address."
    left = error.data.get("retryAfterSeconds") if isinstance(error.data, dict) else None
    return f"{error.message} {left} seconds left." if left else error.message


def _language(request: WebRequest, actor: Actor) -> HttpResponseBase:
    try:
        execute("account.update", actor, {"update": {"language": request.POST.get("language", "")}})
    except ApiError as error:
        return _show(request, actor, {"language_problem": error.message}, 422)
    messages.success(request, "Saved.")
    return HttpResponseRedirect(HERE, status=303)


def _username(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Another username, typed twice, since addresses of the API change with it."""
    wanted = request.POST.get("username", "").strip().lower()
    problem = stepped_up(request, actor)
    if problem is None and wanted != request.POST.get("again", "").strip().lower():
        problem = "The two names differ."
    if problem:
        return _show(request, actor, {"username_problem": problem, "wanted": wanted}, 422)
    try:
        execute("account.changeUsername", actor, {"newUsername": wanted})
    except ApiError as error:
        words = "Already taken." if error.id == "item-already-exists" else error.message
        return _show(request, actor, {"username_problem": words, "wanted": wanted}, 422)
    messages.success(request, f"Your username is {wanted} now.")
    return HttpResponseRedirect(HERE, status=303)


ACTIONS = {"email": _emails, "language": _language, "username": _username}
