"""The dashboard, adding, single events and their files (ui §4)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpResponseBase

from accounts.fields import ROOT
from events.dashboard import periods, tiles
from events.dashboard.selection import Selection, chosen_streams, zone_of
from events.downloads import file_response, preview_response
from events.guard import own_trees, owner_page
from events.query.run import count_by_bucket, latest_time
from events.series import store
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError, CorruptedData
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

SERIES_POINTS = 400  # of one series event in a tile
SHOWN = 2000  # events of a period; more are told, not drawn


@owner_page
def dashboard(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Streams, tiles and the time bar."""
    zone = zone_of(request)
    trees = own_trees(actor)
    names = tiles.names_of(trees)
    chosen = chosen_streams(request.GET, list(names))
    latest = latest_time(actor, None if chosen is None else list(chosen)) if chosen != () else None
    query = request.GET
    asked = periods.from_query(
        query.get("scale", ""), query.get("from", ""), query.get("to", ""), now(), zone
    )
    selection = Selection(asked or periods.initial_period(latest, now(), zone), chosen)
    events = _events(actor, selection, trees)
    context = {
        "selection": selection,
        "period": selection.period,
        "rows": tree_rows(trees, chosen),
        "islands": tiles.islands(events, trees, selection.period, actor.username, _points(actor)),
        "cut": len(events) >= SHOWN,
        "limit": SHOWN,
        "count": len(events),
        "nothing_chosen": chosen == (),
        "first_run": latest is None and chosen is None,
        "latest": _latest(latest, zone),
        "bar": _bar(actor, selection, trees),
        "zone": zone.key,
        "bad_range": asked is None and query.get("scale") == "custom",
    }
    return screen(request, "events/dashboard.html", "shell", context)


def _points(actor: Actor) -> tiles.Points:
    """Reads points of series events that the actor was already shown, thinned for drawing."""

    def read(event: Mapping[str, Any], fields: Sequence[str]) -> list[list[Any]]:
        return store.read(actor.account_id, event["id"], ["deltaTime", *fields], max_points=SERIES_POINTS)

    return read


def _latest(moment: float | None, zone: Any) -> dict[str, str] | None:
    if moment is None:
        return None
    day = periods.period_at("day", moment, zone)
    return {"label": day.label, "query": periods.period_at("week", moment, zone).query}


def _wanted(selection: Selection, trees: Sequence[dict[str, Any]]) -> list[str] | None:
    """The streams as the API takes them: ticked ones, each alone (parents bring their children)."""
    return None if selection.streams is None else _top_streams(selection.streams, trees)


def _top_streams(chosen: Sequence[str], trees: Sequence[dict[str, Any]]) -> list[str]:
    """Ticked streams, without those below another ticked one whose whole subtree is ticked."""
    ticked, top = set(chosen), []
    waiting = list(trees)
    while waiting:
        node = waiting.pop()
        if node["id"] in ticked and _all_ids(node) <= ticked:
            top.append(node["id"])
        else:
            waiting.extend(node["children"])
    return top


def _all_ids(tree: dict[str, Any]) -> set[str]:
    return set(tiles.names_of([tree]))


def _events(actor: Actor, selection: Selection, trees: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The newest events of the period, as the API shows them."""
    wanted = _wanted(selection, trees)
    if wanted == []:
        return []
    raw: dict[str, Any] = {
        "fromTime": selection.period.start,
        "toTime": selection.period.end - 0.001,
        "limit": SHOWN,
    }
    raw["streams"] = wanted if wanted is not None else {"any": ["*"], "not": [ROOT]}
    found: list[dict[str, Any]] = execute("events.get", actor, raw)["events"]
    return found


def tree_rows(trees: Sequence[dict[str, Any]], chosen: Sequence[str] | None) -> list[dict[str, Any]]:
    """The tree as rows with their depth, box state and colour."""
    rows: list[dict[str, Any]] = []
    for index, tree in enumerate(trees):
        colour = tiles.PALETTE[index % len(tiles.PALETTE)]
        waiting = [(tree, 0)]
        while waiting:
            node, depth = waiting.pop()
            ids = _all_ids(node)
            ticked = ids if chosen is None else ids & set(chosen)
            own = chosen is None or node["id"] in chosen
            rows.append(
                {
                    "id": node["id"],
                    "name": node["name"],
                    "depth": min(depth, 6),
                    "colour": colour,
                    "on": own,
                    "mixed": bool(ticked) and ticked != ids,
                }
            )
            waiting.extend((child, depth + 1) for child in reversed(node["children"]))
    return rows


def _bar(actor: Actor, selection: Selection, trees: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The time bar: neighbours with their counts, the histogram of the selected period, scales."""
    period = selection.period
    wanted = _wanted(selection, trees)
    near = period.neighbours()
    edges = [p.start for p in near] + [near[-1].end]
    counts = {} if wanted == [] else count_by_bucket(actor, wanted, edges)
    sums = [sum(column) for column in zip(*counts.values(), strict=True)] if counts else [0] * len(near)
    fine = {} if wanted == [] else count_by_bucket(actor, wanted, period.edges())
    highest = max((sum(column) for column in zip(*fine.values(), strict=True)), default=0) or 1
    centre = len(near) // 2
    items = [
        {
            "period": p,
            "count": n,
            "height": round(100 * n / (max(sums) or 1)),
            "top": 100 - round(100 * n / (max(sums) or 1)),
            "far": abs(i - centre) == 3,
        }
        for i, (p, n) in enumerate(zip(near, sums, strict=True))
    ]
    colours = {tree["id"]: tiles.PALETTE[i % len(tiles.PALETTE)] for i, tree in enumerate(trees)}
    return {
        "before": items[:centre],
        "after": items[centre + 1 :],
        "previous": near[centre - 1],
        "next": near[centre + 1],
        "bars": _bars(fine, period, colours, highest),
        "ticks": period.ticks(),
        "now": period.share(now()) if period.start <= now() < period.end else None,
        "scales": [_scale_link(scale, period) for scale in periods.SCALES[:-1]],
        "total": sums[centre],
    }


def _bars(
    fine: dict[str, list[int]], period: periods.Period, colours: dict[str, str], highest: int
) -> list[dict[str, Any]]:
    """Stacked bars in per cent of width and height."""
    edges, bars = period.edges(), []
    for i in range(len(edges) - 1):
        top = 100.0
        for root, column in fine.items():
            if column[i]:
                height = 100 * column[i] / highest
                top -= height
                x, right = period.share(edges[i]), period.share(edges[i + 1])
                bars.append({"x": x, "w": round((right - x) * 0.86, 3), "y": round(top, 2),
                             "h": round(height, 2), "colour": colours.get(root, "s7")})  # fmt: skip
    return bars


def _scale_link(scale: str, period: periods.Period) -> dict[str, Any]:
    """The unit around now if it is in view, else around the start (ui §4.13)."""
    moment = now() if period.start <= now() < period.end else period.start
    found = periods.period_at(scale, moment, period.zone)
    return {"name": scale.capitalize(), "query": found.query, "current": scale == period.scale}


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
        try:
            return preview_response(request, actor, event_id, 1000 if "size" in request.GET else 500, None)
        except CorruptedData:
            files = execute("events.getOne", actor, {"id": event_id})["event"].get("attachments")
            if not files:
                raise
            return file_response(request, actor, event_id, files[0]["id"], inline=True)
    except ApiError:
        raise Http404 from None
