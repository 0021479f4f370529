"""Digests made ahead: in the background, for those who look at their dashboards, so that the next look finds
them; pages that wait for some are told."""

import threading
import time
from collections import OrderedDict
from zoneinfo import ZoneInfo

from events import digest_store
from events.digests import Book
from pryvsite import chores, live
from pryvsite.kernel.changes import Change

PART = 50_000  # events summed up between two notices to open pages
REMEMBERED = 1000  # lookers
LATELY = 12 * 3600.0  # seconds for which a look counts

Looker = tuple[int, str]  # account and zone

_lock = threading.Lock()
_lookers: OrderedDict[Looker, float] = OrderedDict()  # and when they looked last, monotonic


def looked(account_id: int, zone: ZoneInfo, *, complete: bool) -> None:
    """Note that somebody looks; where something was left for later, it is made now."""
    with _lock:
        _lookers[account_id, zone.key] = time.monotonic()
        _lookers.move_to_end((account_id, zone.key))
        while len(_lookers) > REMEMBERED:
            _lookers.popitem(last=False)
    if not complete:
        chores.hurry(catch_up)


def catch_up() -> int:
    """Sum up what those who looked lately will look at; the number of events."""
    with _lock:
        known = [looker for looker, at in _lookers.items() if time.monotonic() - at < LATELY]
    return sum(_catch_up(account_id, ZoneInfo(name)) for account_id, name in reversed(known))


def _catch_up(account_id: int, zone: ZoneInfo) -> int:
    """All days of an account, the latest first, in parts."""
    summed = 0
    while (span := digest_store.span(account_id)) is not None:
        book = Book(account_id, zone, PART)
        book.refresh(span[0], span[1] + 1)
        summed += book.summed
        if book.summed:
            live.outlet(account_id, Change.EVENTS)
        if book.complete:
            break
    return summed
