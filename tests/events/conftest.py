"""Fixtures of these tests."""

from tests.notices import no_usage_timer, told

__all__ = ["no_usage_timer", "told"]
