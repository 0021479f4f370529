"""Loading all rooms for a command, as the server does at its start."""

from django.urls import get_resolver


def load_rooms() -> None:
    """The addresses name every room; loading them binds the rooms together."""
    list(get_resolver().url_patterns)
