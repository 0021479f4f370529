"""Counts calls per access and method without a write per call (spec api-access §3.11).

Counts gather in memory and are written at most once a second, and by a timer when calls pause.
"""

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Greatest

from accesses.models import Access, UsageCounter
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now

FLUSH_EVERY = 1.0  # seconds
MOST = 10_000  # accesses whose written counts are remembered
log = logging.getLogger("pryvsite.usage")

Key = tuple[int, str]


class Usage:
    """Counts that wait to be written."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counts: Counter[tuple[int, str, str]] = Counter()
        self.last_used: dict[Key, float] = {}
        self.timer: threading.Timer | None = None

    def add(self, actor: Actor, method_id: str) -> None:
        """Count one call and see to it that it gets written."""
        with self.lock:
            self.counts[actor.account_id, actor.access_id, method_id.replace(".", ":", 1)] += 1
            self.last_used[actor.account_id, actor.access_id] = now()
            if self.timer is None:
                self.timer = threading.Timer(FLUSH_EVERY, self.flush_in_thread)
                self.timer.daemon = True
                self.timer.start()

    def waiting(self, account_id: int, access_id: str) -> dict[str, int]:
        """Counts of an access that are not written yet."""
        with self.lock:
            return {
                method: count
                for (account, access, method), count in self.counts.items()
                if (account, access) == (account_id, access_id)
            }

    def take(self) -> tuple[Counter[tuple[int, str, str]], dict[Key, float]]:
        """Empty the memory."""
        with self.lock:
            counts, used = self.counts, self.last_used
            self.counts, self.last_used, self.timer = Counter(), {}, None
        return counts, used

    def flush(self) -> None:
        """Write what waits, in one transaction; accesses deleted meanwhile are passed over."""
        counts, used = self.take()
        if not counts:
            return
        for account_id, access_id, _ in counts:
            # What was read before lacks these; it goes so that no count ever falls.
            _written.pop((account_id, access_id), None)
        with transaction.atomic():
            for (account_id, access_id), moment in sorted(used.items()):
                Access.objects.filter(account_id=account_id, id=access_id).update(
                    last_used=Greatest(F("last_used"), moment)
                )
            for (account_id, access_id, method), count in sorted(counts.items()):
                _raise_counter(account_id, access_id, method, count)

    def flush_in_thread(self) -> None:
        """The timer's run: its own connection, closed again."""
        time.sleep(0)
        try:
            self.flush()
        except DatabaseError:
            log.warning("Usage counts could not be written", exc_info=True)
        finally:
            connection.close()


def _raise_counter(account_id: int, access_id: str, method: str, count: int) -> None:
    rows = UsageCounter.objects.filter(account_id=account_id, access_id=access_id, method=method)
    if (
        not rows.update(calls=F("calls") + count)
        and Access.objects.filter(account_id=account_id, id=access_id).exists()
    ):
        UsageCounter.objects.create(account_id=account_id, access_id=access_id, method=method, calls=count)


usage = Usage()


def record(actor: Actor, method_id: str) -> None:
    """Count a call, unless the platform doesn't track."""
    if settings.ACCESS_TRACKING and actor.access_id:
        usage.add(actor, method_id)


@dataclass
class Use:
    """How often each method was called by an access, and when last (Unix seconds; 0 = never)."""

    calls: dict[str, int]
    last: float


_written: dict[Key, tuple[float, Use]] = {}
FRESH = 2.0  # seconds for which written counts are not read again


def use_of(account_id: int, access_id: str) -> Use:
    """The use of an access: what is written (some seconds old at most) and what waits here."""
    key = account_id, access_id
    found = _written.get(key)
    if found is None or found[0] < time.monotonic():
        rows = UsageCounter.objects.filter(account_id=account_id, access_id=access_id)
        last = Access.objects.filter(account_id=account_id, id=access_id).values_list("last_used", flat=True)
        written = Use(dict(rows.values_list("method", "calls")), last.first() or 0)
        if len(_written) > MOST:
            _written.clear()
        found = _written[key] = (time.monotonic() + FRESH, written)
    calls = Counter(found[1].calls)
    calls.update(usage.waiting(account_id, access_id))
    return Use(dict(calls), max(found[1].last, usage.last_used.get(key, 0)))


def calls_of_all(account_id: int) -> dict[str, int]:
    """How many calls each access of an account made, by one query; what waits here is not counted yet."""
    rows = UsageCounter.objects.filter(account_id=account_id).values("access_id")
    return {row["access_id"]: row["total"] for row in rows.annotate(total=Sum("calls"))}


def forget() -> None:
    """Forget what was read (tests)."""
    _written.clear()
