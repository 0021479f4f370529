"""What the operator's methods answer (spec api-access §2.6, §2.12, §2.13)."""

from typing import Any, Literal

from accounts.results import StorageUsed
from pryvsite.kernel.results import UNSET, Result, UnsetType


class UserCreated(Result, frozen=True):
    """The id of a new account."""

    id: str


class UserInfo(Result, frozen=True):
    """Storage and use of an account; calls by method, and by access (shared ones together)."""

    username: str
    storage_used: StorageUsed
    last_access: float
    calls_total: int
    calls_detail: dict[str, int]
    calls_per_access: dict[str, int]


class UserInfoGot(Result, frozen=True):
    """Storage and use of an account."""

    user_info: UserInfo


class AccessIndex(Result, frozen=True):
    """Whose an access is."""

    id: str
    owner: str
    type: str
    name: str
    created: float
    deleted: float | UnsetType = UNSET


class AccessIndexGot(Result, frozen=True):
    """Whose an access is."""

    access_index: AccessIndex


class UserListed(Result, frozen=True):
    """An account in the operator's list."""

    username: str
    id: str
    email: str | None
    language: str


class UsersGot(Result, frozen=True):
    """All accounts."""

    users: list[UserListed]


class CoresGot(Result, frozen=True):
    """The servers that hold accounts."""

    cores: list[dict[str, str]]


class PlatformCheck(Result, frozen=True):
    """One check, with what was counted and what is wrong."""

    title: str
    infos: dict[str, int]
    errors: list[str]


class PlatformChecked(Result, frozen=True):
    """Whether names and addresses agree with the accounts."""

    checks: list[PlatformCheck]


class UserFields(Result, frozen=True):
    """Unique and indexed fields of an account."""

    username: str
    email: str | None
    language: str
    app_id: str
    invitation_token: str
    referer: str | None


class ServersGot(Result, frozen=True):
    """Servers, with how many accounts each holds."""

    servers: dict[str, dict[str, int]]


class ServerUsers(Result, frozen=True):
    """The accounts of a server."""

    users: list[dict[str, str]]


class InvitationShown(Result, frozen=True):
    """An invitation; times in milliseconds."""

    id: str
    created_at: int
    created_by: str
    description: str
    consumed_at: int | UnsetType = UNSET
    consumed_by: str | UnsetType = UNSET


class InvitationsGot(Result, frozen=True):
    """All invitations, the latest first."""

    invitations: list[InvitationShown]


class InvitationsMade(Result, frozen=True):
    """New invitations."""

    data: list[InvitationShown]


class UserDeletion(Result, frozen=True):
    """The name of an account that is gone."""

    username: str


class UserDeleted(Result, frozen=True):
    """The account is gone, with all that it held."""

    user_deletion: UserDeletion


class Validated(Result, frozen=True):
    """That a registration with these values would pass now."""

    reservation: Literal[True] = True


class NotValidated(Result, frozen=True):
    """Why a registration with these values would be refused."""

    error: dict[str, Any]
    reservation: Literal[False] = False


class UserUpdated(Result, frozen=True):
    """The fields are set."""

    user: Literal[True] = True


class AddressesReleased(Result, frozen=True):
    """Whether addresses were released; not for a trial."""

    dry_run: bool
    deleted: bool


class RegistryDeletion(Result, frozen=True):
    """What became of the addresses of an account."""

    result: AddressesReleased


class ServerRenamed(Result, frozen=True):
    """How many accounts were put under another server name."""

    count: int
