"""Fixtures of these tests."""

from django.conf import settings

from tests.notices import told

__all__ = ["told"]

# SQLite's test database lives in memory, where connections lock each other out instead of waiting.
collect_ignore = [] if "postgresql" in settings.DATABASES["default"]["ENGINE"] else ["test_races.py"]
