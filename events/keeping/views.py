"""Adding, and single events (ui §4.7, §4.8)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.http import require_POST

from events.api import create_with_files
from events.dashboard import periods, tiles
from events.dashboard.selection import zone_of
from events.forms import FORMS, KINDS, NEW
from events.guard import own_trees, owner_page
from events.views import tree_rows
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen


@owner_page
def add(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Add a note, number, picture or position."""
    kind = request.GET.get("kind", "note")
    if kind not in FORMS:
        raise Http404
    zone = zone_of(request)
    trees = own_trees(actor)
    rows = tree_rows(trees, None)
    known = [row["id"] for row in rows]
    preferred = request.GET.get("stream") or "diary"
    chosen = preferred if preferred in known else known[0] if known else NEW
    if request.method == "POST":
        form = FORMS[kind](request.POST, request.FILES, zone=zone)
        chosen = request.POST.get("stream", "")
        if form.is_valid():
            try:
                return _added(request, actor, form)
            except ApiError as error:
                form.add_error(None, error.message)
    else:
        form = FORMS[kind](zone=zone)
    context = {"form": form, "kind": kind, "kinds": KINDS, "rows": rows, "chosen": chosen, "new": NEW,
               "zone": zone.key}  # fmt: skip
    return screen(request, "events/add.html", "", context, status=422 if form.errors else 200)


def _added(request: WebRequest, actor: Actor, form: Any) -> HttpResponseBase:
    """Create what the form describes, the stream first; then show it."""
    stream_id = form.cleaned_data["stream"]
    if stream_id == NEW:
        made = execute("streams.create", actor, {"name": form.cleaned_data["new_stream"].strip()})
        stream_id = made["stream"]["id"]
    moment = now()
    for wire, files in form.events():
        raw = {**wire, "streamIds": [stream_id]}
        event = create_with_files(actor, raw, files)["event"] if files else None
        moment = (event or execute("events.create", actor, raw)["event"])["time"]
    messages.success(request, "Added to your data.")
    period = periods.period_at("week", moment, form.zone)
    return HttpResponseRedirect(f"/u/{actor.username}/?{period.query}", status=303)


@owner_page
def event(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """One event with everything that is known of it."""
    try:
        found = execute("events.getOne", actor, {"id": event_id})["event"]
    except ApiError:
        raise Http404 from None
    if "deleted" in found:
        raise Http404
    zone = zone_of(request)
    period = periods.period_at("day", found["time"], zone)
    item = tiles.present(found, period, actor.username, tiles.names_of(own_trees(actor)))
    context = {"event": found, "item": item, "back": periods.period_at("week", found["time"], zone).query,
               "zone": zone.key}  # fmt: skip
    return screen(request, "events/event.html", "", context)


@require_POST
@owner_page
def trash(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """Put an event into the trash, or take it out again."""
    restore = request.POST.get("action") == "restore"
    try:
        execute("events.update", actor, {"id": event_id, "update": {"trashed": not restore}})
    except ApiError:
        raise Http404 from None
    messages.success(request, "Restored." if restore else "In the trash.")
    return HttpResponseRedirect(f"/u/{actor.username}/event/{event_id}", status=303)
