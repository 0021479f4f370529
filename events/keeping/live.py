"""The stream of changes for an open page: what kind of thing changed, nothing else (ui §6.4)."""

import time
from collections.abc import Iterable, Iterator
from importlib import import_module

from django.conf import settings
from django.db import connection
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse

from events.guard import owner_page
from pryvsite import live
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change
from pryvsite.kernel.ports import ports
from pryvsite.web.requests import WebRequest

HEARTBEAT = 20.0  # seconds between signs of life; also how soon the end of a session is noticed
TOGETHER = 0.5  # seconds in which changes are told as one
LONGEST = 600.0  # seconds of one stream; the browser comes back by itself
NAMES = {
    Change.EVENTS: "events",
    Change.STREAMS: "streams",
    Change.ACCESSES: "accesses",
    Change.ACCOUNT: "account",
}


@owner_page
def changes(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Server-sent events; with `poll` one JSON answer instead, for browsers that can't hold a stream."""
    live.listen()
    given = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    known = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None
    if "poll" in request.GET:
        return JsonResponse(_polled(actor, known))
    if not live.hub.enter():
        return HttpResponse(status=204)  # tells the browser not to come back: the page polls then
    response = StreamingHttpResponse(
        Stream(actor.account_id, request.session.session_key or "", known), content_type="text/event-stream"
    )
    response["X-Accel-Buffering"] = "no"
    response["Cache-Control"] = "no-store"
    return response


def _polled(actor: Actor, known: int | None) -> dict[str, object]:
    found, moment = live.hub.since_elsewhere(actor.account_id, known if known is not None else live.hub.clock)
    return {"id": moment, "changed": _names(found) if known is not None else []}


def _names(found: Iterable[Change]) -> list[str]:
    return sorted(NAMES[change] for change in found)


class Stream:
    """Messages of one page, until it leaves, its session ends or its time is over."""

    def __init__(self, account_id: int, session_key: str, known: int | None) -> None:
        self.account_id, self.session_key, self.known = account_id, session_key, known
        self.open = True

    def close(self) -> None:
        """Give the place back; called when the answer ends, however it ends."""
        if self.open:
            self.open = False
            live.hub.leave()

    def __iter__(self) -> Iterator[str]:
        """The messages; the thread holds no database connection while it waits."""
        connection.close()
        hub, ends = live.hub, time.monotonic() + LONGEST
        moment = hub.clock
        if self.known is not None:
            found, moment = hub.since_elsewhere(self.account_id, self.known)
            yield from _messages(found, moment)
        else:
            yield f"retry: 3000\nid: {moment}\ndata:\n\n"
        while self.open and time.monotonic() < ends:
            found, _ = hub.wait(self.account_id, moment, HEARTBEAT)
            if found:
                time.sleep(TOGETHER)
                found, moment = hub.since(self.account_id, moment)
                yield from _messages(found, moment)
            elif self._signed_in():
                yield ":\n\n"
            else:
                yield "event: bye\ndata:\n\n"
                return

    def _signed_in(self) -> bool:
        store = import_module(settings.SESSION_ENGINE).SessionStore(self.session_key)
        try:
            found = ports.sessions.current(store)
        finally:
            connection.close()
        return found is not None and found[0].account_id == self.account_id


def _messages(found: Iterable[Change], moment: int) -> Iterator[str]:
    for name in _names(found):
        yield f"event: {name}\nid: {moment}\ndata:\n\n"
