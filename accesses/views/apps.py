"""Connected apps and shares: the list, and ending them (ui §1.11)."""

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect

from accesses import undo
from accesses.listing import FILTERS, SORTS, rows_of
from accesses.presenters import present_core
from accesses.views.owner import owner_page, page
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError
from pryvsite.web.requests import WebRequest
from pryvsite.web.zone import zone_of
from streams.tree import load_tree

TEMPLATE = "accesses/account_apps.html"
LIST = "/account/apps"


@owner_page
def apps(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Who can reach the data, and what each may do."""
    if request.method == "POST":
        return _act(request, actor)
    tree = load_tree(actor.account_id)
    wires = execute("accesses.get", actor, {"includeExpired": True})["accesses"]
    every = rows_of(actor.account_id, wires, tree)
    others = [row for row in every if row.wire["type"] != "personal"]
    query = request.GET.get("q", "").strip()
    sort = request.GET.get("sort", "used") if request.GET.get("sort") in SORTS else "used"
    chosen = request.GET.get("f", "") if request.GET.get("f") in FILTERS else ""
    fitting = [row for row in others if FILTERS[chosen][1](row) and row.fits(query)]
    shown = sorted(fitting, key=SORTS[sort][1])
    gone = rows_of(actor.account_id, [present_core(access) for access in undo.just_revoked(actor)], tree)
    context = {
        "apps": [row for row in shown if row.wire["type"] == "app"],
        "shares": [row for row in shown if row.wire["type"] == "shared"],
        "gone": gone,
        "sessions": sum(row.wire["type"] == "personal" and not row.expired for row in every),
        "any": bool(others),
        "q": query,
        "sort": sort,
        "sorts": {name: words for name, (words, _) in SORTS.items()},
        "filters": [
            {"name": name, "words": words, "count": sum(fits(row) for row in others), "on": name == chosen}
            for name, (words, fits) in FILTERS.items()
        ],
        "zone": zone_of(request),
    }
    return page(request, TEMPLATE, "apps", context)


def _act(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Revoke one or several, or take a revocation back."""
    if "undo" in request.POST:
        _undo(request, actor, request.POST["undo"])
    elif "revoke" in request.POST:
        revoke(request, actor, [request.POST["revoke"]])
    else:
        revoke(request, actor, request.POST.getlist("id"))
    return HttpResponseRedirect(request.get_full_path(), status=303)


def _undo(request: WebRequest, actor: Actor, access_id: str) -> None:
    try:
        access = undo.restore(actor, access_id)
        messages.success(request, f"{access.name} has its access again.")
    except ApiError as error:
        messages.error(request, f"That can’t be taken back. {error.message}")


def revoke(request: WebRequest, actor: Actor, wire_ids: list[str]) -> None:
    """End accesses, each by itself: one that changed meanwhile doesn't keep the others."""
    ended = 0
    for wire_id in wire_ids:
        try:
            execute("accesses.delete", actor, {"id": wire_id})
            ended += 1
        except ApiError as error:
            messages.error(request, f"One access was not revoked. {error.message}")
    if not wire_ids:
        messages.info(request, "Tick the accesses to revoke first.")
    elif ended > 1:
        messages.success(request, f"{ended} accesses revoked.")
