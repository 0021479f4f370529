"""How workers share connections (pryvsite.worker)."""

import socket
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
