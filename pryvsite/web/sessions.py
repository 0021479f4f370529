"""Sessions of pages, stored by a digest of their key: a copy of the database opens nobody's pages."""

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from pryvsite.tokens import digest

LENGTH = 40  # characters of the column; 160 bits


def stored_key(session_key: str) -> str:
    """What a session's row is found by."""
    return digest(f"session:{session_key}")[:LENGTH]


class SessionStore(db.SessionStore):
    """Django's store, whose rows don't hold what the cookie holds."""

    def _get_session_from_db(self) -> Any:
        key = stored_key(self.session_key or "")
        row = self.model.objects.filter(session_key=key, expire_date__gt=timezone.now()).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        """Whether there is a session of this key."""
        return bool(self.model.objects.filter(session_key=stored_key(session_key)).exists())

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row to store."""
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        """Delete a session, the own one unless told otherwise."""
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=stored_key(key)).delete()
