"""Fixtures of these tests."""

from tests.notices import told

__all__ = ["told"]
