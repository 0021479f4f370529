"""Taking back what was just done. The steps back wait in the browser's session on the server."""

from collections.abc import Sequence
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError
from pryvsite.kernel.ids import new_id

KEPT, LONGEST = 20, 3600.0  # undos of a session, and seconds they last
Step = tuple[str, dict[str, Any]]  # a method and its parameters
EDITABLE = ("streamIds", "type", "time", "duration", "content", "description", "trashed")


def remember(store: SessionBase, steps: Sequence[Step]) -> str:
    """Keep steps back; the key under which they wait."""
    key = new_id()
    waiting = [entry for entry in store.get("undo", []) if entry["until"] > now()][-(KEPT - 1) :]
    store["undo"] = [
        *waiting,
        {"key": key, "until": now() + LONGEST, "steps": [list(step) for step in steps]},
    ]
    return key


def take_back(store: SessionBase, actor: Actor, key: str) -> int | None:
    """Run the steps of a key, once; how many couldn't be done. None when the key is not known (any more)."""
    waiting = store.get("undo", [])
    found = next((entry for entry in waiting if entry["key"] == key and entry["until"] > now()), None)
    if found is None:
        return None
    store["undo"] = [entry for entry in waiting if entry["key"] != key]
    failed = 0
    for method, raw in found["steps"]:
        try:
            execute(method, actor, raw)
        except ApiError:
            failed += 1
    return failed


def back_to(event: dict[str, Any], changed: dict[str, Any]) -> Step:
    """The step that gives an event the values it had, for the fields that an update named."""
    empty: dict[str, Any] = {"duration": 0, "trashed": False}
    update = {name: event.get(name, empty.get(name)) for name in EDITABLE if name in changed}
    if "clientData" in changed:
        old = event.get("clientData") or {}
        update["clientData"] = {key: old.get(key) for key in changed["clientData"]}
    return "events.update", {"id": event["id"], "update": update}
