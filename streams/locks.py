"""Who may change a tree of streams when: events must not land in a stream while it is deleted.

On PostgreSQL advisory locks, held to the end of the transaction; SQLite's writing transactions follow
each other anyway.
"""

from django.db import connection

_SPACE = 8  # keys of this account's locks; other purposes may take other numbers below it


def hold_tree(account_id: int) -> None:
    """Change the tree alone: two moves can't make a cycle, nor two creations one name."""
    _lock("pg_advisory_xact_lock", account_id)


def use_tree(account_id: int) -> None:
    """Rely on the tree as it is; many may at once."""
    _lock("pg_advisory_xact_lock_shared", account_id)


def _lock(function: str, account_id: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [account_id * _SPACE])
