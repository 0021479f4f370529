"""One entry beside the list of its tile: a panel with script, a page without (ui §4.8)."""

import math
from itertools import pairwise
from typing import Any

import msgspec
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse

from events.dashboard import periods
from events.dashboard.charts import number_text
from events.dashboard.selection import zone_of
from events.guard import own_trees, owner_page
from events.keeping import choices, show, versions, where
from events.keeping.authors import Authors
from events.keeping.tile import AROUND, PAGE, Tile, tile_around, tile_of
from events.query.run import COUNTED
from pryvsite.api.execute import execute
from pryvsite.api.platform import public_url
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

Wire = dict[str, Any]
TEMPLATE = "events/entry.html"


@owner_page
def entry(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """An entry, and those around it."""
    return render(request, actor, event_id)


@owner_page
def entries(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """The entry of a tile that is nearest to the highlighted time."""
    tile = tile_of(request.GET, _period(request))
    try:
        found = tile.nearest(actor, _moment(request))
    except ApiError:
        raise Http404 from None
    if found is None:
        return screen(request, TEMPLATE, "gone", {"close": _close(request, actor)}, status=404)
    if request.htmx:
        return render(request, actor, found["id"])
    return HttpResponseRedirect(f"/u/{actor.username}/event/{found['id']}{tile.query()}")


@owner_page
def as_json(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """An entry as the API shows it, without what opens its files."""
    event = found_event(actor, event_id)
    body = msgspec.json.format(msgspec.json.encode(plain(event)), indent=2)
    return HttpResponse(body, content_type="application/json")


@owner_page
def places(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """The positions around an entry, for the map that can be explored."""
    event = found_event(actor, event_id)
    here = show.place_of(event)
    if here is None:
        raise Http404
    tracks = where.tracks_around(actor, event, tile_asked(request, event), own_trees(actor))
    return JsonResponse({"tracks": tracks, "pin": here})


def plain(event: Wire) -> Wire:
    """The event without read tokens, which are secrets."""
    files = [{k: v for k, v in f.items() if k != "readToken"} for f in event.get("attachments", ())]
    return {**event, "attachments": files} if files else event


def found_event(actor: Actor, event_id: str, *, history: bool = False) -> Wire:
    """The event; with `history` also its earlier versions under that name. 404 when there is none."""
    try:
        found = execute("events.getOne", actor, {"id": event_id, "includeHistory": history})
    except ApiError:
        raise Http404 from None
    if "deleted" in found["event"]:
        raise Http404
    return {**found["event"], "history": found.get("history", [])} if history else found["event"]


def _period(request: WebRequest) -> periods.Period | None:
    query = request.GET
    zone = zone_of(request)
    return periods.from_query(query.get("scale", ""), query.get("from", ""), query.get("to", ""), now(), zone)


def _moment(request: WebRequest) -> float:
    """The highlighted time of the address, else the end of its period where that is past, else now."""
    try:
        return float(request.GET.get("at", ""))
    except ValueError:
        period = _period(request)
        return min(now(), period.end) if period else now()


def _close(request: WebRequest, actor: Actor, moment: float | None = None) -> str:
    """The dashboard that the entry was opened from, or the week of the entry."""
    period = _period(request)
    if period is None and moment is not None and periods.local_time(moment, zone_of(request)) is not None:
        period = periods.period_at("week", moment, zone_of(request))
    return f"/u/{actor.username}/?{period.query}" if period else f"/u/{actor.username}/"


def render(
    request: WebRequest, actor: Actor, event_id: str, *, status: int = 200, more: Wire | None = None
) -> HttpResponseBase:
    """The panel or page of an entry."""
    found = found_event(actor, event_id, history=True)
    history = found.pop("history")
    event = plain(found)
    tile = tile_asked(request, event)
    zone, base, trees = zone_of(request), f"/u/{actor.username}", own_trees(actor)
    names, rows = choices.names_of(trees), choices.stream_rows(trees)
    context: Wire = {
        "event": event,
        "item": show.shown(event, base, zone),
        "map": where.map_of(actor, event, tile, trees, zone),
        "paths": [row for row in rows if row["id"] in event["streamIds"]],
        "sheet": choices.sheet_of(rows),
        "zone": zone.key,
        "query": tile.query(),
        "close": _close(request, actor, event["time"]),
        "json": msgspec.json.format(msgspec.json.encode(event), indent=2).decode(),
        "address": f"{public_url()}{base}/event/{event_id}",
        "rows": rows,
        **_list(request, actor, tile, event, names),
        **_story(actor, event, history, names, request),
        **(more or {}),
    }
    context["swap"] = bool(request.htmx)  # notices go along with the panel
    return screen(request, TEMPLATE, "panel", context, status=status)


def tile_asked(request: WebRequest, event: Wire) -> Tile:
    """The tile of the address, else what the entry belongs to."""
    period = _period(request)
    tile = tile_of(request.GET, period)
    if not (tile.streams or tile.types) or (event.get("trashed") and tile.state == "default"):
        return tile_around(event, period)
    return tile


def _list(request: WebRequest, actor: Actor, tile: Tile, event: Wire, names: dict[str, str]) -> Wire:
    """The list around the entry, with what comes before and after."""
    total, newer = tile.position(actor, event)
    skip, until = _number(request, "skip"), _number(request, "until")
    if skip is None:
        # Too deep to be counted: the list begins at the entry.
        until = math.ceil(event["time"]) if newer >= COUNTED else None
        skip = 0 if until is not None else max(0, newer - AROUND)
    zone, base = zone_of(request), f"/u/{actor.username}"
    found = tile.page(actor, skip, PAGE + 1, until)
    rows = [show.row(one, base, tile.query(), names, zone) for one in found[:PAGE]]
    places = [place for place, one in enumerate(found[:PAGE]) if one["id"] == event["id"]]
    around, place = bool(places), places[0] if places else 0
    links = {
        "newer_one": rows[place - 1].url if around and place > 0 else "",
        "older_one": rows[place + 1].url if around and place + 1 < len(rows) else "",
    }
    return {
        "list": rows,
        "total": f"{number_text(COUNTED)}+" if total >= COUNTED else number_text(total),
        "one": total == 1,
        "tile": tile,
        "state": tile.state,
        "title": ", ".join(names.get(sid, sid) for sid in tile.streams) or "Entries",
        "newer": tile.query(skip=max(0, skip - PAGE), until=until) if skip else "",
        "older": tile.query(skip=skip + PAGE, until=until) if len(found) > PAGE else "",
        "further": "skip" in request.GET,
        **links,
    }


def _number(request: WebRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None


def _story(
    actor: Actor, event: Wire, history: list[Wire], names: dict[str, str], request: WebRequest
) -> Wire:
    """Who wrote it, and what was changed since."""
    zone, authors = zone_of(request), Authors(actor)
    steps: list[versions.Version] = []
    chain = [*history, event]
    for number, (old, new) in enumerate(pairwise(chain)):
        found = versions.changes(old, new, names, zone)
        did = "changed " + (", ".join(change.name.lower() for change in found) or "nothing that is shown")
        when = show.moment_text(new["modified"], zone)
        steps.append(versions.Version(number, authors.name(new.get("modifiedBy", "")), when, did, found))
    return {
        "added_by": authors.name(event["createdBy"]),
        "added_at": show.moment_text(event["created"], zone),
        "changed_by": authors.name(event["modifiedBy"]) if event["modified"] != event["created"] else "",
        "changed_at": show.moment_text(event["modified"], zone),
        "versions": steps[::-1],
    }
