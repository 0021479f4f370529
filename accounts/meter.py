"""Counts the documents of accounts without a write per document (spec api-data §2.8, `storageUsed`).

Differences gather in memory and are written at most once a second: a statement per write on the
account's row would make all writers of an account wait for each other.
"""

import logging
import threading
from collections import Counter

from django.db import DatabaseError, connection
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import Account

FLUSH_EVERY = 1.0  # seconds
log = logging.getLogger("pryvsite.meter")

_lock = threading.Lock()
_waiting: Counter[int] = Counter()
_timer: threading.Timer | None = None


def add_documents(account_id: int, number: int) -> None:
    """Note that so many documents came (or went, where negative)."""
    global _timer
    with _lock:
        _waiting[account_id] += number
        if _timer is None:
            _timer = threading.Timer(FLUSH_EVERY, _flush_in_thread)
            _timer.daemon = True
            _timer.start()


def waiting(account_id: int) -> int:
    """The difference of an account that is not written yet."""
    with _lock:
        return _waiting[account_id]


def flush() -> None:
    """Write what waits."""
    global _timer
    with _lock:
        taken = dict(_waiting)
        _waiting.clear()
        _timer = None
    for account_id, number in sorted(taken.items()):
        if number:
            Account.objects.filter(id=account_id).update(db_documents=Greatest(F("db_documents") + number, 0))


def cancel() -> None:
    """Forget what waits (tests)."""
    global _timer
    with _lock:
        if _timer is not None:
            _timer.cancel()
        _timer = None
        _waiting.clear()


def add_bytes(account_id: int, size: int) -> None:
    """Note bytes of files that came or went; exact, in the caller's transaction."""
    Account.objects.filter(id=account_id).update(attached_files=Greatest(F("attached_files") + size, 0))


def _flush_in_thread() -> None:
    try:
        flush()
    except DatabaseError:
        log.warning("Document counts could not be written", exc_info=True)
    finally:
        connection.close()
