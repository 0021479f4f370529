"""The server's worker: gunicorn's threads, with kept connections spread over all workers."""

import logging
import select
import socket
import struct
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

PATIENCE = 0.0002  # seconds by which each open connection makes a worker slower to take another
LONGEST = 0.002
SILENCE = 30.0  # seconds without a byte, in the middle of a request or answer, after which a thread gives up
LINGER = 1  # ms for which a thread waits for the next request of its connection


class Worker(ThreadWorker):  # type: ignore[misc]
    """A worker that lets those with fewer connections go first.

    Connections are kept, and each belongs to the worker that accepted it. Workers that race for them
    take all of a burst now and then: one processor works, the others wait.
    """

    def init_process(self) -> None:
        """Begin; connections that are given up are nothing to report."""
        self.log.error_log.addFilter(_is_news)
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Take a connection, unless another worker did meanwhile."""
        if self.cfg.workers > 1:
            time.sleep(min(self.nr_conns * PATIENCE, LONGEST))
        super().accept(listener)

    def handle(self, conn: Any) -> Any:
        """Serve a request, and those that follow at once: the way through the main thread costs much.

        Who vanishes half-way, or holds a part back, doesn't keep the thread for ever.
        """
        patience = struct.pack("ll", int(SILENCE), int(SILENCE % 1 * 1e6))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            conn.sock.setsockopt(socket.SOL_SOCKET, option, patience)
        while True:
            kept = super().handle(conn)
            needed = not self.alive or self.tpool._work_queue.qsize() > 0
            if kept is not True or needed or not _ready(conn.sock):
                return kept


def _is_news(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def _ready(connection: Any) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(LINGER))
