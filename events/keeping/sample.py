"""A little made-up data on request, below one stream that is removed by one click (ui §4.12)."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase, HttpResponseRedirect
from django.views.decorators.http import require_POST

from events.api import create_with_files
from events.demo.entry import Entry
from events.demo.story import STREAMS, whole_life
from events.guard import own_trees, owner_page
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError
from pryvsite.web.notices import notice
from pryvsite.web.requests import WebRequest

ROOT, NAME = "example", "Example"
DAYS = 120
# stream of the made-up life: at most so many of its newest entries
KEPT = {"diary": 20, "weight": 60, "pressure": 60, "sleep": 40, "running": 30, "routes": 60, "meals": 6,
        "garden": 6, "travel": 8, "food": 40, "project-river": 30}  # fmt: skip


@require_POST
@owner_page
def sample(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Load the example, or remove it."""
    loaded = any(tree["id"] == ROOT for tree in own_trees(actor))
    if request.POST.get("action") == "remove":
        if loaded:
            remove(actor)
        notice(request, "The example is gone.")
    elif loaded:
        notice(request, "The example is there already.")
    else:
        try:
            load(actor)
            notice(request, "The example is there. One click removes it again.")
        except ApiError as error:
            remove(actor)
            notice(request, f"The example could not be loaded: {error.message}")
    return HttpResponseRedirect(f"/u/{actor.username}/?scale=month", status=303)


def load(actor: Actor) -> None:
    """Streams and entries, by the same calls as any app. Raises ApiError."""
    names = {made.id: made.name for made in STREAMS}
    execute("streams.create", actor, {"id": ROOT, "name": NAME})
    for stream in KEPT:
        raw = {"id": f"{ROOT}-{stream}", "name": names[stream], "parentId": ROOT}
        execute("streams.create", actor, raw)
    for entry in _picked():
        raw = _raw(entry)
        if entry.files:
            files = [SimpleUploadedFile(file.name, file.content, file.type) for file in entry.files]
            create_with_files(actor, raw, files)
        else:
            execute("events.create", actor, raw)


def _picked() -> Iterator[Entry]:
    """The newest entries of some streams."""
    counts: Counter[str] = Counter()
    life = [e for e in whole_life(now(), DAYS) if e.stream in KEPT and not e.points and not e.trashed]
    for entry in sorted(life, key=lambda entry: -entry.time):
        counts[entry.stream] += 1
        if counts[entry.stream] <= KEPT[entry.stream]:
            yield entry


def _raw(entry: Entry) -> dict[str, Any]:
    raw = {
        "streamIds": [f"{ROOT}-{entry.stream}"],
        "type": entry.type,
        "time": entry.time,
        "duration": entry.duration,
        "content": entry.content,
    }
    return raw | ({"description": entry.description} if entry.description else {})


def remove(actor: Actor) -> None:
    """The example's streams with all their entries."""
    raw = {"id": ROOT, "mergeEventsWithParent": False}
    for _ in range(2):  # to the trash, then for ever
        try:
            execute("streams.delete", actor, raw)
        except ApiError:
            return
