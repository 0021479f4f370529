"""What the methods of accounts answer (spec api-access §2)."""

from typing import Any, Literal

from pryvsite.kernel.results import UNSET, Result, UnsetType


class Reserved(Result, frozen=True):
    """Whether a name is taken."""

    reserved: bool


class Core(Result, frozen=True):
    """A server that holds accounts."""

    url: str


class CoreGot(Result, frozen=True):
    """The server of an account."""

    core: Core


class HostingsGot(Result, frozen=True):
    """Regions, their zones and the hostings in them."""

    regions: dict[str, Any]


class UsernameFound(Result, frozen=True):
    """Whose address it is."""

    username: str


class UidFound(Result, frozen=True):
    """Whose address it is."""

    uid: str


class ServerFound(Result, frozen=True):
    """The server of an account."""

    server: str
    alias: str


class AppsGot(Result, frozen=True):
    """Registered apps."""

    apps: list[dict[str, Any]]


class StorageUsed(Result, frozen=True):
    """Number of documents, and bytes of files."""

    db_documents: int
    attached_files: int


class EmailEntry(Result, frozen=True):
    """An address of an account; times in Unix seconds."""

    value: str
    primary: bool
    status: Literal["pending", "verified"]
    verified_at: float | None
    verification_method: Literal["email-link", "operator", "registration", "legacy"] | None


class AccountShown(Result, frozen=True):
    """An account as its owner sees it. `emails` is absent after a change of username."""

    username: str
    email: str | None
    language: str
    storage_used: StorageUsed
    emails: list[EmailEntry] | UnsetType = UNSET


class AccountGot(Result, frozen=True):
    """The account."""

    account: AccountShown


class EmailVerified(Result, frozen=True):
    """The address that is proved now."""

    email: str


class UsernameChanged(Result, frozen=True):
    """The account under its new name."""

    account: AccountShown
    username_changes_remaining: int


class UsernameChanges(Result, frozen=True):
    """How often the username was changed and may be."""

    username_changes_used: int
    username_changes_limit: int
    username_changes_remaining: int


class ProfileGot(Result, frozen=True):
    """A set of the profile."""

    profile: dict[str, Any]


class MailTemplate(Result, frozen=True):
    """A part of a mail, and its number of characters."""

    type: str
    lang: str
    part: str
    length: int


class MailTemplatesGot(Result, frozen=True):
    """The parts of all mails."""

    templates: list[MailTemplate]


class MailSent(Result, frozen=True):
    """Whether a mail left."""

    sent: bool
