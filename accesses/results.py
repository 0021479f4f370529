"""What the access and session methods answer (spec api-access §2, §3)."""

from typing import Any, Literal

from accesses.inputs import LevelName
from pryvsite.kernel.results import UNSET, Deleted, Result, Tracked, UnsetType


class Permission(Result, frozen=True):
    """A level on a stream, or the setting of a feature."""

    stream_id: str | UnsetType = UNSET
    level: LevelName | UnsetType = UNSET
    feature: str | UnsetType = UNSET
    setting: str | UnsetType = UNSET


class Access(Tracked, frozen=True, kw_only=True):
    """What somebody may do with the account (spec api-access §3.1)."""

    id: str
    token: str
    type: Literal["personal", "app", "shared"]
    name: str
    device_name: str | UnsetType | None = UNSET
    permissions: list[Permission] | UnsetType = UNSET
    expires: float | UnsetType = UNSET
    client_data: dict[str, Any] | UnsetType = UNSET
    alias: str | UnsetType = UNSET
    last_used: float | UnsetType | None = UNSET
    integrity: str | UnsetType = UNSET
    deleted: float | UnsetType = UNSET
    api_endpoint: str | UnsetType = UNSET


class AccessesGot(Result, frozen=True):
    """Accesses by name; those deleted, if asked for."""

    accesses: list[Access]
    access_deletions: list[Access] | UnsetType = UNSET


class AccessGot(Result, frozen=True):
    """A version of an access: `current` is the id of the present one if that is another; the former ones, if
    asked for, oldest first."""

    access: Access
    current: str | UnsetType = UNSET
    history: list[Access] | UnsetType = UNSET


class AccessKept(Result, frozen=True):
    """The access as it is now."""

    access: Access


class AccessDropped(Result, frozen=True):
    """The deletion of an access and of those that it had made."""

    access_deletion: Deleted
    related_deletions: list[Deleted] | UnsetType = UNSET


class CheckedPermission(Permission, frozen=True):
    """A permission asked for: `name` of the stream there is, or `defaultName` of the one to be made."""

    name: str | UnsetType = UNSET
    default_name: str | UnsetType = UNSET


class CheckProblem(Result, frozen=True):
    """What a person should know before they grant."""

    id: str
    message: str


class AppChecked(Result, frozen=True):
    """The access that the app has already, or what granting would mean."""

    matching_access: Access | UnsetType = UNSET
    checked_permissions: list[CheckedPermission] | UnsetType = UNSET
    mismatching_access: Access | UnsetType = UNSET
    error: CheckProblem | UnsetType = UNSET


class User(Result, frozen=True):
    """Whose account it is."""

    username: str


class AccessInfo(Access, frozen=True, kw_only=True):
    """The access of the token in use."""

    calls: dict[str, int]
    user: User


class Registered(Result, frozen=True):
    """A new account, and the address with the token of its first session."""

    username: str
    api_endpoint: str


class LoggedIn(Result, frozen=True):
    """A personal token; or, where the account has a second step, only the `mfaToken` to go on with."""

    token: str | UnsetType = UNSET
    api_endpoint: str | UnsetType = UNSET
    preferred_language: str | UnsetType = UNSET
    mfa_token: str | UnsetType = UNSET
    password_expires: float | UnsetType = UNSET
    password_can_be_changed: float | UnsetType = UNSET


class MfaBegun(Result, frozen=True):
    """What to confirm with; for an app that makes codes also its secret."""

    mfa_token: str
    secret: str | UnsetType = UNSET
    otpauth_url: str | UnsetType = UNSET


class MfaConfirmed(Result, frozen=True):
    """Codes that open the account once each when the second factor is lost."""

    recovery_codes: list[str]


class MfaPassed(Result, frozen=True):
    """A personal token."""

    token: str
    api_endpoint: str


class Told(Result, frozen=True):
    """A sentence for people."""

    message: str
