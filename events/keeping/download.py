"""What is filtered as a file, sent while it is read (ui §4.14)."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from django.http import HttpResponseBase, StreamingHttpResponse

from accounts.fields import ROOT
from events.dashboard import periods
from events.dashboard.selection import zone_of
from events.guard import own_trees, owner_page
from events.keeping import choices, export
from events.keeping.detail import plain
from pryvsite.api.envelope import Rows
from pryvsite.api.execute import call
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

Wire = dict[str, Any]
EVER = 1e12  # seconds from now: further than anybody's data


@owner_page
def ask(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """What is to be exported, and as what."""
    period = _period(request)
    names = choices.names_of(own_trees(actor))
    chosen = _asked(request)
    query = request.GET.urlencode()
    context = {
        "period": period,
        "streams": None if chosen is None else [names.get(sid.removesuffix("!"), sid) for sid in chosen],
        "query": f"?{query}" if query else "",
    }
    return screen(request, "events/export.html", "dialog", context)


def _period(request: WebRequest) -> periods.Period | None:
    query = request.GET
    zone = zone_of(request)
    return periods.from_query(query.get("scale", ""), query.get("from", ""), query.get("to", ""), now(), zone)


def _asked(request: WebRequest) -> list[str] | None:
    """Streams of the address, `a` with all below, `a!` alone; None for all."""
    if "streams" not in request.GET:
        return None
    return [sid for sid in request.GET["streams"].split(",") if sid]


@owner_page
def as_csv(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """All of it as CSV."""
    names = choices.names_of(own_trees(actor))
    return _file(export.lines(_events(request, actor), names), export.CSV, export.NAME)


@owner_page
def as_json(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """All of it as the API shows it."""
    return _file(_json(_events(request, actor)), "application/json", "pryvsite-entries.json")


def _file(lines: Iterator[Any], kind: str, name: str) -> HttpResponseBase:
    response = StreamingHttpResponse(lines, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _json(events: Iterator[Wire]) -> Iterator[bytes]:
    yield b'{"events":['
    for number, event in enumerate(events):
        yield (b",\n" if number else b"\n") + msgspec.json.encode(event)
    yield b"\n]}\n"


def _events(request: WebRequest, actor: Actor) -> Iterator[Wire]:
    """The events that the address means, newest first, without what opens their files."""
    asked, period = _asked(request), _period(request)
    filters = _filters(asked, own_trees(actor))
    if filters == []:
        return iter(())
    raw: Wire = {"streams": filters}
    raw["fromTime"], raw["toTime"] = (period.start, period.end - 0.001) if period else (-EVER, EVER)
    found = call("events.get", actor, raw)["events"]
    texts = found.items if isinstance(found, Rows) else iter(())
    return (plain(msgspec.json.decode(text)) for text in texts)


def _filters(asked: Sequence[str] | None, trees: Sequence[Wire]) -> Any:
    """The streams in the language of `events.get`."""
    if asked is None:
        return {"any": ["*"], "not": [ROOT]}
    below = _children(trees)
    filters = []
    for sid in asked:
        name = sid.removesuffix("!")
        if name in below:
            alone = {"not": below[name]} if sid.endswith("!") and below[name] else {}
            filters.append({"any": [name], **alone})
    return filters


def _children(trees: Sequence[Wire]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    waiting = list(trees)
    while waiting:
        node = waiting.pop()
        found[node["id"]] = [child["id"] for child in node["children"]]
        waiting.extend(node["children"])
    return found
