"""What an operation changed, told to listeners once it is committed.

Operations `announce`; `execute` gathers per call and hands over after the commit, so that nobody
hears of a change that was rolled back. Listeners (sockets, webhooks) register as outlets.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum


class Change(Enum):
    """Notifications of the wire protocol (spec api-data §5.2)."""

    EVENTS = "eventsChanged"
    STREAMS = "streamsChanged"
    ACCESSES = "accessesChanged"
    ACCOUNT = "accountChanged"


Outlet = Callable[[int, Change], None]

_outlets: list[Outlet] = []
_pending: ContextVar[list[tuple[int, Change]] | None] = ContextVar("pending_changes", default=None)


def register_outlet(outlet: Outlet) -> None:
    """Add a listener, called as `outlet(account_id, change)` after commit."""
    _outlets.append(outlet)


def announce(account_id: int, change: Change) -> None:
    """Record a change of the running call; the same change is told once a call."""
    pending = _pending.get()
    if pending is not None and (account_id, change) not in pending:
        pending.append((account_id, change))


@contextmanager
def gathering() -> Iterator[Callable[[], None]]:
    """Gather changes inside the block; the yielded function delivers them."""
    gathered: list[tuple[int, Change]] = []
    token = _pending.set(gathered)

    def deliver() -> None:
        for account_id, change in gathered:
            for outlet in _outlets:
                outlet(account_id, change)

    try:
        yield deliver
    finally:
        _pending.reset(token)
