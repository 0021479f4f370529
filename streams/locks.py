"""Who may change a tree of streams when: events must not land in a stream while it is deleted.

On PostgreSQL advisory locks, held to the end of the transaction; SQLite's writing transactions follow
each other anyway.
"""

from collections.abc import Iterable

from django.db import connection

from streams.models import Stream

_SPACE = 8  # keys of this account's locks; other purposes may take other numbers below it


def hold_tree(account_id: int) -> None:
    """Change the tree alone: two moves can't make a cycle, nor two creations one name."""
    _lock("pg_advisory_xact_lock", account_id)


def use_tree(account_id: int, stream_ids: Iterable[str]) -> set[str]:
    """Rely on the tree as it is; many may at once. Those of the streams that exist now: a remembered tree
    may be older than the lock by the moment between another worker's commit and its word of it."""
    _lock("pg_advisory_xact_lock_shared", account_id)
    rows = Stream.objects.filter(account_id=account_id, id__in=set(stream_ids))
    return set(rows.values_list("id", flat=True))


def _lock(function: str, account_id: int) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [account_id * _SPACE])
