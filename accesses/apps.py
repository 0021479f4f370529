"""Application configuration."""

from django.apps import AppConfig


class AccessesConfig(AppConfig):
    """The accesses app."""

    name = "accesses"
