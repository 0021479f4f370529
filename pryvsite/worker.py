"""The server's worker: gunicorn's threads, with kept connections spread over all workers."""

import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

PATIENCE = 0.0002  # seconds by which each open connection makes a worker slower to take another
LONGEST = 0.002


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
