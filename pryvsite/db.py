"""Model fields that behave the same on SQLite and PostgreSQL."""

from typing import TYPE_CHECKING, Any

import msgspec
from django.db import models


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
