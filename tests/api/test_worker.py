"""How workers share connections (pryvsite.worker)."""

import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

from pryvsite import worker


@pytest.mark.parametrize(
    ("workers", "held", "waited"),
    [(2, 0, 0.0), (2, 5, 5 * worker.PATIENCE), (2, 10_000, worker.LONGEST), (1, 5, None)],
)
def test_a_worker_lets_those_with_fewer_connections_go_first(
    monkeypatch: pytest.MonkeyPatch, workers: int, held: int, waited: float | None
) -> None:
    done: list[Any] = []
    monkeypatch.setattr(worker.time, "sleep", lambda seconds: done.append(seconds))
    monkeypatch.setattr(ThreadWorker, "accept", lambda self, listener: done.append(listener))
    cfg = Config()
    cfg.set("workers", workers)
    one = worker.Worker(0, 0, [], None, 30, cfg, None)
    one.nr_conns = held
    with socket.socket() as listener:
        one.accept(listener)
        assert done == [*([] if waited is None else [waited]), listener]
    one.tmp.close()


def test_a_thread_serves_what_follows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until nothing does, the connection ends, or others wait for a thread."""
    cfg = Config()
    one = worker.Worker(0, 0, [], None, 30, cfg, None)
    one.tpool = ThreadPoolExecutor(1)
    served: list[bytes] = []
    near, far = socket.socketpair()
    conn = SimpleNamespace(sock=near)

    def serve(self: Any, conn: Any) -> bool:
        served.append(conn.sock.recv(1))
        return served[-1] != b"."

    monkeypatch.setattr(ThreadWorker, "handle", serve)
    with near, far, one.tpool:
        far.sendall(b"abc")
        assert one.handle(conn) is True
        assert served == [b"a", b"b", b"c"]
        far.sendall(b"d.e")
        assert one.handle(conn) is False
        assert served[3:] == [b"d", b"."]
        one.alive = False
        far.sendall(b"f")
        assert one.handle(conn) is True
        assert served[5:] == [b"e"]
    one.tmp.close()


@pytest.mark.parametrize("part", [b"", b"POST /alice/events HTTP/1.1\r\nContent-Le"])
def test_who_falls_silent_is_given_up(monkeypatch: pytest.MonkeyPatch, part: bytes) -> None:
    """A thread waits some time for the rest of a request, and for an answer to be taken, not for ever."""
    monkeypatch.setattr(worker, "SILENCE", 0.02)
    one = worker.Worker(0, 0, [], None, 30, Config(), None)
    near, far = socket.socketpair()
    conn = SimpleNamespace(sock=near)

    def serve(self: Any, conn: Any) -> bool:
        conn.sock.setblocking(True)
        while conn.sock.recv(4096):
            pass
        return True

    def answer(self: Any, conn: Any) -> bool:
        conn.sock.setblocking(True)
        conn.sock.sendall(bytes(64 * 2**20))
        return True

    with near, far:
        far.sendall(part)
        for stuck in (serve, answer):
            monkeypatch.setattr(ThreadWorker, "handle", stuck)
            with pytest.raises(BlockingIOError):
                one.handle(conn)
    one.tmp.close()


def test_who_is_given_up_is_not_reported() -> None:
    for error in (BlockingIOError(), OSError()):
        record = logging.LogRecord("x", 40, "x", 1, "", None, (type(error), error, None))
        assert worker._is_news(record) is (type(error) is OSError)
