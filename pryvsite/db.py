"""Model fields that behave the same on SQLite and PostgreSQL."""

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
    if connection.vendor == "postgresql":
        function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [account_id * _SPACE + lock])


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
