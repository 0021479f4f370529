"""Parameters of the access methods (spec api-access §3)."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta, field

from pryvsite.kernel.inputs import LONGEST_NAME, UNSET, ClientData, Input, Label, Name, NonEmpty, UnsetType

LevelName = Literal["none", "read", "create-only", "contribute", "manage"]
DefaultName = Annotated[str, Meta(pattern=r"\w", max_length=LONGEST_NAME)]


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


class AccessGetOne(Input, frozen=True):
    """Parameters of accesses.getOne."""

    id: str
    include_history: bool = False


class AccessCreate(Input, frozen=True):
    """Parameters of accesses.create."""

    IGNORED: ClassVar[frozenset[str]] = frozenset({"created", "createdBy", "modified", "modifiedBy"})

    name: Name
    permissions: list[PermissionInput]
    type: Literal["app", "shared", "personal"] = "shared"
    device_name: Label | None = None
    token: NonEmpty | UnsetType = UNSET
    expire_after: float | UnsetType = UNSET
    client_data: ClientData | UnsetType = UNSET
    random_alias: bool = False
    last_used: float | UnsetType = UNSET  # accepted and ignored


class AccessUpdate(Input, frozen=True):
    """What changes of an access; absent stays."""

    PROTECTED: ClassVar[frozenset[str]] = frozenset(
        {"id", "token", "type", "alias", "apiEndpoint", "integrity", "lastUsed"}
        | {"created", "createdBy", "modified", "modifiedBy"}
    )

    name: Name | UnsetType = UNSET
    device_name: Label | UnsetType | None = UNSET
    permissions: list[PermissionInput] | UnsetType = UNSET
    expire_after: float | UnsetType = UNSET  # seconds from now
    expires: UnsetType | None = UNSET  # null: never
    client_data: ClientData | UnsetType | None = UNSET


class AccessUpdateCall(Input, frozen=True):
    """Which access, by the id of its present version, and what changes."""

    id: str
    update: AccessUpdate


class AccessId(Input, frozen=True):
    """The access meant."""

    id: str


class CheckApp(Input, frozen=True):
    """Parameters of accesses.checkApp; consent pages also send what they pass on to create."""

    IGNORED: ClassVar[frozenset[str]] = frozenset({"token", "expireAfter"})

    requesting_app_id: Name
    requested_permissions: list[PermissionInput]
    device_name: Label | None = None
    client_data: ClientData | None = None


class Login(Input, frozen=True):
    """Parameters of auth.login; absence is reported in its own words."""

    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    app_id: Label | UnsetType = UNSET


class AskedAccess(Input, frozen=True, forbid_unknown_fields=False):
    """What an app asks for; the consent page reads the rest of the properties."""

    requesting_app_id: Name
    requested_permissions: Annotated[list[PermissionInput], Meta(min_length=1)]
    language_code: str | UnsetType | None = UNSET
    return_url: str | UnsetType | None = field(default=UNSET, name="returnURL")
    oauth_state: str | UnsetType | None = UNSET
    client_data: ClientData | UnsetType | None = UNSET
    device_name: Label | UnsetType | None = UNSET
    expire_after: float | UnsetType | None = UNSET
    allow_user_choice: bool | UnsetType | None = UNSET


class Decision(Input, frozen=True, forbid_unknown_fields=False):
    """A person's decision, as a consent page reports it."""

    status: Literal["ACCEPTED", "REFUSED", "ERROR", "REDIRECTED"]
    username: str | UnsetType = UNSET
    token: str | UnsetType = UNSET
    api_endpoint: str | UnsetType = UNSET
    reason_id: str | UnsetType | None = UNSET
    message: str | UnsetType | None = UNSET
    redirect_url: str | UnsetType = UNSET


class MfaContent(Input, frozen=True):
    """What an account gives for its second factor: `method: totp`, or what the message service needs."""

    update: ClientData


class CodeGiven(Input, frozen=True, forbid_unknown_fields=False):
    """A code."""

    code: str


class MfaStep(Input, frozen=True, forbid_unknown_fields=False):
    """The second step meant."""

    mfa_token: str


class MfaCode(MfaStep, frozen=True, forbid_unknown_fields=False):
    """A second step and its code."""

    code: str


class MfaRecovery(Input, frozen=True):
    """Parameters of mfa.recover, and no others."""

    username: str
    password: str
    recovery_code: str
