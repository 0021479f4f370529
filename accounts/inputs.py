"""Parameters of the account methods."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from pryvsite.kernel.inputs import UNSET, Input, NonEmpty, UnsetType

NewPassword = Annotated[str, Meta(min_length=6, max_length=100)]
Addresses = Annotated[list[str], Meta(max_length=20)]
Language = Annotated[str, Meta(min_length=1, max_length=5)]


class Registration(Input, frozen=True, forbid_unknown_fields=False):
    """A new account. Each field has its own error, so rules are checked in `rules`; what isn't a field
    of accounts is accepted and ignored (spec api-access §2.1)."""

    app_id: Any = UNSET
    username: Any = UNSET
    password: Any = UNSET
    email: Any = UNSET
    language: Any = UNSET
    invitation_token: Any = UNSET
    referer: Any = UNSET
    hosting: Any = UNSET


class Name(Input, frozen=True):
    """A username in the path."""

    username: str


class Mail(Input, frozen=True):
    """An e-mail address in the path."""

    email: str


class CoreQuery(Input, frozen=True):
    """Of whom the core is asked: exactly one of both."""

    username: str | None = None
    email: str | None = None


class InvitationAsked(Input, frozen=True, forbid_unknown_fields=False):
    """An invitation that may or may not be valid."""

    invitationtoken: Any = UNSET  # what is no text is no valid invitation


class EmailChanges(Input, frozen=True):
    """What to do with the addresses of an account, in this order."""

    add: Addresses = []
    set_primary: str | None = None
    remove: Addresses = []
    resend: Addresses = []


class AccountUpdate(Input, frozen=True):
    """What can change of an account."""

    email: str | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    emails: EmailChanges | UnsetType = UNSET


class UpdateAccount(Input, frozen=True):
    """Parameters of account.update."""

    update: AccountUpdate


class ChangePassword(Input, frozen=True):
    """Parameters of account.changePassword."""

    old_password: str
    new_password: NewPassword


class RequestPasswordReset(Input, frozen=True):
    """Parameters of account.requestPasswordReset; clients repeat the username of the path."""

    IGNORED: ClassVar[frozenset[str]] = frozenset({"username"})

    app_id: str


class ResetPassword(Input, frozen=True):
    """Parameters of account.resetPassword; clients repeat the username of the path."""

    IGNORED: ClassVar[frozenset[str]] = frozenset({"username"})

    app_id: str
    reset_token: str
    new_password: NewPassword


class VerifyEmail(Input, frozen=True):
    """Parameters of account.verifyEmail."""

    app_id: str
    token: str


class ChangeUsername(Input, frozen=True):
    """Parameters of account.changeUsername."""

    new_username: str


class ProfileGet(Input, frozen=True):
    """Which set of the profile."""

    id: str = "private"


class ProfileUpdate(Input, frozen=True):
    """What to merge into a set of the profile; null removes a key."""

    id: str
    update: dict[str, Any]


class AppProfileUpdate(Input, frozen=True):
    """What to merge into the set of the calling app; null removes a key."""

    update: dict[str, Any]


class Recipient(Input, frozen=True):
    """Who gets a mail."""

    email: NonEmpty
    name: str | UnsetType | None = UNSET


class MailTextPut(Input, frozen=True):
    """A text of a mail. It bears the name of the language that other servers take; ours is words with
    `{{ name }}` for values."""

    pug: str


class TestMail(Input, frozen=True):
    """Where to send a mail with made-up values, which one and in which language."""

    to: NonEmpty | UnsetType = UNSET
    recipient: NonEmpty | Recipient | UnsetType = UNSET
    type: str = "test"
    lang: str = ""
