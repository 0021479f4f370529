"""One access: what it may do, how it was used, changing and ending it (ui §1.12)."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect

from accesses import receipts, usage
from accesses.listing import DAY, Row, rows_of
from accesses.markdown import safe_markdown
from accesses.sentences import lines, lower_levels
from accesses.views.apps import LIST, revoke
from accesses.views.owner import owner_page, page
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError, StaleResource
from pryvsite.kernel.ports import ports
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen
from pryvsite.web.zone import zone_of
from streams.tree import load_tree

TEMPLATE = "accesses/account_access.html"
GONE = "accesses/account_access_gone.html"
EXTENSIONS = {"": "Leave as it is", "never": "Never ends", "7": "7 days from now", "30": "30 days from now",
              "365": "1 year from now"}  # fmt: skip
STALE = "This access was changed meanwhile. Look again before you change it."


@owner_page
def access(request: WebRequest, actor: Actor, access_id: str) -> HttpResponseBase:
    """Details of an access, and forms to change it."""
    try:
        found = execute("accesses.getOne", actor, {"id": access_id, "includeHistory": True})
    except ApiError:
        kept = receipts.of_access(actor.account_id, access_id.partition(":")[0])
        if not kept:
            raise Http404 from None
        context = {"receipts": kept, "zone": zone_of(request)}
        return page(request, GONE, "apps", context, status=404)
    (row,) = rows_of(actor.account_id, [found["access"]], load_tree(actor.account_id))
    if row.wire["type"] == "personal":
        return HttpResponseRedirect("/account/security", status=303)
    if request.method == "POST":
        return _act(request, actor, row, found)
    return _show(request, actor, row, found)


def _show(
    request: WebRequest, actor: Actor, row: Row, found: dict[str, Any], problem: str = "", status: int = 200
) -> HttpResponseBase:
    tree = load_tree(actor.account_id)
    data = row.wire.get("clientData")
    description = (data or {}).get("app-web-auth:description")
    text = description.get("content") if isinstance(description, dict) else None
    context = {
        "row": row,
        "levels": [
            {"line": line, "options": lower_levels(line.level)}
            for line in row.lines
            if line.level and line.level != "none"
        ],
        "calls": sorted(usage.use_of(actor.account_id, row.base_id).calls.items(), key=lambda kv: -kv[1]),
        "written": ports.contents.written_by(actor.account_id, row.base_id, row.wire["created"]),
        "versions": [
            {"wire": wire, "lines": lines(wire.get("permissions") or [], tree)}
            for wire in reversed(found.get("history") or [])
        ],
        "receipts": receipts.of_access(actor.account_id, row.base_id),
        "message": safe_markdown(text) if isinstance(text, str) and text.strip() else None,
        "client_data": json.dumps(data, indent=2, ensure_ascii=False) if data else "",
        "extensions": EXTENSIONS,
        "problem": problem,
        "zone": zone_of(request),
    }
    return page(request, TEMPLATE, "apps", context, status)


def _act(request: WebRequest, actor: Actor, row: Row, found: dict[str, Any]) -> HttpResponseBase:
    """Revoke or change; the id that the form sends names the version that was shown."""
    shown = request.POST.get("id", row.id)
    if request.POST.get("action") == "revoke":
        revoke(request, actor, [shown])
        return HttpResponseRedirect(LIST, status=303)
    update = _update(request, row)
    if not update:
        return _show(request, actor, row, found, "Nothing was changed.")
    try:
        execute("accesses.update", actor, {"id": shown, "update": update})
    except StaleResource:
        return _show(request, actor, row, found, STALE, 409)
    except ApiError as error:
        return _show(request, actor, row, found, error.message, 422)
    messages.success(request, "Saved.")
    return HttpResponseRedirect(row.url, status=303)


def _update(request: WebRequest, row: Row) -> dict[str, Any]:
    """What a form changes: levels only down, the end, the name."""
    form = request.POST
    update: dict[str, Any] = {}
    if form.get("action") == "levels":
        stored = list(row.wire.get("permissions") or [])
        kept = [_lowered(entry, form.get(f"level_{index}")) for index, entry in enumerate(stored)]
        changed = [entry for entry in kept if entry is not None]
        if changed != stored and any(entry.get("level", "none") != "none" for entry in changed):
            update["permissions"] = changed
    elif form.get("action") == "expiry" and form.get("expiry") in EXTENSIONS and form["expiry"]:
        days = form["expiry"]
        update |= {"expires": None} if days == "never" else {"expireAfter": int(days) * DAY}
    elif form.get("action") == "name" and form.get("name", "").strip():
        name = form["name"].strip()[:200]
        update["name" if row.wire["type"] == "shared" else "deviceName"] = name
    return update


def _lowered(entry: dict[str, Any], wanted: str | None) -> dict[str, Any] | None:
    """An entry at a lower level; None where it is dropped."""
    if wanted is None or "level" not in entry or entry["level"] == "none":
        return entry
    if wanted == "":
        return None
    return {**entry, "level": wanted} if wanted in dict(lower_levels(entry["level"])) else entry


@owner_page
def receipt(request: WebRequest, actor: Actor, receipt_id: str) -> HttpResponseBase:
    """What was asked and answered, to read, print or keep as JSON."""
    found = receipts.find(actor.account_id, receipt_id)
    if found is None:
        raise Http404
    if request.GET.get("format") == "json":
        whole = {"account": actor.username, "outcome": found.outcome, "time": found.created,
                 "accessId": found.access_id or None, **found.content}  # fmt: skip
        text = json.dumps(whole, indent=2, ensure_ascii=False)
        response = HttpResponse(text, content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="consent-{found.id}.json"'
        return response
    return screen(request, "accesses/receipt.html", "", {"receipt": found, "zone": zone_of(request)})
