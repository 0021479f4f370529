"""Changes told to open pages, in every worker and on every machine of a database (ui §6.4).

What is told is that something of an account changed, never what: pages ask again, with their own rights.
On PostgreSQL changes travel by NOTIFY; the embedded database is served by one process.
"""

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from pryvsite.kernel.changes import Change

CHANNEL = "pryvsite_changes"
REMEMBERED = 10_000  # accounts whose last changes are known
SLACK = 5000  # ms by which the clocks of workers may differ
LOOK_UP = 2.0  # seconds in which a listener looks whether it is to end
GATHER = 0.05  # seconds in which equal changes become one message
RETRY = 2.0  # seconds until a lost connection is tried again
EVERYTHING = frozenset(Change)
log = logging.getLogger("pryvsite.live")


def _ms() -> int:
    return int(time.time() * 1000)


class Hub:
    """The last changes of accounts, as this process heard of them, and those who wait for the next."""

    def __init__(self) -> None:
        self.condition = threading.Condition()
        self.last: OrderedDict[int, dict[Change, int]] = OrderedDict()
        self.complete_since = _ms()  # from this moment on no change was missed
        self.clock = self.complete_since
        self.streams = 0

    def tell(self, account_id: int, change: Change) -> None:
        """Note a change and wake those who wait."""
        with self.condition:
            self.clock = max(_ms(), self.clock + 1)
            self.last.setdefault(account_id, {})[change] = self.clock
            self.last.move_to_end(account_id)
            if len(self.last) > REMEMBERED:
                self.last.popitem(last=False)
                self.complete_since = self.clock
            self.condition.notify_all()

    def missed(self) -> None:
        """Changes may have been missed: whoever comes back is told of everything."""
        with self.condition:
            self.complete_since = self.clock = max(_ms(), self.clock + 1)
            self.condition.notify_all()

    def since(self, account_id: int, moment: int) -> tuple[frozenset[Change], int]:
        """What changed after a moment of this hub, and the present moment."""
        with self.condition:
            return self._since(account_id, moment), self.clock

    def since_elsewhere(self, account_id: int, moment: int) -> tuple[frozenset[Change], int]:
        """The same for a moment of another worker's hub; rather too much than too little."""
        return self.since(account_id, moment - SLACK)

    def wait(self, account_id: int, moment: int, seconds: float) -> tuple[frozenset[Change], int]:
        """What changed after a moment, as soon as anything did; nothing when the time is over."""
        with self.condition:
            self.condition.wait_for(lambda: self._since(account_id, moment), timeout=seconds)
            return self._since(account_id, moment), self.clock

    def _since(self, account_id: int, moment: int) -> frozenset[Change]:
        if moment < self.complete_since:
            return EVERYTHING
        return frozenset(c for c, at in self.last.get(account_id, {}).items() if at > moment)

    def enter(self) -> bool:
        """Take one of the places for open streams; each holds a thread."""
        with self.condition:
            if self.streams >= settings.LIVE_STREAMS:
                return False
            self.streams += 1
            return True

    def leave(self) -> None:
        """Give the place back."""
        with self.condition:
            self.streams -= 1


hub = Hub()


class Relay:
    """Carries changes between processes through the database."""

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[tuple[int, Change] | None] = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.threads: dict[str, threading.Thread] = {}
        self.stopped = threading.Event()

    def send(self, account_id: int, change: Change) -> None:
        """Tell all processes, this one included; the caller doesn't wait."""
        self.waiting.put((account_id, change))
        self._start("live-sender", self._send_all)

    def listen(self) -> None:
        """Hear what others tell, from now on."""
        self._start("live-listener", self._hear_all)

    def stop(self) -> None:
        """End both threads and their connections."""
        self.stopped.set()
        self.waiting.put(None)
        for thread in self.threads.values():
            thread.join()

    def _start(self, name: str, run: Callable[[], None]) -> None:
        with self.lock:
            if name not in self.threads:
                thread = threading.Thread(target=self._keep, args=(run,), name=name, daemon=True)
                self.threads[name] = thread
                thread.start()

    def _keep(self, run: Callable[[], None]) -> None:
        while not self.stopped.is_set():
            try:
                run()
            except (psycopg.Error, OSError):
                log.warning("Changes can't be carried between processes; trying again", exc_info=True)
                self.stopped.wait(RETRY)

    def _send_all(self) -> None:
        with _aside() as own:
            while gathered := self._gathered():
                told = [f"{account_id} {change.name}" for account_id, change in gathered]
                try:
                    own.execute("SELECT pg_notify(%s, note) FROM unnest(%s::text[]) note", [CHANNEL, told])
                except (psycopg.Error, OSError):
                    for one in gathered:
                        self.waiting.put(one)
                    raise

    def _gathered(self) -> set[tuple[int, Change]]:
        """The next changes, each once; none when this is to end."""
        first = self.waiting.get()
        if first is None:
            return set()
        gathered = {first}
        self.stopped.wait(GATHER)
        while not self.waiting.empty():
            following = self.waiting.get()
            if following is None:
                self.waiting.put(None)  # for the next round: what was gathered is told first
                break
            gathered.add(following)
        return gathered

    def _hear_all(self) -> None:
        with _aside() as own:
            own.execute(f"LISTEN {CHANNEL}")
            hub.missed()
            while not self.stopped.is_set():
                for note in own.notifies(timeout=LOOK_UP):
                    account_id, _, name = note.payload.partition(" ")
                    if account_id.isdigit() and name in Change.__members__:
                        hub.tell(int(account_id), Change[name])


def _aside() -> psycopg.Connection[Any]:
    """A connection of its own, outside of transactions and of the pool."""
    given = {k: v for k, v in connection.get_connection_params().items() if k in
             ("dbname", "user", "password", "host", "port")}  # fmt: skip
    return psycopg.connect(autocommit=True, **given)


relay = Relay()


def outlet(account_id: int, change: Change) -> None:
    """Listener of committed changes."""
    if not settings.LIVE_STREAMS:
        return
    if connection.vendor == "postgresql":
        relay.send(account_id, change)
    else:
        hub.tell(account_id, change)


def listen() -> None:
    """Make sure that this process hears of changes; called by whoever waits for some."""
    if connection.vendor == "postgresql":
        relay.listen()
