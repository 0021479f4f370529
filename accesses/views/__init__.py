"""Pages of accounts and accesses."""

from accesses.views.home import home

__all__ = ["home"]
