"""Fixtures of the API's tests."""

from tests.notices import told

__all__ = ["told"]
