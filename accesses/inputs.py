"""Parameters of the access methods (spec api-access §3)."""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from pryvsite.kernel.inputs import UNSET, Input, NonEmpty, UnsetType

LevelName = Literal["none", "read", "create-only", "contribute", "manage"]
DefaultName = Annotated[str, Meta(pattern=r"\w")]


class PermissionInput(Input, frozen=True):
    """One entry: a stream with a level, or a feature with a setting (checked in `operations`)."""

    stream_id: str | UnsetType = UNSET
    level: LevelName | UnsetType = UNSET
    default_name: DefaultName | UnsetType = UNSET
    name: str | UnsetType = UNSET
    feature: NonEmpty | UnsetType = UNSET
    setting: Literal["forbidden", "allowed"] | UnsetType = UNSET


class AccessesGet(Input, frozen=True):
    """Parameters of accesses.get."""

    include_expired: bool = False
    include_deletions: bool = False


class AccessCreate(Input, frozen=True):
    """Parameters of accesses.create."""

    IGNORED: ClassVar[frozenset[str]] = frozenset({"created", "createdBy", "modified", "modifiedBy"})

    name: NonEmpty
    permissions: list[PermissionInput]
    type: Literal["app", "shared", "personal"] = "shared"
    device_name: str | None = None
    token: NonEmpty | UnsetType = UNSET
    expire_after: float | UnsetType = UNSET
    client_data: dict[str, Any] | UnsetType = UNSET


class AccessId(Input, frozen=True):
    """The access meant."""

    id: str


class CheckApp(Input, frozen=True):
    """Parameters of accesses.checkApp; consent pages also send what they pass on to create."""

    IGNORED: ClassVar[frozenset[str]] = frozenset({"token", "expireAfter"})

    requesting_app_id: NonEmpty
    requested_permissions: list[PermissionInput]
    device_name: str | None = None
    client_data: dict[str, Any] | None = None


class Login(Input, frozen=True):
    """Parameters of auth.login; absence is reported in its own words."""

    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    app_id: str | UnsetType = UNSET
