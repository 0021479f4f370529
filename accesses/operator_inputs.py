"""Parameters of the operator's methods (spec api-access §2.6, §2.12, §2.13)."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from accounts.inputs import Language
from accounts.rules import APP_ID_MAX, APP_ID_MIN
from pryvsite.kernel.inputs import UNSET, Input, NonEmpty, UnsetType

AppId = Annotated[str, Meta(min_length=APP_ID_MIN, max_length=APP_ID_MAX)]
Referer = Annotated[str, Meta(min_length=1, max_length=99)]


class CreateUser(Input, frozen=True):
    """An account that came from elsewhere; its password is known by its hash only."""

    username: str
    password_hash: NonEmpty
    email: str | None = None
    language: str | UnsetType = UNSET
    app_id: str | UnsetType = UNSET
    referer: str | UnsetType | None = UNSET
    invitation_token: str | UnsetType = UNSET


class UserName(Input, frozen=True):
    """The account meant."""

    username: str


class AccessMeant(Input, frozen=True):
    """The access meant."""

    access_id: str


class ServerMeant(Input, frozen=True):
    """The server meant."""

    name: str


class NewInvitations(Input, frozen=True):
    """How many invitations to make, and a note on them."""

    count: Annotated[int, Meta(ge=1, le=1000)] = 1
    message: str = ""


class ServersMeant(Input, frozen=True):
    """The present and the new name of a server."""

    src: str
    dst: str


class UniqueFields(Input, frozen=True):
    """Fields that only one account can have; `username` may be repeated here."""

    username: Any = UNSET
    email: Any = UNSET


class ValidateUser(Input, frozen=True):
    """What somebody wants to register with; servers that know several cores also name one."""

    IGNORED: ClassVar[frozenset[str]] = frozenset({"core"})

    username: Any = UNSET
    invitation_token: str | UnsetType | None = UNSET
    unique_fields: UniqueFields = UniqueFields()


class FieldsToSet(Input, frozen=True):
    """Fields of an account to set; its name stays, whatever `username` says."""

    username: Any = UNSET
    email: NonEmpty | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    app_id: AppId | UnsetType = UNSET
    invitation_token: str | UnsetType = UNSET
    referer: Referer | UnsetType = UNSET


class FieldsToDelete(Input, frozen=True):
    """Fields of an account to take away: of the address its value, of the others whatever."""

    username: Any = UNSET
    email: NonEmpty | UnsetType = UNSET
    language: Any = UNSET
    app_id: Any = UNSET
    invitation_token: Any = UNSET
    referer: Any = UNSET


class UpdateUser(Input, frozen=True):
    """Whose fields to set and to take away."""

    username: NonEmpty
    user: FieldsToSet = FieldsToSet()
    fields_to_delete: FieldsToDelete = FieldsToDelete()


class ReleaseUser(UserName, frozen=True):
    """Whose addresses to release; `onlyReg` says that this is meant, `dryRun` that nothing be changed."""

    only_reg: bool = False
    dry_run: bool = False
