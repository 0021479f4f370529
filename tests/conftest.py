"""Fixtures of all tests."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from accesses import guesses, usage
from accounts import mail, meter
from pryvsite import caching
from tests.cast import Api, register

pytest_plugins = ["tests.server"]

# How long examples take says how busy the machine is, nothing of the code.
# A change is judged by the same examples each time; new ones are looked for where people work.
settings.register_profile(
    "any-machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("any-machine")


@pytest.fixture
def alice(db: None) -> Api:
    """Alice, who owns an account with the stream `diary`."""
    return register("alice", email="alice@example.org")


@pytest.fixture
def carol(db: None) -> Api:
    """Carol, whose account is another one."""
    return register("carol")


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Tests roll back: what one remembers was never there for the next."""
    caching.forget_all()
    usage.forget()
    guesses.forget()


@pytest.fixture(autouse=True)
def no_background_writes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Usage counts stay in memory: a timer of one test must not write into the next."""
    monkeypatch.setattr(usage, "FLUSH_EVERY", 3600.0)
    monkeypatch.setattr(meter, "FLUSH_EVERY", 3600.0)
    yield
    mail.flush()
    meter.cancel()
    if usage.usage.timer:
        usage.usage.timer.cancel()
    usage.usage.take()
