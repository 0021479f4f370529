"""Parameters of the account methods."""

from typing import Any

from pryvsite.kernel.inputs import UNSET, Input, UnsetType


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


class InvitationAsked(Input, frozen=True):
    """An invitation that may or may not be valid."""

    invitationtoken: str | UnsetType = UNSET
