"""The dashboard: streams, mosaic and time bar; files and pictures for its pages (ui §4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.utils.cache import patch_response_headers

from accounts.mfa import second_step_state
from events import ahead
from events.dashboard import contents, mosaic, periods, ranges
from events.dashboard.charts import number_text
from events.dashboard.colours import colours_of, sheet_query, style_sheet
from events.dashboard.contents import Scene
from events.dashboard.frame import Frame, frame_of
from events.dashboard.rows import pinned_rows, tree_rows
from events.dashboard.selection import Selection, chosen_streams, nodes_of, zone_of
from events.dashboard.settings import classes_of
from events.dashboard.timeline import timeline
from events.downloads import file_response, preview_response
from events.guard import own_trees, owner_page
from events.query.run import neighbour_time
from events.tree.colours import saved_colours
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError, CorruptedData
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

YEAR = 365 * 86400
WITHIN = 0.5  # seconds; moments of addresses are whole ones
MOST = 20_000  # events that a page sums up itself; the rest is made meanwhile
MAX_SPOTS = 2000  # of one stream on a map that can be explored
Trees = list[dict[str, Any]]


def selection_of(request: WebRequest, actor: Actor, trees: Trees) -> Selection:
    """What the address asks for, with a period that holds the newest data where it names none."""
    zone, query = zone_of(request), request.GET
    chosen = chosen_streams(query, trees)
    asked, problem = _asked_period(query, actor, chosen, zone)
    period = asked or periods.initial_period(_latest(actor, chosen), now(), zone)
    follow = query.get("at") == "now"
    at = now() if follow else periods.moment_of(query.get("at", ""), zone)
    period, at = _moved(query.get("go", ""), period, at, actor, chosen)
    if at is None or not period.start <= at <= period.end:
        return Selection(period, chosen, None, problem)
    return Selection(period, chosen, at, problem, follow and period.scale in periods.UNITS)


def _asked_period(
    query: QueryDict, actor: Actor, chosen: Sequence[str] | None, zone: ZoneInfo
) -> tuple[periods.Period | None, str]:
    """The period that is named in words or numbers, and what is wrong with it."""
    words, scale = query.get("range", "").strip(), query.get("scale", "")
    if words == "all" or (scale == "all" and "from" not in query):
        return periods.whole_time(_edge(actor, chosen, later=True), _latest(actor, chosen), now(), zone), ""
    if words:
        found = ranges.parse_range(words, now(), zone)
        return found, "" if found else f"“{words[:80]}” is no range that is understood. {ranges.HELP}"
    asked = periods.from_query(scale, query.get("from", ""), query.get("to", ""), now(), zone)
    wrong = asked is None and scale == "custom"
    return asked, "The custom range needs a beginning and a later end." if wrong else ""


def _moved(
    where: str, period: periods.Period, at: float | None, actor: Actor, chosen: Sequence[str] | None
) -> tuple[periods.Period, float | None]:
    """The nearest period of the same length that holds something, in a direction, or the first or last;
    a shorter or longer one; the entry before or after the highlighted moment. With the moment."""
    shown = period.clamp(now() if at is None else at)
    if where in ("in", "out"):
        return periods.zoomed(period, shown, inward=where == "in"), at
    if where in ("before", "after"):
        later = where == "after"
        found = _beside(actor, chosen, shown + (WITHIN if later else -WITHIN), later=later)
        if found is None:
            return period, at
        return _around(period, found), found
    if where in ("first", "last"):
        moment = _edge(actor, chosen, later=where == "first")
    elif where == "earlier":
        moment = _beside(actor, chosen, period.start, later=False)
    elif where == "later":
        moment = _beside(actor, chosen, period.end, later=True)
    else:
        return period, at
    return (period if moment is None else _around(period, moment)), at


def _around(period: periods.Period, moment: float) -> periods.Period:
    """The period itself where it holds the moment, else its unit around that."""
    if period.start <= moment < period.end:
        return period
    unit = period.scale if period.scale in periods.UNITS else "week"
    return periods.period_at(unit, moment, period.zone)


def _edge(actor: Actor, chosen: Sequence[str] | None, *, later: bool) -> float | None:
    return _beside(actor, chosen, periods.EARLIEST if later else periods.LATEST, later=later)


def _beside(actor: Actor, chosen: Sequence[str] | None, moment: float, *, later: bool) -> float | None:
    if chosen == ():
        return None
    found = neighbour_time(actor, None if chosen is None else list(chosen), moment, later=later)
    return found if found is not None and periods.EARLIEST <= found < periods.LATEST else None


def _latest(actor: Actor, chosen: Sequence[str] | None) -> float | None:
    return _edge(actor, chosen, later=False)


@owner_page
def dashboard(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Streams, tiles and the time bar."""
    trees = saved_colours(actor, own_trees(actor))
    selection = selection_of(request, actor, trees)
    period, nodes, colours = selection.period, nodes_of(trees), colours_of(trees)
    frame = frame_of(actor, period, selection.streams, MOST)
    regions = mosaic.regions(selection.streams, trees, colours)
    names = {sid: str(node["name"]) for sid, node in nodes.items()}
    islands = mosaic.islands(frame, regions, names, selection.streams)
    lazy = "tz" in request.COOKIES and request.GET.get("tiles") != "all"
    if not lazy:
        contents.contents(Scene(frame, nodes, colours, actor.username, selection.at), islands)
    focus = mosaic.focus_of(selection.streams, trees)
    latest = _latest(actor, selection.streams)
    first_run = latest is None and selection.streams is None
    bar = timeline(frame, selection, regions)
    rows = tree_rows(trees, selection.streams, _stream_counts(frame), _stream_latest(frame))
    ahead.looked(actor.account_id, period.zone, complete=frame.book.complete)
    context = {
        "selection": selection,
        "unfinished": None if frame.book.complete else frame.percent,
        "period": period,
        "rows": rows,
        "pins": pinned_rows(rows),
        "bare": sum(not row["count"] for row in rows),
        "islands": islands,
        "lazy": lazy,
        "total": frame.total,
        "total_text": number_text(frame.total),
        "crumbs": mosaic.breadcrumbs(focus, trees),
        "nothing_chosen": selection.streams == (),
        "first_run": first_run,
        "second_step": first_run and second_step_state(actor.account_id),
        "latest": _latest_link(latest, period),
        "bar": bar,
        "zone": period.zone.key,
        "quick": ranges.QUICK,
        "recent": ranges.remember(request.session, request.GET.get("range", ""), selection.problem),
        "sheet": sheet_query({*colours.values(), *classes_of(nodes.values())}),
    }
    response = screen(request, "events/dashboard.html", "shell", context)
    if request.htmx and not request.htmx.history_restore_request:
        opened = f"&open={quote(request.GET['open'])}" if "open" in request.GET else ""
        response["HX-Push-Url"] = f"/u/{actor.username}/?{selection.query}{opened}"
    return response


def _stream_counts(frame: Frame) -> dict[str, int]:
    """How many events of the period sit in each stream."""
    found: dict[str, int] = {}
    for brief in frame.briefs:
        for sid in brief.place:
            found[sid] = found.get(sid, 0) + brief.count
    return found


def _stream_latest(frame: Frame) -> dict[str, float]:
    """When each stream last had an event, to a bucket of the time bar."""
    edges = frame.period.edges()
    buckets = zip(edges, frame.counts(edges), strict=False)
    return {sid: start for start, bucket in buckets for brief in bucket for sid in brief.place}


def _latest_link(moment: float | None, period: periods.Period) -> dict[str, str] | None:
    if moment is None:
        return None
    day = periods.period_at("day", moment, period.zone)
    unit = period.scale if period.scale in periods.UNITS else "week"
    return {"label": day.label, "query": periods.period_at(unit, moment, period.zone).query}


@dataclass(frozen=True)
class Asked:
    """What the address of a tile asks for."""

    selection: Selection
    scene: Scene
    colours: dict[str, str]
    island: mosaic.Island | None
    head: mosaic.TileHead | None


def tile_asked(request: WebRequest, actor: Actor) -> Asked:
    """The tile of an address; without island where it holds nothing any more."""
    trees = own_trees(actor)
    selection = selection_of(request, actor, trees)
    nodes, colours = nodes_of(trees), colours_of(trees)
    frame = frame_of(actor, selection.period, selection.streams, 0)
    names = {sid: str(node["name"]) for sid, node in nodes.items()}
    regions = mosaic.regions(selection.streams, trees, colours)
    islands = mosaic.islands(frame, regions, names, selection.streams)
    wanted = (request.GET.get("island"), request.GET.get("kind"))
    tiles = ((one, head) for one in islands for head in one.tiles)
    island, head = next((pair for pair in tiles if (pair[0].id, pair[1].kind) == wanted), (None, None))
    return Asked(selection, Scene(frame, nodes, colours, actor.username, selection.at), colours, island, head)


@owner_page
def tile(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """The content of one tile, or a page with it alone."""
    asked = tile_asked(request, actor)
    context: dict[str, Any] = {
        "selection": asked.selection,
        "period": asked.selection.period,
        "sheet": sheet_query({*asked.colours.values(), *classes_of(asked.scene.nodes.values())}),
    }
    if asked.island is None or asked.head is None:
        return screen(request, "events/tile.html", "gone", context | {"gone": True})
    content = contents.fill(asked.scene, asked.island, asked.head)
    more = {"island": asked.island, "tile": asked.head, "content": content}
    return screen(request, "events/tile.html", "tile", context | more)


@owner_page
def places(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """The positions of a tile, for maps that can be explored."""
    asked = tile_asked(request, actor)
    tracks = []
    if asked.island is not None and asked.head is not None:
        spots = contents.spots(asked.scene, asked.island, asked.head)
        tracks = [
            {
                "name": str(asked.scene.nodes[sid]["name"]),
                "css": asked.colours[sid],
                "spots": way[:: max(1, len(way) // MAX_SPOTS)],
            }
            for sid, way in spots.items()
        ]
    return JsonResponse({"tracks": tracks})


def colours(request: WebRequest) -> HttpResponse:
    """Style classes of colours that people picked; the address says all."""
    response = HttpResponse(style_sheet(request.GET.get("c", "")), content_type="text/css; charset=utf-8")
    patch_response_headers(response, YEAR)
    return response


@owner_page
def file(request: WebRequest, actor: Actor, event_id: str, file_id: str) -> HttpResponseBase:
    """A file of an event, for the pages; pictures are shown in place."""
    try:
        return file_response(request, actor, event_id, file_id, inline="download" not in request.GET)
    except ApiError:
        raise Http404 from None


@owner_page
def picture(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """A picture in the size that a page shows; as it is where it can't be made smaller."""
    try:
        width = min(max(int(request.GET.get("w", "500")), 1), 1024)
    except ValueError:
        width = 500
    try:
        try:
            return preview_response(request, actor, event_id, width, None)
        except CorruptedData:
            files = execute("events.getOne", actor, {"id": event_id})["event"].get("attachments")
            if not files:
                raise
            return file_response(request, actor, event_id, files[0]["id"], inline=True)
    except ApiError:
        raise Http404 from None
