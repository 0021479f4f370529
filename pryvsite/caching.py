"""What the worker processes remember of the database, exactly as fresh as the database itself.

Each kind of thing has a counter per account, the platform itself being number 0, in a small file that
all processes map into memory. Whoever changes something raises the counter when the change is
committed, before it is acknowledged; whoever remembers compares the counter. So a revoked access is
unknown to every worker at the very next call, at no cost to those who read. Several machines on one
database have no such file in common: there
`SHARED_CACHE=off` switches remembering off.
"""

import fcntl
import mmap
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection, transaction

KINDS = ("names", "accesses", "streams", "platform")
SLOTS = 4096  # counters of a kind; accounts that share one only forget more often
LONGEST = 60.0  # seconds; should a process die between commit and counting, others forget by then

T = TypeVar("T")


class Counters:
    """The counters, in a file that is mapped into memory."""

    def __init__(self, path: Path) -> None:
        size = 8 * SLOTS * len(KINDS)
        self.file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        if os.fstat(self.file).st_size < size:
            os.ftruncate(self.file, size)
        self.values = memoryview(mmap.mmap(self.file, size)).cast("Q")
        self.lock = threading.Lock()

    @staticmethod
    def place(kind: str, number: int) -> int:
        """Where the counter of an account stands."""
        return KINDS.index(kind) * SLOTS + number % SLOTS

    def now(self, kind: str, number: int) -> int:
        """The counter's value."""
        return self.values[self.place(kind, number)]

    def raise_(self, kind: str, number: int) -> None:
        """Count one change; processes and threads take turns."""
        with self.lock:
            fcntl.flock(self.file, fcntl.LOCK_EX)
            try:
                place = self.place(kind, number)
                self.values[place] = (self.values[place] + 1) % 2**63
            finally:
                fcntl.flock(self.file, fcntl.LOCK_UN)


@cache
def counters() -> Counters:
    """The counters of this server."""
    return Counters(Path(settings.VAR_DIR) / "changes.counters")


class _Changed(threading.local):
    """What the running transaction of this thread changed: it must not be remembered before the commit."""

    def __init__(self) -> None:
        self.keys: set[tuple[str, int]] = set()


_changed = _Changed()


def changed(kind: str, number: int) -> None:
    """Say that something of an account changed (a number of its name, for names)."""
    if not settings.SHARED_CACHE:
        return
    if connection.in_atomic_block:
        _changed.keys.add((kind, number))
    transaction.on_commit(lambda: counters().raise_(kind, number))


def forget_all() -> None:
    """Empty the memory of this process (tests)."""
    _changed.keys.clear()
    for one in Memory.every:
        one.clear()


class Memory(Generic[T]):
    """Values of one kind, the most recently used ones: as many as weigh `size` together."""

    every: "list[Memory[object]]" = []

    def __init__(self, kind: str, size: int, weigh: Callable[[T], int] = lambda _: 1) -> None:
        self.kind, self.size, self.weigh = kind, size, weigh
        self.weight = 0
        self.entries: OrderedDict[Hashable, tuple[int, float, T]] = OrderedDict()
        self.lock = threading.Lock()
        Memory.every.append(self)  # type: ignore[arg-type]

    def get(self, number: int, key: Hashable, load: Callable[[], T]) -> T:
        """The remembered value, or the one that `load` brings."""
        if not settings.SHARED_CACHE or self._own_change(number):
            return load()
        at = counters().now(self.kind, number)  # before loading: a change meanwhile makes it too old
        found = self.entries.get((number, key))
        if found is not None and found[0] == at and found[1] > time.monotonic():
            return found[2]
        value = load()
        with self.lock:
            self._drop(self.entries.pop((number, key), None))
            self.entries[number, key] = (at, time.monotonic() + LONGEST, value)
            self.weight += self.weigh(value)
            while self.weight > self.size:
                self._drop(self.entries.popitem(last=False)[1])
        return value

    def _drop(self, entry: tuple[int, float, T] | None) -> None:
        if entry is not None:
            self.weight -= self.weigh(entry[2])

    def has(self, number: int, key: Hashable) -> bool:
        """Whether a value is remembered, fresh or not."""
        return (number, key) in self.entries

    def _own_change(self, number: int) -> bool:
        if not connection.in_atomic_block:
            _changed.keys.clear()
            return False
        return (self.kind, number) in _changed.keys

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.entries.clear()
            self.weight = 0
