"""A listener for tests."""

import threading
from collections.abc import Iterator

import pytest

from accesses.usage import usage
from pryvsite.kernel import changes
from pryvsite.kernel.changes import Change


@pytest.fixture
def told() -> Iterator[list[Change]]:
    """The changes that listeners hear of, in order."""
    heard: list[Change] = []

    def listen(_: int, change: Change) -> None:
        heard.append(change)

    changes.register_outlet(listen)
    yield heard
    changes._outlets.remove(listen)


@pytest.fixture(autouse=True)
def no_usage_timer() -> Iterator[None]:
    """Call counts wait in memory and are dropped: a timer would write them while no test has a database."""
    usage.timer = threading.Timer(0, usage.flush)  # never started
    yield
    usage.take()
