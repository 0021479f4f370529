"""The server's worker: gunicorn's threads, with kept connections spread over all workers."""

import select
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

PATIENCE = 0.0002  # seconds by which each open connection makes a worker slower to take another
LONGEST = 0.002
LINGER = 1  # ms for which a thread waits for the next request of its connection


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker that lets those with fewer connections go first.

    Connections are kept, and each belongs to the worker that accepted it. Workers that race for them
    take all of a burst now and then: one processor works, the others wait.
    """

    def accept(self, listener: Any) -> None:
        """Take a connection, unless another worker did meanwhile."""
        if self.cfg.workers > 1:
            time.sleep(min(self.nr_conns * PATIENCE, LONGEST))
        super().accept(listener)

    def handle(self, conn: Any) -> Any:
        """Serve a request, and those that follow at once: the way through the main thread costs much."""
        while True:
            kept = super().handle(conn)
            needed = not self.alive or self.tpool._work_queue.qsize() > 0
            if kept is not True or needed or not _ready(conn.sock):
                return kept


def _ready(connection: Any) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(LINGER))
