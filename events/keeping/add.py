"""Adding entries: a dialog with script, a page without (ui §4.7)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponseBase, HttpResponseRedirect, JsonResponse, QueryDict
from django.views.decorators.http import require_POST

from events import types
from events.api import create_with_files
from events.dashboard import periods
from events.dashboard.selection import zone_of
from events.guard import own_trees, owner_page
from events.keeping import choices, undo
from events.keeping.exif import Shot, shot_of
from events.keeping.forms import NEW, AddForm
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError
from pryvsite.web.notices import notice
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

Wire = dict[str, Any]
DEFAULT = "diary"
MOST = 200  # entries told of at once
MAX_GUESS = 512 * 1024  # bytes of a picture that are looked at for its time and place


@owner_page
def add(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Add an entry of any type."""
    kind = request.GET.get("kind", "note")
    if kind not in choices.KINDS:
        raise Http404
    zone = zone_of(request)
    rows = choices.stream_rows(own_trees(actor))
    known = [row["id"] for row in rows]
    lately = choices.recent_types(actor) if kind in ("number", "other") else []
    asked = request.POST.get("type") or request.GET.get("type") or ""
    event_type = asked.strip() or _usual_type(kind, lately)
    made: dict[str, Any] = {"kind": kind, "event_type": event_type, "zone": zone, "streams": known}
    if request.method == "POST" and request.POST.get("step") != "type":
        form = AddForm(request.POST, request.FILES, **made)
        if form.is_valid():
            try:
                return _added(request, actor, form)
            except ApiError as error:
                form.take(error)
    else:
        form = AddForm(initial=_kept(request), **made)
    context = {
        "form": form,
        "kind": kind,
        "kinds": choices.KINDS,
        "rows": rows,
        "sheet": choices.sheet_of(rows),
        "chosen": _chosen(request, known),
        "new": NEW,
        "zone": zone.key,
        "types": choices.type_groups(kind, lately) if kind in ("number", "other") else [],
        "event_type": event_type,
        "custom": bool(asked) and not types.is_known(event_type),
        "back": request.GET.get("back", ""),
    }
    of_fields = bool(request.htmx) and request.htmx.target == "type-fields"
    template, part = ("events/_add_form.html", "fields") if of_fields else ("events/add.html", "dialog")
    return screen(request, template, part, context, status=422 if form.errors else 200)


def _usual_type(kind: str, lately: Sequence[str]) -> str:
    usual = choices.KINDS[kind][2]
    if kind == "number":
        return next((t for t in lately if types.is_number(t)), usual)
    return usual


def _kept(request: WebRequest) -> Wire:
    """What was typed before another type was chosen."""
    if request.method != "POST":
        return {}
    kept: Wire = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    return kept | {"also": request.POST.getlist("also")}


def _chosen(request: WebRequest, known: Sequence[str]) -> str:
    """The stream that is picked: as sent, else the one in focus, else the diary, else the first."""
    wanted = request.POST.get("stream", "") or request.GET.get("stream", "") or DEFAULT
    if wanted in known or wanted == NEW:
        return wanted
    return known[0] if known else NEW


def _added(request: WebRequest, actor: Actor, form: AddForm) -> HttpResponseBase:
    """Create what the form describes, the stream first; then show it."""
    stream_id, name = _stream(actor, form)
    ids = [stream_id, *(sid for sid in form.cleaned_data["also"] if sid != stream_id)]
    made, failures = _create_all(actor, ids, _entries(form))
    if request.headers.get("X-Requested-With") == "upload":
        return JsonResponse({"ids": [event["id"] for event in made]}, status=201)
    _tell(request, actor, made, name, len(failures))
    if request.htmx:
        response = screen(request, "_toasts.html", "", {"swap": True})
        response["HX-Trigger-After-Settle"] = "pryv:added"
        return response
    back = _back(request, made[0]["time"], form.zone)
    return HttpResponseRedirect(f"/u/{actor.username}/?{back}", status=303)


def _tell(request: WebRequest, actor: Actor, made: Sequence[Wire], stream: str, failed: int) -> None:
    """Say what was added, with the way to it and the way back."""
    base = f"/u/{actor.username}"
    steps: list[undo.Step] = [
        ("events.update", {"id": event["id"], "update": {"trashed": True}}) for event in made
    ]
    key = undo.remember(request.session, steps)
    count = "1 entry" if len(made) == 1 else f"{len(made)} entries"
    text = f"{count} added to {stream}." + (f" {failed} could not be added." if failed else "")
    notice(request, text, undo=f"{base}/undo/{key}", view=f"{base}/event/{made[0]['id']}")


@require_POST
@owner_page
def done(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Say once what a row of uploads added."""
    made = [_one(actor, event_id) for event_id in request.POST.getlist("id")[:MOST]]
    found = [event for event in made if event is not None]
    if found:
        names = choices.names_of(own_trees(actor))
        stream_id = found[0]["streamIds"][0]
        _tell(request, actor, found, names.get(stream_id, stream_id), 0)
    return screen(request, "_toasts.html", "", {})


def _one(actor: Actor, event_id: str) -> Wire | None:
    try:
        event: Wire = execute("events.getOne", actor, {"id": event_id})["event"]
    except ApiError:
        return None
    return None if "deleted" in event else event


def _back(request: WebRequest, moment: float, zone: ZoneInfo) -> str:
    """The period that was left for adding where it shows the new entry, else the week of that."""
    given = QueryDict(request.GET.get("back", ""))
    left = periods.from_query(given.get("scale", ""), given.get("from", ""), given.get("to", ""), now(), zone)
    if left is not None and left.start <= moment < left.end:
        return given.urlencode()
    return periods.period_at("week", moment, zone).query


def _stream(actor: Actor, form: AddForm) -> tuple[str, str]:
    """Id and name of the stream to add to, made first where it is a new one."""
    stream_id = form.cleaned_data["stream"]
    if stream_id != NEW:
        names = choices.names_of(own_trees(actor))
        return stream_id, names.get(stream_id, stream_id)
    raw = {
        "name": form.cleaned_data["new_stream"].strip(),
        "parentId": form.cleaned_data["new_parent"] or None,
    }
    made = execute("streams.create", actor, raw)["stream"]
    return made["id"], made["name"]


def _entries(form: AddForm) -> list[tuple[Wire, list[Any]]]:
    """What is to be created: wire events without streams, each with its files."""
    shared, files = form.shared(), form.cleaned_data["uploads"]
    if form.kind == "file" and form.cleaned_data["together"] and len(files) > 1:
        return [({"type": "file/attached-multiple", **shared}, files)]
    if form.kind not in ("picture", "file"):
        return [({"type": form.event_type, "content": form.content(), **shared}, files)]
    entries: list[tuple[Wire, list[Any]]] = []
    for file in files:
        event_type = choices.type_of_file(str(file.content_type)) if form.kind == "file" else form.event_type
        shot = shot_of(file, form.zone) if event_type == "picture/attached" else Shot()
        wire = {"type": event_type, **shared}
        if form.cleaned_data["as_taken"] and shot.time is not None:
            wire["time"] = shot.time
        entries.append((wire, [file]))
        if form.cleaned_data["with_place"] and shot.place is not None:
            content = {"latitude": shot.place[0], "longitude": shot.place[1]}
            entries.append(({**wire, "type": "position/wgs84", "content": content}, []))
    return entries


def _create_all(
    actor: Actor, stream_ids: list[str], entries: Sequence[tuple[Wire, list[Any]]]
) -> tuple[list[Wire], list[ApiError]]:
    """The events made, and what went wrong with others. Raises the error when none could be made."""
    made: list[Wire] = []
    failures: list[ApiError] = []
    for wire, files in entries:
        try:
            made.append(_create(actor, {**wire, "streamIds": stream_ids}, files))
        except ApiError as error:
            failures.append(error)
    if not made:
        raise failures[0]
    return made, failures


def _create(actor: Actor, raw: Wire, files: Sequence[Any]) -> Wire:
    found = create_with_files(actor, raw, files) if files else execute("events.create", actor, raw)
    event: Wire = found["event"]
    return event


@require_POST
@owner_page
def look(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """What the beginning of a picture tells of its time and place, before it is added."""
    zone = zone_of(request)
    file = request.FILES.get("file")
    shot = shot_of(file, zone) if file is not None and (file.size or 0) <= MAX_GUESS else Shot()
    return JsonResponse({"time": _local(shot.time, zone), "place": shot.place})


def _local(moment: float | None, zone: ZoneInfo) -> str | None:
    """A moment as `datetime-local` takes it."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, zone).replace(tzinfo=None, microsecond=0).isoformat()
