"""Application configuration."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts app."""

    name = "accounts"

    def ready(self) -> None:
        """What is remembered of the platform is forgotten wherever its tables are written."""
        import_module("accounts.hostings")
        import_module("accounts.identity")
