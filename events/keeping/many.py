"""Several entries at once, taking back, and the trash (ui §4.8)."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponseBase, HttpResponseRedirect, StreamingHttpResponse
from django.views.decorators.http import require_POST

from events.dashboard.selection import zone_of
from events.guard import own_trees, owner_page
from events.keeping import choices, export, show, undo
from events.keeping.change import CHANGED, leave
from events.keeping.tile import PAGE, Tile
from events.tree.trash import trashed_streams
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError
from pryvsite.web.notices import notice
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

Wire = dict[str, Any]
MOST = 500  # entries changed by one click
DONE = {"trash": "moved to the trash", "restore": "restored", "move": "moved",
        "join": "added to the stream", "shift": "shifted in time",
        "delete": "deleted for ever"}  # fmt: skip
WHOLE_TRASH = Tile((), (), None, "trashed")


@require_POST
@owner_page
def batch(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Trash, restore, move, shift or export the ticked entries."""
    action, ids = request.POST.get("action", ""), list(dict.fromkeys(request.POST.getlist("id")))[:MOST]
    target = own_page(actor, request.POST.get("next", ""))
    if not ids:
        notice(request, "Tick entries first.")
        return leave(request, target)
    if action == "export":
        return _exported(request, actor, ids)
    if action not in DONE:
        raise Http404
    problem = _missing(request, actor, action)
    if problem:
        notice(request, problem)
        return leave(request, target)
    done, failed, steps = _change_all(request, actor, action, ids)
    key = undo.remember(request.session, steps) if steps else ""
    text = f"{_number(done)} {DONE[action]}." + (f" {_number(failed)} could not be." if failed else "")
    notice(request, text, undo=f"/u/{actor.username}/undo/{key}" if key else "")
    return leave(request, target)


def own_page(actor: Actor, path: str) -> str:
    """A path below the account's own pages; else its dashboard."""
    base = f"/u/{actor.username}/"
    return path if path.startswith(base) and "\\" not in path else base


def _number(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"


def _missing(request: WebRequest, actor: Actor, action: str) -> str:
    """What an action lacks, as a sentence."""
    if action in ("move", "join") and request.POST.get("stream", "") not in choices.names_of(
        own_trees(actor)
    ):
        return "Pick the stream first."
    if action == "shift" and _shift(request) is None:
        return "Give the minutes to shift by, such as 60 or -60."
    if action == "delete" and request.POST.get("sure") != "yes":
        return "Tick the box to delete for ever."
    return ""


def _shift(request: WebRequest) -> float | None:
    text = request.POST.get("minutes", "").strip().replace("−", "-").replace(",", ".")
    try:
        minutes = float(text)
    except ValueError:
        return None
    return minutes * 60 if 0 < abs(minutes) < 1e7 else None


def _change_all(
    request: WebRequest, actor: Actor, action: str, ids: Sequence[str]
) -> tuple[int, int, list[undo.Step]]:
    """How many were changed, how many couldn't be, and the steps back."""
    done, failed = 0, 0
    steps: list[undo.Step] = []
    for event_id in ids:
        try:
            event = execute("events.getOne", actor, {"id": event_id})["event"]
            if action == "delete":
                _destroy(actor, event)
            else:
                update = _update(request, action, event)
                execute("events.update", actor, {"id": event_id, "update": update})
                steps.append(undo.back_to(event, update))
            done += 1
        except ApiError:
            failed += 1
    return done, failed, steps


def _update(request: WebRequest, action: str, event: Wire) -> Wire:
    if action == "move":
        return {"streamIds": [request.POST["stream"]]}
    if action == "join":
        return {"streamIds": list(dict.fromkeys([*event["streamIds"], request.POST["stream"]]))}
    if action == "shift":
        return {"time": event["time"] + (_shift(request) or 0)}
    return {"trashed": action == "trash"}


def _destroy(actor: Actor, event: Wire) -> None:
    """Delete what is in the trash; what isn't stays."""
    if not event.get("trashed"):
        raise ApiError("Only what is in the trash can be deleted for ever.")
    execute("events.delete", actor, {"id": event["id"]})


def _exported(request: WebRequest, actor: Actor, ids: Sequence[str]) -> HttpResponseBase:
    events = []
    for event_id in ids:
        try:
            events.append(execute("events.getOne", actor, {"id": event_id})["event"])
        except ApiError:
            continue
    names = choices.names_of(own_trees(actor))
    response = StreamingHttpResponse(export.lines(events, names), content_type=export.CSV)
    response["Content-Disposition"] = f'attachment; filename="{export.NAME}"'
    return response


@require_POST
@owner_page
def take_back(request: WebRequest, actor: Actor, key: str) -> HttpResponseBase:
    """Undo what a notice offered to undo."""
    failed = undo.take_back(request.session, actor, key)
    if failed is None:
        notice(request, "This can't be undone any more.")
    else:
        notice(request, "Undone." if not failed else f"Undone, but for {_number(failed)}.")
    if request.htmx:
        response = screen(request, "_toasts.html", "", {"swap": True})
        response["HX-Trigger-After-Settle"] = CHANGED
        return response
    referer = request.headers.get("Referer", "")
    path = referer.removeprefix(f"{request.scheme}://{request.get_host()}")
    return HttpResponseRedirect(own_page(actor, path), status=303)


@owner_page
def trash_page(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """The entries in the trash, newest first, to restore or to delete for ever."""
    given = request.GET.get("skip", "")
    skip = min(int(given), 10**9) if given.isascii() and given.isdigit() else 0
    zone, base, trees = zone_of(request), f"/u/{actor.username}", own_trees(actor)
    names = choices.names_of(trees)
    found = WHOLE_TRASH.page(actor, skip, PAGE + 1)
    context = {
        "list": [show.row(event, base, "?state=trashed", names, zone) for event in found[:PAGE]],
        "newer": f"?skip={max(0, skip - PAGE)}" if skip else "",
        "older": f"?skip={skip + PAGE}" if len(found) > PAGE else "",
        "rows": choices.stream_rows(trees),
        "state": "trashed",
        "trashed_streams": trashed_streams(actor),
    }
    return screen(request, "events/trash.html", "", context)
