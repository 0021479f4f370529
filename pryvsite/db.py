"""What SQLite and PostgreSQL spell differently: locks, lists of ids, several statements, JSON fields."""

import json
from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import msgspec
from django.db import connection, models

_SPACE = 8  # lock keys of an account


class Lock(IntEnum):
    """What of an account can be held to the end of a transaction; below `_SPACE`."""

    TREE = 0
    ACCESSES = 1


def hold(lock: Lock, account_id: int, *, shared: bool = False) -> None:
    """Take a lock: alone, or together with others who share it.

    On PostgreSQL an advisory lock; SQLite's writing transactions follow each other anyway.
    """
    run(*holding(lock, account_id, shared=shared))


def holding(lock: Lock, account_id: int, *, shared: bool = False) -> list["Statement"]:
    """The statement that takes a lock, if one is needed."""
    if connection.vendor != "postgresql":
        return []
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    return [(f"SELECT {function}(%s)", [account_id * _SPACE + lock])]


Statement = tuple[str, Sequence[Any]]  # SQL and its parameters


def run(*statements: Statement) -> list[tuple[Any, ...]]:
    """Run statements one after the other, by one message where the engine takes several; the last one's rows.

    Each sees what was committed before it begins, also where a lock made the one before it wait.
    """
    if not statements:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "; ".join(sql for sql, _ in statements), [p for _, some in statements for p in some]
            )
            while cursor.nextset():
                pass
        else:
            for sql, given in statements:
                cursor.execute(sql, given)
        return cursor.fetchall() if cursor.description else []


def id_list(ids: Sequence[str]) -> tuple[str, Any]:
    """A condition's right side for "is one of", with its parameter: one whatever the number of ids."""
    if connection.vendor == "postgresql":
        return "= ANY(%s)", list(ids)
    return "IN (SELECT value FROM json_each(%s))", json.dumps(list(ids))


class JsonTextField(models.TextField):  # type: ignore[type-arg]
    """JSON kept as the text that was written.

    PostgreSQL's jsonb would reorder keys and rewrite numbers; the wire form and its integrity hash
    must survive storage unchanged, on both engines alike.
    """

    if TYPE_CHECKING:
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        """Text to value."""
        return None if value is None else msgspec.json.decode(value)

    def get_prep_value(self, value: Any) -> str | None:
        """Value to text."""
        return None if value is None else msgspec.json.encode(value).decode()
