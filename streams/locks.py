"""Who may change a tree of streams when: events must not land in a stream while it is deleted.

The locks are held to the end of the transaction.
"""

from collections.abc import Iterable

from pryvsite.db import Lock, hold, holding, id_list, run


def hold_tree(account_id: int) -> None:
    """Change the tree alone: two moves can't make a cycle, nor two creations one name."""
    hold(Lock.TREE, account_id)


def use_tree(account_id: int, stream_ids: Iterable[str]) -> set[str]:
    """Rely on the tree as it is; many may at once. Those of the streams that exist now: a remembered tree
    may be older than the lock by the moment between another worker's commit and its word of it."""
    test, ids = id_list(sorted(set(stream_ids)))
    existing = f"SELECT id FROM streams_stream WHERE account_id = %s AND id {test}"  # noqa: S608 (parts are ours)
    rows = run(*holding(Lock.TREE, account_id, shared=True), (existing, [account_id, ids]))
    return {row[0] for row in rows}
