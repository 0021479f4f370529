"""How the series of a tile are drawn: a form for each, kept with its stream (ui §4.6)."""

from typing import Any

from django.http import Http404, HttpResponseBase

from events import types
from events.dashboard import numbers
from events.dashboard.colours import HEX, NAMES, digits_of, sheet_query
from events.dashboard.kinds import is_chart
from events.dashboard.settings import (
    INTERVALS,
    KEY,
    OPERATIONS,
    STYLES,
    ChartSettings,
    classes_of,
    settings_of,
)
from events.guard import owner_page
from events.keeping import undo
from events.tree.views import done
from events.views import tile_asked
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError
from pryvsite.web.notices import notice
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen


@owner_page
def chart_settings(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Choose colour, style, operation and interval of each series of a tile."""
    asked = tile_asked(request, actor)
    island, head, nodes = asked.island, asked.head, dict(asked.scene.nodes)
    if island is None or head is None or not (is_chart(head.kind) or head.kinds):
        raise Http404
    drawn = numbers.figure(asked.scene.frame, island.members, head.kinds or (head.kind,), nodes, None)
    series = list(dict.fromkeys((one.stream_id, one.type) for one in drawn.series))
    looking = request.POST.get("action") == "preview"
    if request.method == "POST" and not looking:
        _save(request, actor, series, nodes)
        return done(request, actor)
    if looking:
        nodes = _as_given(request, series, nodes)
        drawn = numbers.figure(asked.scene.frame, island.members, head.kinds or (head.kind,), nodes, None)
    forms = [_form(number, sid, event_type, nodes) for number, (sid, event_type) in enumerate(series)]
    context = {
        "forms": forms,
        "figure": drawn,
        "island": island,
        "sheet": sheet_query({*asked.colours.values(), *classes_of(nodes.values())}),
        "title": head.title,
        "styles": STYLES.items(),
        "operations": OPERATIONS.items(),
        "intervals": INTERVALS.items(),
        "palette": [("", "As the stream", ""), *((f"#{HEX[n]}", NAMES[n], n) for n in NAMES)],
        "query": request.GET.urlencode(),
        "next": f"/u/{actor.username}/?{asked.selection.query}",
    }
    return screen(request, "events/chart_settings.html", "preview" if looking else "dialog", context)


def _form(number: int, stream_id: str, event_type: str, nodes: dict[str, Any]) -> dict[str, Any]:
    stream = nodes[stream_id]
    chosen = settings_of(stream.get("clientData"), event_type)
    digits = digits_of(chosen.color)
    return {
        "number": number,
        "name": f"{stream['name']} ({types.unit_of(event_type)})",
        "chosen": chosen,
        "colour": f"#{digits}" if digits else "",
        # One that isn't of the palette can be kept.
        "own": (f"#{digits}", "As it was", chosen.css) if chosen.css.startswith("k") else None,
    }


def _as_given(
    request: WebRequest, series: list[tuple[str, str]], nodes: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """The streams as if what the form says were kept with them."""
    seen = dict(nodes)
    for number, (stream_id, event_type) in enumerate(series):
        charts = _charts(seen[stream_id])
        charts[event_type] = {"settings": _given(request, number).wire()}
        data = {**(seen[stream_id].get("clientData") or {}), KEY: charts}
        seen[stream_id] = {**seen[stream_id], "clientData": data}
    return seen


def _charts(stream: dict[str, Any]) -> dict[str, Any]:
    """What a stream keeps of its charts, by type."""
    kept = (stream.get("clientData") or {}).get(KEY)
    return dict(kept) if isinstance(kept, dict) else {}


def _save(request: WebRequest, actor: Actor, series: list[tuple[str, str]], nodes: dict[str, Any]) -> None:
    """Keep what was chosen with each stream; what differs from it nothing else knows stays as it was."""
    steps: list[undo.Step] = []
    for number, (stream_id, event_type) in enumerate(series):
        before = (nodes[stream_id].get("clientData") or {}).get(KEY)
        charts = _charts(nodes[stream_id])
        old = charts.get(event_type)
        settings = _given(request, number).wire()
        charts[event_type] = {**(old if isinstance(old, dict) else {}), "settings": settings}
        if charts == before:
            continue
        update = {"clientData": {KEY: charts}}
        try:
            execute("streams.update", actor, {"id": stream_id, "update": update})
        except ApiError as error:
            notice(request, error.message)
            return
        # Later series of the same stream build on what was saved.
        nodes[stream_id] = {
            **nodes[stream_id],
            "clientData": {**(nodes[stream_id].get("clientData") or {}), KEY: charts},
        }
        steps.insert(0, ("streams.update", {"id": stream_id, "update": {"clientData": {KEY: before}}}))
    key = undo.remember(request.session, steps) if steps else ""
    notice(request, "Chart settings saved.", undo=f"/u/{actor.username}/undo/{key}" if key else "")


def _given(request: WebRequest, number: int) -> ChartSettings:
    """What the form says; unknown values are left out."""

    def read(name: str) -> str:
        return request.POST.get(f"{name}-{number}", "")

    raw = {"color": read("color"), "style": read("style"), "transform": read("transform"),
           "interval": read("interval")}  # fmt: skip
    return settings_of({KEY: {"x": {"settings": raw}}}, "x")
