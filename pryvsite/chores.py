"""Background work: each chore soon after a worker's start, which may follow a crash, then at times."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import DatabaseError, connection

log = logging.getLogger("pryvsite.chores")
_hurried: set[Callable[[], int]] = set()
_bell = threading.Event()


@dataclass(frozen=True)
class Chore:
    """Something to do every so many seconds; `run` tells how much it did."""

    name: str
    run: Callable[[], int]
    every: float


def start(chores: Sequence[Chore]) -> None:
    """Do chores in a thread of their own for as long as the process lives."""
    threading.Thread(target=_keep_at, args=(chores,), name="chores", daemon=True).start()


def hurry(run: Callable[[], int]) -> None:
    """Have a chore done as soon as the others leave time, whenever it is due; nothing where none are done."""
    _hurried.add(run)
    _bell.set()


def _keep_at(chores: Sequence[Chore]) -> None:
    due = dict.fromkeys(chores, 0.0)
    while True:
        _bell.clear()
        for chore in chores:
            if chore.run in _hurried or due[chore] <= time.monotonic():
                _hurried.discard(chore.run)
                do(chore)
                due[chore] = time.monotonic() + chore.every
        _bell.wait(max(0.0, min(due.values()) - time.monotonic()))


def do(chore: Chore) -> None:
    """Do a chore; what goes wrong is told and tried again next time."""
    try:
        done = chore.run()
        if done:
            log.info("%s: %d", chore.name, done)
    except (OSError, DatabaseError):
        log.warning("%s failed", chore.name, exc_info=True)
    finally:
        connection.close()
