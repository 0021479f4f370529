"""A listener for tests."""

from collections.abc import Iterator

import pytest

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
