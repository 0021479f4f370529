"""The event methods (spec api-data §3)."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from django.http import HttpRequest, HttpResponseBase, QueryDict

from events import operations
from events.attachments import Draft, ReadTokens, Upload, actor_of_read_token, drafts
from events.creation import create_event, create_events
from events.downloads import file_response, preview_response
from events.inputs import (
    EventCreate,
    EventGetOne,
    EventsGet,
    EventTarget,
    EventUpdateCall,
    FileTarget,
    PreviewSize,
)
from events.query.run import deletions, select_events
from events.results import EventDropped, EventGot, EventKept, EventsGot
from events.uploads import received
from pryvsite.api.auth import renewed
from pryvsite.api.contract import Answers, Empty, Media
from pryvsite.api.envelope import Rows, answer
from pryvsite.api.execute import call as run_method
from pryvsite.api.http import Call
from pryvsite.api.parse import decode_json, from_query, number
from pryvsite.api.registry import Wire, endpoint, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import (
    ApiError,
    CorruptedData,
    InvalidEventType,
    InvalidOperation,
    InvalidParameters,
    InvalidRequestStructure,
    ItemAlreadyExists,
    MissingToken,
    RemovedMethod,
    UnknownReference,
    UnknownResource,
)
from pryvsite.kernel.inputs import Nothing
from pryvsite.kernel.ports import ports
from pryvsite.kernel.stores import Row


def _query(query: QueryDict) -> Wire:
    """Parameters of a listing; a filter object spelled in brackets is refused (spec api-data §3.4)."""
    if any(key.startswith("streams[") and key != "streams[]" for key in query):
        raise InvalidRequestStructure("The streams filter must be JSON.")
    raw = from_query(EventsGet, query, strict=True)
    for name in ("streams", "streams[]"):
        if name in query:
            raw["streams"] = query.getlist(name)
    return raw


@method(
    "events.get",
    ("GET", "events"),
    input=EventsGet,
    result=EventsGot,
    errors=(UnknownReference, InvalidOperation),
    query=_query,
)
def get(actor: Actor, query: EventsGet) -> Wire:
    """List events, newest first unless asked otherwise."""
    wire: Wire = {"events": Rows(_shown(actor, select_events(actor, query)))}
    if query.include_deletions and query.modified_since is not None:
        wire["eventDeletions"] = Rows(_buried(deletions(actor, query)))
    return wire


def _buried(found: Iterator[tuple[str, float]]) -> Iterator[str]:
    for event_id, at in found:
        yield msgspec.json.encode({"id": event_id, "deleted": at}).decode()


def _shown(actor: Actor, rows: Iterator[Row]) -> Iterator[str]:
    """Stored texts as they are; only events with files are opened, for their read tokens."""
    tokens = ReadTokens(actor)
    for row in rows:
        text = row[0]
        yield msgspec.json.encode(tokens.add(msgspec.json.decode(text))).decode() if row[1] else text


PREVIEWED: Answers = {
    200: Media("image/jpeg", "The picture made small.", ("ETag",)),
    204: Empty("The event is no picture."),
    304: Empty("What `If-None-Match` names is what it still is.", ("ETag",)),
}


def _side(query: QueryDict, *names: str) -> float | None:
    """A requested size in px, under the first name that is given. Raises InvalidParameters."""
    sizes = [_size(name, text) for name in names if (text := query.get(name)) is not None]
    return sizes[0] if sizes else None


def _size(name: str, given: str) -> float:
    value = number(given)
    if not isinstance(value, int | float) or value < 0:
        entry = {"code": "INVALID_TYPE", "message": "A size in pixels is expected.", "params": [["number"]],
                 "path": f"#/{name}"}  # fmt: skip
        raise InvalidParameters(data=[entry])
    return float(value)


@endpoint(
    "events.getPreview",
    "GET",
    "events/{id}.jpg",
    query=PreviewSize,
    answers=PREVIEWED,
    errors=(UnknownResource, CorruptedData),
)
@endpoint(
    "events.getPreview",
    "GET",
    "events/{id}.jpeg",
    query=PreviewSize,
    answers=PREVIEWED,
    errors=(UnknownResource, CorruptedData),
)
def get_preview(call: Call) -> HttpResponseBase:
    """A small JPEG of a picture; `width`/`w` and `height`/`h` in px (spec api-data §3.9)."""
    query = call.request.GET
    actor = call.actor()
    ports.authenticator.used(actor, "events.getPreview")
    return preview_response(
        call.request, actor, call.params["id"], _side(query, "width", "w"), _side(query, "height", "h")
    )


@method("events.getOne", ("GET", "events/{id}"), input=EventGetOne, result=EventGot)
def get_one(actor: Actor, target: EventGetOne) -> Wire:
    """One event."""
    wire: Wire = {"event": ReadTokens(actor).add(operations.get_event(actor, target.id))}
    if target.include_history:
        wire["history"] = operations.get_history(actor, target.id)
    return wire


def _create_together(actor: Actor, new: Sequence[EventCreate]) -> list[Wire | ApiError]:
    """Create events of a batch."""
    return [done if isinstance(done, ApiError) else {"event": done} for done in create_events(actor, new)]


def _with_files(request: HttpRequest, actor: Actor, _: Mapping[str, str]) -> Wire:
    """A multipart create: one text field with the event, and files."""
    with received(request, actor.account_id) as parts:
        if len(parts.texts) > 1:
            raise InvalidRequestStructure("Only one field may hold the event.")
        raw = decode_json(parts.texts[0]) if parts.texts else {}
        return run_method("events.create", renewed(actor), raw, stored=parts.files)


FILE = ("ETag", "Digest", "Content-Disposition")
DOWNLOADED: Answers = {
    200: Media("*/*", "The file.", FILE),
    206: Media("*/*", "The part of the file that `Range` asks for.", (*FILE, "Content-Range")),
    304: Empty("What `If-None-Match` names is what it still is.", FILE),
    416: Empty("The file has no such part.", (*FILE, "Content-Range")),
}


def add_with_files(actor: Actor, event_id: str, files: Sequence[Upload]) -> Wire:
    """Add uploaded files to an event: bytes first, outside the transaction."""
    with drafts(actor.account_id, files) as stored:
        return run_method("events.update", actor, {"id": event_id, "update": {}}, stored=stored)


def create_with_files(actor: Actor, raw: object, files: Sequence[Upload]) -> Wire:
    """Create an event with the files of a form: bytes first, outside the transaction."""
    with drafts(actor.account_id, files) as stored:
        return run_method("events.create", actor, raw, stored=stored)


@method(
    "events.create",
    ("POST", "events"),
    input=EventCreate,
    result=EventKept,
    errors=(UnknownReference, InvalidOperation, InvalidEventType, ItemAlreadyExists),
    writes=True,
    status=201,
    multipart=_with_files,
    together=_create_together,
)
def create(actor: Actor, new: EventCreate, stored: Sequence[Draft] = ()) -> Wire:
    """Create an event."""
    return {"event": ReadTokens(actor).add(create_event(actor, new, stored))}


@method(
    "events.update",
    ("PUT", "events/{id}"),
    input=EventUpdateCall,
    result=EventKept,
    errors=(UnknownReference, InvalidOperation, InvalidEventType, ItemAlreadyExists),
    writes=True,
    update=True,
)
def update(
    actor: Actor, call: EventUpdateCall, stored: Sequence[Draft] = (), as_of: float | None = None
) -> Wire:
    """Change an event; the pages give the `modified` of what was seen, so that no change is run over."""
    changed = operations.update_event(actor, call.id, call.update, stored, as_of)
    return {"event": ReadTokens(actor).add(changed)}


@endpoint("events.start", "POST", "events/start", allow="open", answers={}, errors=(RemovedMethod,))
@endpoint("events.stop", "POST", "events/stop", allow="open", answers={}, errors=(RemovedMethod,))
def removed(_: Call) -> HttpResponseBase:
    """Retired."""
    raise RemovedMethod


@endpoint(
    "events.addFiles",
    "POST",
    "events/{id}",
    body=Nothing,
    files=True,
    answers={200: EventKept},
    errors=(UnknownResource, InvalidOperation),
)
def add_files(call: Call) -> HttpResponseBase:
    """Add files to an event; without files an empty update (spec api-data §3.9)."""
    actor, event_id, request = call.actor(), call.params["id"], call.request
    raw = {"id": event_id, "update": {}}
    if request.content_type != "multipart/form-data":
        return answer(request, run_method("events.update", actor, raw))
    operations.check_takes_files(actor, event_id)  # before anything is stored
    with received(request, actor.account_id) as parts:
        return answer(request, run_method("events.update", renewed(actor), raw, stored=parts.files))


@method(
    "events.delete",
    ("DELETE", "events/{id}"),
    input=EventTarget,
    result=EventDropped,
    errors=(InvalidOperation,),
    writes=True,
)
def delete(actor: Actor, target: EventTarget) -> Wire:
    """Trash an event; delete a trashed one."""
    event, gone = operations.delete_event(actor, target.id)
    return {"eventDeletion": {"id": event["id"]}} if gone else {"event": ReadTokens(actor).add(event)}


@method(
    "events.deleteAttachment",
    ("DELETE", "events/{id}/{fileId}"),
    input=FileTarget,
    result=EventKept,
    errors=(InvalidOperation,),
    writes=True,
)
def delete_attachment(actor: Actor, target: FileTarget) -> Wire:
    """Remove a file from an event."""
    return {"event": ReadTokens(actor).add(operations.delete_file(actor, target.id, target.file_id))}


@endpoint(
    "events.getAttachment",
    "GET",
    "events/{id}/{fileId}/{name*}",
    read_token=True,
    answers=DOWNLOADED,
    errors=(UnknownResource,),
)
@endpoint(
    "events.getAttachment",
    "GET",
    "events/{id}/{fileId}",
    read_token=True,
    answers=DOWNLOADED,
    errors=(UnknownResource,),
)
def download(call: Call) -> HttpResponseBase:
    """A file, by header or read token; a token in the query is refused."""
    file_id = call.params["fileId"]
    if call.request.headers.get("Authorization"):
        actor = call.actor(query=False)
    elif "readToken" in call.request.GET:
        actor = actor_of_read_token(call.account_id, call.request.GET["readToken"], file_id)
    else:
        raise MissingToken
    ports.authenticator.used(actor, "events.getAttachment")
    return file_response(call.request, actor, call.params["id"], file_id)
