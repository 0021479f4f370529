"""What is kept of an account, and its end (ui §1.13)."""

from django.http import HttpResponseBase, HttpResponseRedirect
from django.views.decorators.cache import never_cache

from accesses import sessions
from accesses.views import mailed
from accesses.views.owner import owner_page, page, stepped_up
from accounts import leaving
from accounts.models import Account
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen
from pryvsite.web.zone import zone_of

TEMPLATE = "accesses/account_data.html"
STORE = "stay"


@owner_page
def data(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Storage, export, deletion."""
    action = request.POST.get("action") if request.method == "POST" else ""
    if action == "stay":
        leaving.stay(actor.account_id)
        return HttpResponseRedirect("/account/data", status=303)
    if action == "leave" and leaving.may_leave():
        return _leave(request, actor)
    return _show(request, actor)


def _show(
    request: WebRequest, actor: Actor, problem: str = "", *, wrong_name: bool = False
) -> HttpResponseBase:
    accesses = execute("accesses.get", actor, {})["accesses"]
    context = {
        "shown": execute("account.get", actor, {})["account"],
        "streams": len(list(_ids(execute("streams.get", actor, {"state": "all"})["streams"]))),
        "accesses": sum(access["type"] != "personal" for access in accesses),
        "may_leave": leaving.may_leave(),
        "leaving": leaving.leaving_of(actor.account_id),
        "problem": problem,
        "wrong_name": wrong_name,
        "typed": request.POST.get("username", ""),
        "zone": zone_of(request),
    }
    return page(request, TEMPLATE, "data", context, 422 if problem else 200)


def _ids(trees: list[dict[str, object]]) -> list[str]:
    found: list[str] = []
    waiting = [tree for tree in trees if not str(tree["id"]).startswith(":")]
    while waiting:
        node = waiting.pop()
        found.append(str(node["id"]))
        waiting.extend(node["children"])  # type: ignore[arg-type]
    return found


def _leave(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Password and typed name; then all sessions end, and the days of grace begin."""
    problem = stepped_up(request, actor)
    if problem:
        return _show(request, actor, problem)
    if request.POST.get("username", "").strip().lower() != actor.username:
        return _show(request, actor, "This is not the username of this account.", wrong_name=True)
    sessions.end_sessions(actor.account_id)
    due = leaving.leave(Account.objects.get(id=actor.account_id))
    request.session.flush()
    context = {"due": due, "zone": zone_of(request)}
    return screen(request, "accesses/leaving.html", "", context)


@never_cache
def stay(request: WebRequest) -> HttpResponseBase:
    """Keep an account by the link of the mail, on a button."""
    moved = mailed.taken_in(request, STORE, "token")
    if moved:
        return moved
    account_id = leaving.account_of(mailed.secret_of(request, STORE))
    going = leaving.leaving_of(account_id) if account_id else None
    if account_id is None or going is None:
        return screen(request, "accesses/stay.html", "", {"gone": True}, status=410)
    if request.method == "POST":
        leaving.stay(account_id)
        mailed.forget(request, STORE)
        return screen(request, "accesses/stay.html", "", {"done": True})
    return screen(request, "accesses/stay.html", "", {"due": going.due, "zone": zone_of(request)})
