"""The fields of an account, which the API also shows as streams with one event each (spec api-data §2.8)."""

from collections.abc import Mapping
from dataclasses import dataclass

ROOT = ":_system:account"
STORAGE = ":_system:storageUsed"


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its stream, and where its value stands. A stream without attribute only groups."""

    stream_id: str
    name: str
    parent: str | None
    type: str = ""
    attribute: str = ""  # of the account
    editable: bool = False
    hidden: bool = False


_ALL = (
    Field(ROOT, "Account", None),
    Field(":_system:language", "Language", ROOT, "language/iso-639-1", "language", editable=True),
    Field(":_system:appId", "App id", ROOT, "identifier/string", "app_id", hidden=True),
    Field(":_system:invitationToken", "Invitation", ROOT, "token/string", "invitation_token", hidden=True),
    Field(":_system:referer", "Referer", ROOT, "identifier/string", "referer", hidden=True),
    Field(STORAGE, "Storage used", ROOT),
    Field(":_system:dbDocuments", "Documents", STORAGE, "count/generic", "db_documents"),
    Field(":_system:attachedFiles", "Attached files", STORAGE, "data-quantity/b", "attached_files"),
    Field(":system:email", "E-mail", ROOT, "email/string", "email", editable=True),
)
FIELDS: Mapping[str, Field] = {field.stream_id: field for field in _ALL}
VISIBLE: tuple[Field, ...] = tuple(field for field in _ALL if not field.hidden)
SHOWN_VALUES: tuple[Field, ...] = tuple(field for field in VISIBLE if field.attribute)


def is_account_stream(stream_id: str) -> bool:
    """Whether an id lies in the namespace of account fields."""
    return stream_id.startswith((":_system:", ":system:"))
