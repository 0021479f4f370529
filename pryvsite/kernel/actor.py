"""Who calls: an account, the access used, what that access may do, and by which door."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pryvsite.kernel.permissions import NOTHING, OWNER, Permissions

Kind = Literal["personal", "app", "shared", "public", "operator"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A caller of operations. `public` means: no token; then only open methods run."""

    account_id: int
    username: str  # the account's name, or the alias of an access that has one
    kind: Kind
    access_id: str = ""
    serial: int = 0
    name: str = ""
    permissions: Permissions = NOTHING
    caller: str = ""
    expires: float | None = None
    via: str = "http"
    origin: str = ""  # scheme://host of the calling page, for trusted-app checks

    @property
    def author(self) -> str:
        """What tracking fields record: access id, its serial when updated, and the caller id."""
        base = f"{self.access_id}:{self.serial}" if self.serial else self.access_id
        if not base:
            return "system"
        return f"{base} {self.caller}" if self.caller else base

    @property
    def is_personal(self) -> bool:
        """Whether the account's owner is signed in through this access."""
        return self.kind == "personal"


def public_actor(account_id: int = 0, username: str = "", *, origin: str = "", via: str = "http") -> Actor:
    """A caller without token."""
    return Actor(account_id=account_id, username=username, kind="public", origin=origin, via=via)


def operator_actor() -> Actor:
    """Who runs the platform; acts on no account of its own."""
    return Actor(account_id=0, username="", kind="operator")


def system_actor(account_id: int, username: str) -> Actor:
    """The platform itself, acting for the owner (first stream of an account)."""
    return Actor(account_id=account_id, username=username, kind="personal", permissions=OWNER, via="system")


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """What pages show of the signed-in account."""

    id: int
    username: str
    email: str
    language: str
    private: Mapping[str, Any] = field(default_factory=dict, repr=False)  # the private profile

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        return self.username[:2].upper()
