"""Fixtures of these tests."""

import pytest
from django.conf import settings
from django.test import Client

from tests.cast import PASSWORD, Api
from tests.notices import told

__all__ = ["told"]

# SQLite's test database lives in memory, where connections lock each other out instead of waiting.
collect_ignore = [] if "postgresql" in settings.DATABASES["default"]["ENGINE"] else ["test_races.py"]


@pytest.fixture
def page(alice: Api) -> Client:
    """Alice's browser, signed in."""
    client = Client(headers={"Accept": "text/html"})
    client.post("/signin", {"login": "alice", "password": PASSWORD})
    return client
