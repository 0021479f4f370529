"""Changing one entry: its fields, its files, its place in the trash (ui §4.8)."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.http import require_POST

from events.api import add_with_files
from events.attachments import Upload
from events.dashboard.selection import zone_of
from events.guard import own_trees, owner_page
from events.keeping import choices, undo, versions
from events.keeping.authors import Authors
from events.keeping.detail import found_event, plain, render
from events.keeping.forms import EditForm
from events.keeping.show import moment_text
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError, StaleResource
from pryvsite.web.notices import notice
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

Wire = dict[str, Any]
CHANGED = "pryv:changed"


@owner_page
def edit(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """The form of an entry; saving keeps what others changed meanwhile unless it is confirmed."""
    event = plain(found_event(actor, event_id))
    zone, rows = zone_of(request), choices.stream_rows(own_trees(actor))
    known = [row["id"] for row in rows]
    conflict: Wire | None = None
    form = EditForm(request.POST or None, event=event, zone=zone, streams=known)
    if request.method == "POST" and form.is_valid():
        try:
            _check_seen(request, event)
            return _saved(request, actor, event, form.update())
        except StaleResource:
            event = plain(found_event(actor, event_id))
            conflict = _conflict(actor, event, form, request)
        except ApiError as error:
            form.take(error)
    context = {
        "event": event,
        "form": form,
        "rows": rows,
        "sheet": choices.sheet_of(rows),
        "picked": form["streams"].value() or [],
        "zone": zone.key,
        "query": _query(request),
        "conflict": conflict,
        "files": event.get("attachments", []),
    }
    status = 409 if conflict else 422 if form.errors else 200
    return screen(request, "events/edit.html", "panel", context, status=status)


def _query(request: WebRequest) -> str:
    text = request.GET.urlencode()
    return f"?{text}" if text else ""


def _check_seen(request: WebRequest, event: Wire) -> None:
    if request.POST.get("modified") != str(event["modified"]):
        raise StaleResource


def _saved(request: WebRequest, actor: Actor, event: Wire, update: Wire) -> HttpResponseBase:
    if not update:
        return back(request, actor, event["id"], "Nothing was changed.")
    raw = {"id": event["id"], "update": update}
    execute("events.update", actor, raw, as_of=event["modified"])
    return back(request, actor, event["id"], "Saved.", [undo.back_to(event, update)])


def _conflict(actor: Actor, event: Wire, form: EditForm, request: WebRequest) -> Wire:
    """What somebody else saved, beside what was typed here."""
    names, zone = choices.names_of(own_trees(actor)), zone_of(request)
    mine = {**event}
    current = EditForm(form.data, event=event, zone=zone, streams=[*names])
    if current.is_valid():
        mine |= {name: value for name, value in current.update().items() if name != "clientData"}
    return {
        "who": Authors(actor).name(event["modifiedBy"]),
        "when": moment_text(event["modified"], zone),
        "changes": versions.changes(event, mine, names, zone),
    }


def back(
    request: WebRequest, actor: Actor, event_id: str, text: str, steps: list[undo.Step] | None = None
) -> HttpResponseBase:
    """The entry again, with a notice and the way back."""
    base = f"/u/{actor.username}"
    key = undo.remember(request.session, steps) if steps else ""
    notice(request, text, undo=f"{base}/undo/{key}" if key else "")
    if not request.htmx:
        return HttpResponseRedirect(f"{base}/event/{event_id}{_query(request)}", status=303)
    response = render(request, actor, event_id)
    response["HX-Trigger-After-Settle"] = CHANGED
    return response


def _do(actor: Actor, method: str, raw: Wire) -> Wire:
    """Run a method of a page; what isn't there is 404."""
    try:
        return execute(method, actor, raw)
    except ApiError:
        raise Http404 from None


@require_POST
@owner_page
def trash(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """Put an entry into the trash, or take it out again."""
    restore = request.POST.get("action") == "restore"
    _do(actor, "events.update", {"id": event_id, "update": {"trashed": not restore}})
    step: undo.Step = ("events.update", {"id": event_id, "update": {"trashed": restore}})
    return back(request, actor, event_id, "Restored." if restore else "Moved to the trash.", [step])


@require_POST
@owner_page
def delete(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """Delete an entry of the trash for ever; it was asked for twice then."""
    event = found_event(actor, event_id)
    if not event.get("trashed"):
        return back(request, actor, event_id, "Only what is in the trash can be deleted for ever.")
    if request.POST.get("sure") != "yes":
        return back(request, actor, event_id, "Tick the box to delete it for ever.")
    _do(actor, "events.delete", {"id": event_id})
    notice(request, "Deleted for ever.")
    return leave(request, f"/u/{actor.username}/trash")


def leave(request: WebRequest, path: str) -> HttpResponseBase:
    """Go to another page, whether htmx asks or not."""
    if not request.htmx:
        return HttpResponseRedirect(path, status=303)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = path
    return response


@require_POST
@owner_page
def stop(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """Stop what is running now."""
    event = found_event(actor, event_id)
    if event.get("duration", 0) is not None:
        return back(request, actor, event_id, "It is not running any more.")
    duration = max(0.0, round(now() - event["time"], 3))
    _do(actor, "events.update", {"id": event_id, "update": {"duration": duration}})
    return back(request, actor, event_id, "Stopped.", [undo.back_to(event, {"duration": duration})])


@require_POST
@owner_page
def copy(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """Add the same entry once more, now; files stay with the original."""
    event = found_event(actor, event_id)
    names = ("streamIds", "type", "content", "description", "clientData")
    raw = {name: event[name] for name in names if name in event}
    if event["type"].startswith("series:"):
        raw.pop("content", None)
    made = _do(actor, "events.create", raw)["event"]
    step: undo.Step = ("events.update", {"id": made["id"], "update": {"trashed": True}})
    return back(request, actor, made["id"], "Added once more, with the time of now.", [step])


@require_POST
@owner_page
def restore_version(request: WebRequest, actor: Actor, event_id: str, number: int) -> HttpResponseBase:
    """Give an entry the values of an earlier version; its files stay as they are."""
    event = found_event(actor, event_id, history=True)
    history = event.pop("history")
    if number >= len(history):
        raise Http404
    old = history[number]
    differ = {name for name in undo.EDITABLE if old.get(name) != event.get(name)}
    if event["type"].startswith("series:"):
        differ.discard("content")
    if not differ:
        return back(request, actor, event_id, "It is the same as that version already.")
    method, raw = undo.back_to({**old, "id": event_id}, dict.fromkeys(differ))
    _do(actor, method, raw)
    return back(
        request, actor, event_id, "The earlier version is back.", [undo.back_to(event, raw["update"])]
    )


@require_POST
@owner_page
def add_files(request: WebRequest, actor: Actor, event_id: str) -> HttpResponseBase:
    """Add files to an entry."""
    had = {file["id"] for file in found_event(actor, event_id).get("attachments", ())}
    files: list[Upload] = request.FILES.getlist("uploads")
    if not files:
        return back(request, actor, event_id, "Choose a file first.")
    try:
        after = add_with_files(actor, event_id, files)["event"]
    except ApiError as error:
        return back(request, actor, event_id, error.message)
    text = "File added." if len(files) == 1 else f"{len(files)} files added."
    new = [file["id"] for file in after.get("attachments", ()) if file["id"] not in had]
    steps: list[undo.Step] = [("events.deleteAttachment", {"id": event_id, "fileId": one}) for one in new]
    return back(request, actor, event_id, text, steps)


@require_POST
@owner_page
def remove_file(request: WebRequest, actor: Actor, event_id: str, file_id: str) -> HttpResponseBase:
    """Remove a file from an entry; this can't be undone, so it asks first."""
    event = found_event(actor, event_id)
    file = next((one for one in event.get("attachments", ()) if one["id"] == file_id), None)
    if file is None:
        raise Http404
    if request.POST.get("sure") != "yes":
        context = {"event": event, "file": file, "query": _query(request)}
        return screen(request, "events/remove_file.html", "panel", context)
    _do(actor, "events.deleteAttachment", {"id": event_id, "fileId": file_id})
    return back(request, actor, event_id, f"{file['fileName']} was removed.")
