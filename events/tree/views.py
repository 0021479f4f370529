"""Pages and dialogs that change the stream tree (ui §4.3)."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST

from events.dashboard.charts import number_text
from events.dashboard.colours import colours_of
from events.dashboard.selection import Tree, nodes_of
from events.guard import own_trees, owner_page
from events.keeping import undo
from events.keeping.change import CHANGED, leave
from events.keeping.many import own_page
from events.tree.forms import StreamForm
from events.tree.pins import set_pinned
from events.tree.trash import Trashed, count_below, trashed_streams
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError, InvalidItemId, ItemAlreadyExists
from pryvsite.web.notices import notice
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

TYPED_FROM = 100  # events; to delete more for ever, the stream's name is typed


@owner_page
def create(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """A new stream."""
    trees = own_trees(actor)
    form = StreamForm(request.POST or None, trees, parent=request.GET.get("parent", ""))

    def save() -> None:
        made = execute("streams.create", actor, form.wire())["stream"]
        set_pinned(actor, made["id"], on=form.cleaned_data["pinned"])
        key = undo.remember(request.session, [("streams.delete", {"id": made["id"]})])
        notice(request, f"Created {made['name']}.", undo=f"/u/{actor.username}/undo/{key}")

    return _answered(request, actor, form, save, {"title": "New stream", "verb": "Create stream"})


@owner_page
def edit(request: WebRequest, actor: Actor, stream_id: str) -> HttpResponseBase:
    """Name, place and colour of a stream."""
    trees = own_trees(actor)
    stream = found_stream(trees, stream_id)
    form = StreamForm(request.POST or None, trees, stream)

    def save() -> None:
        _update(request, actor, stream, form.wire(), f"Saved {form.cleaned_data['name'].strip()}.")
        set_pinned(actor, stream_id, on=form.cleaned_data["pinned"])

    more = {
        "title": f"Edit {stream['name']}",
        "verb": "Save",
        "stream": stream,
        "colour": colours_of(trees)[stream_id],
    }
    return _answered(request, actor, form, save, more)


def _answered(
    request: WebRequest, actor: Actor, form: StreamForm, save: Callable[[], None], more: dict[str, Any]
) -> HttpResponseBase:
    """Show the form, or save it and go back to the dashboard."""
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except ItemAlreadyExists as error:
            same_id = isinstance(error.data, dict) and "id" in error.data
            text = "Another stream has that id." if same_id else "Another stream here has that name."
            form.add_error("own_id" if same_id else "name", text)
        except InvalidItemId as error:
            form.add_error("own_id", error.message)
        except ApiError as error:
            form.add_error(None, error.message)
        else:
            return done(request, actor)
    context = {"form": form, "swatches": _swatches(form), **more}
    return screen(request, "events/stream.html", "dialog", context, status=422 if form.errors else 200)


def _swatches(form: StreamForm) -> list[dict[str, Any]]:
    """The colours to pick from, with their style classes."""
    from events.dashboard.colours import class_of

    chosen = form["colour"].value() or ""
    return [
        {
            "value": value,
            "name": name,
            "css": class_of(value) if len(value) == 6 else "",
            "on": value == chosen,
        }
        for value, name in form.fields["colour"].choices  # type: ignore[attr-defined]
    ]


def done(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Back to where one came from; with script the page renews what changed and closes the dialog."""
    if request.htmx:
        response: HttpResponse = screen(request, "_toasts.html", "", {"swap": True})
        response["HX-Trigger"] = CHANGED
        response["HX-Reswap"] = "innerHTML"
        response["HX-Retarget"] = "#dialog"
        return response
    return leave(request, own_page(actor, request.POST.get("next", "")))


def found_stream(trees: list[Tree], stream_id: str) -> Tree:
    """The stream of an address; 404 where there is none."""
    stream = nodes_of(trees).get(stream_id)
    if stream is None:
        raise Http404
    return stream


def _update(request: WebRequest, actor: Actor, stream: Tree, update: dict[str, Any], text: str) -> None:
    """Change a stream, and keep the way back."""
    execute("streams.update", actor, {"id": stream["id"], "update": update})
    before: dict[str, Any] = {
        "name": stream["name"],
        "parentId": stream.get("parentId"),
        "trashed": bool(stream.get("trashed")),
    }
    back = {name: before[name] for name in update if name in before}
    if "clientData" in update:
        old = stream.get("clientData") or {}
        back["clientData"] = {key: old.get(key) for key in update["clientData"]}
    key = undo.remember(request.session, [("streams.update", {"id": stream["id"], "update": back})])
    notice(request, text, undo=f"/u/{actor.username}/undo/{key}")


@require_POST
@owner_page
def move(request: WebRequest, actor: Actor, stream_id: str) -> HttpResponseBase:
    """Put a stream into another one, or to the top."""
    trees = own_trees(actor)
    stream, parent = found_stream(trees, stream_id), request.POST.get("parent", "")
    names = {sid: str(node["name"]) for sid, node in nodes_of(trees).items()}
    try:
        text = f"Moved {stream['name']} to {names.get(parent, 'the top')}."
        _update(request, actor, stream, {"parentId": parent or None}, text)
    except ItemAlreadyExists:
        notice(request, "Another stream there has that name.")
    except ApiError as error:
        notice(request, error.message)
    return done(request, actor)


@require_POST
@owner_page
def trash(request: WebRequest, actor: Actor, stream_id: str) -> HttpResponseBase:
    """Put a stream and all below it into the trash, or take it out again."""
    every: list[Tree] = execute("streams.get", actor, {"state": "all"})["streams"]
    stream = found_stream(every, stream_id)
    restore = request.POST.get("action") == "restore"
    text = f"Restored {stream['name']}." if restore else f"Moved {stream['name']} to the trash."
    try:
        _update(request, actor, stream, {"trashed": not restore}, text)
    except ApiError as error:
        notice(request, error.message)
    return done(request, actor)


@owner_page
def delete(request: WebRequest, actor: Actor, stream_id: str) -> HttpResponseBase:
    """Delete a trashed stream for ever: its events go too, or stay with the stream above."""
    found: Trashed | None = next((one for one in trashed_streams(actor) if one.id == stream_id), None)
    if found is None:
        raise Http404
    count = count_below(actor, stream_id)
    problem = ""
    if request.method == "POST":
        problem = _missing(request, found, count)
        if not problem:
            try:
                raw: dict[str, Any] = {"id": stream_id}
                if count:
                    raw["mergeEventsWithParent"] = request.POST.get("events") == "merge"
                execute("streams.delete", actor, raw)
            except ApiError as error:
                problem = error.message
            else:
                notice(request, f"Deleted {found.name} for ever.")
                return leave(request, f"/u/{actor.username}/trash")
    context = {"stream": found, "count": count, "count_text": number_text(count), "problem": problem,
               "typed": count > TYPED_FROM}  # fmt: skip
    return screen(request, "events/stream_delete.html", "", context, status=422 if problem else 200)


def _missing(request: WebRequest, stream: Trashed, count: int) -> str:
    """What the answer lacks, as a sentence."""
    choice = request.POST.get("events", "")
    if count and choice not in ("merge", "destroy"):
        return "Say what becomes of the entries."
    if count > TYPED_FROM and choice == "destroy" and request.POST.get("name", "").strip() != stream.name:
        return f"Type the name of the stream, {stream.name}, to delete its entries."
    return ""
