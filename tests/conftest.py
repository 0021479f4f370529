"""Fixtures of all tests."""

import pytest

from tests.cast import Api, register

pytest_plugins = ["tests.server"]


@pytest.fixture
def alice(db: None) -> Api:
    """Alice, who owns an account with the stream `diary`."""
    return register("alice", email="alice@example.org")


@pytest.fixture
def carol(db: None) -> Api:
    """Carol, whose account is another one."""
    return register("carol")
