"""Create, list, find and delete accesses (spec api-access §3)."""

from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accesses.authenticate import actor_of
from accesses.grants import (
    check_account_streams,
    check_client_data,
    inherited,
    refused,
    stored_permissions,
)
from accesses.inputs import AccessCreate
from accesses.models import Access
from accesses.presenters import seal_integrity, wire_id
from accesses.streams import ensure_streams
from accounts.names import name_slot, username_taken
from pryvsite.caching import changed
from pryvsite.db import Lock, hold
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import (
    Forbidden,
    InvalidItemId,
    InvalidOperation,
    InvalidParameters,
    InvalidToken,
    ItemAlreadyExists,
    StaleResource,
    UnknownResource,
)
from pryvsite.kernel.ids import is_reserved_item_id, new_alias, new_id, new_token, slug_token
from pryvsite.kernel.inputs import UNSET, UnsetType
from pryvsite.kernel.permissions import Permissions
from pryvsite.tokens import digest, seal
from streams.tree import load_tree


def visible(actor: Actor) -> QuerySet[Access]:
    """The accesses an actor manages: the owner all, an app those it made."""
    rows = Access.objects.filter(account_id=actor.account_id)
    return rows if actor.is_personal else rows.filter(creator_id=actor.access_id)


def list_accesses(actor: Actor, *, expired: bool) -> list[Access]:
    """Live accesses by name."""
    rows = visible(actor).filter(deleted=None)
    if not expired:
        rows = rows.filter(Q(expires=None) | Q(expires__gt=now()))
    return list(rows.order_by("name", "created", "id"))


def list_deletions(actor: Actor) -> list[Access]:
    """Deleted accesses, latest first."""
    return list(visible(actor).exclude(deleted=None).order_by("-deleted", "id"))


def find_access(actor: Actor, wire: str) -> tuple[Access, int | None]:
    """A live access by its wire id, and the serial that the id names (None: a bare id).

    Whether the actor may know of it is the caller's matter. Raises UnknownResource.
    """
    base, colon, serial = wire.partition(":")
    if colon and not (serial.isascii() and serial.isdigit() and serial[0] != "0" and len(serial) < 10):
        raise UnknownResource("access", wire)
    access = Access.objects.filter(account_id=actor.account_id, id=base, deleted=None).first()
    if access is None:
        raise UnknownResource("access", wire)
    return access, int(serial) if colon else None


def check_current(access: Access, wire: str) -> None:
    """Whether an id names the present version. Raises StaleResource."""
    if wire != wire_id(access):
        text = "This access was updated: use the id of its present version."
        raise StaleResource(text, {"provided": wire, "currentSerial": access.serial})


def hold_accesses(actor: Actor) -> Actor:
    """Change the account's accesses alone, to the end of the transaction. The actor as it is now.

    An app could have been deleted or narrowed since it was authenticated, and what it makes then would
    outlive it. Raises InvalidToken.
    """
    hold(Lock.ACCESSES, actor.account_id)
    if actor.is_personal:
        return actor
    row = Access.objects.filter(account_id=actor.account_id, id=actor.access_id, deleted=None).first()
    if row is None:
        raise InvalidToken
    known = actor_of(row, actor.username)
    return replace(actor, serial=row.serial, permissions=known.permissions, expires=row.expires)


def create_access(actor: Actor, new: AccessCreate) -> Access:
    """Create an app or shared access; checks in the order of spec api-access §3.6."""
    actor = hold_accesses(actor)
    stored = stored_permissions(new.permissions)
    if new.type == "shared" and new.device_name is not None:
        raise InvalidParameters("Only app accesses have a device name.", refused("deviceName"))
    check_client_data(new.client_data)
    if new.type == "personal":
        raise Forbidden("Personal accesses are created automatically on login.")
    if not actor.is_personal:
        _check_delegation(actor, new, stored)
        stored = inherited(actor.permissions, stored)
    token = _token(new.token)
    expires = _expiry(actor, new)
    check_account_streams(stored)
    if actor.is_personal:
        ensure_streams(actor, new.permissions)
    moment = now()
    access = Access(
        account_id=actor.account_id,
        id=new_id(),
        type=new.type,
        name=new.name,
        device_name=new.device_name or "",
        digest=digest(token),
        sealed_token=seal(token),
        alias=_free_alias() if new.random_alias else "",
        permissions=stored,
        client_data=None if new.client_data is UNSET else new.client_data,
        expires=expires,
        creator_id=actor.access_id,
        created=moment,
        created_by=actor.author,
        modified=moment,
        modified_by=actor.author,
    )
    seal_integrity(access)
    _insert(access)
    _alias_changed(access)
    announce(actor.account_id, Change.ACCESSES)
    return access


def _check_delegation(actor: Actor, new: AccessCreate, stored: list[dict[str, str]]) -> None:
    wanted = Permissions.from_wire(stored)
    if new.type != "shared" or not actor.permissions.covers(wanted, load_tree(actor.account_id)):
        raise Forbidden("Your access token has insufficient permissions to create this new access.")


def _token(given: str | UnsetType) -> str:
    if isinstance(given, UnsetType):
        return new_token()
    token = slug_token(given)
    if token in ("null", "undefined") or not token or is_reserved_item_id(token):
        raise InvalidItemId
    return token


def _free_alias() -> str:
    """A fresh alias; registration keeps off names of its form, the unique constraint has the last word."""
    alias = new_alias()
    while username_taken(alias) or Access.objects.filter(alias=alias).exists():
        alias = new_alias()
    return alias


def forget_aliases(account_id: int) -> None:
    """Make the aliases of an account that ends unknown to all workers. Inside its transaction."""
    for access in Access.objects.filter(account_id=account_id).exclude(alias=""):
        _alias_changed(access)


def _alias_changed(access: Access) -> None:
    if access.alias:
        changed("names", name_slot(access.alias))


def _expiry(actor: Actor, new: AccessCreate) -> float | None:
    expires = None if isinstance(new.expire_after, UnsetType) else expiry_after(new.expire_after)
    if actor.expires is not None and (expires is None or expires > actor.expires):
        if expires is None:
            return actor.expires
        raise InvalidOperation(
            "An access can't outlive the one that creates it.",
            {"parentExpires": actor.expires, "requestedExpires": expires},
        )
    return expires


def expiry_after(seconds: float) -> float:
    """When an access ends that shall live so long, in Unix seconds. Raises InvalidParameters."""
    if seconds < 0:
        raise InvalidParameters("expireAfter cannot be negative.", refused("expireAfter"))
    return round(now() + seconds, 3)


def _insert(access: Access) -> None:
    """Insert; the unique constraints decide races. Raises ItemAlreadyExists."""
    try:
        with transaction.atomic():
            access.save(force_insert=True)
    except IntegrityError:
        raise conflict(access) from None


def conflict(access: Access) -> ItemAlreadyExists:
    """What an access that can't be stored has in common with another one."""
    rows = Access.objects.filter(account_id=access.account_id, deleted=None).exclude(id=access.id)
    if rows.filter(digest=access.digest).exists():
        return ItemAlreadyExists("access", {"token": "(hidden)"})
    keys: dict[str, Any] = {"type": access.type, "name": access.name}
    if access.device_name:
        keys["deviceName"] = access.device_name
    elif access.type == "shared":
        keys["deviceName"] = None
    return ItemAlreadyExists("access", keys)


def live_children(access: Access) -> QuerySet[Access]:
    """The accesses that an app made and that can still be used."""
    made = Access.objects.filter(account_id=access.account_id, creator_id=access.id, deleted=None)
    return made.filter(Q(expires=None) | Q(expires__gt=now())).order_by("created", "id")


def delete_access(actor: Actor, wire: str) -> tuple[Access, list[str] | None]:
    """Delete an access and the live ones it made; the ids of those, or None if it never made any.

    Raises UnknownResource, StaleResource, Forbidden (spec api-access §3.8).
    """
    actor = hold_accesses(actor)
    access, _ = find_access(actor, wire)
    _check_may_delete(actor, access)
    check_current(access, wire)
    related: list[str] | None = None
    made = Access.objects.filter(account_id=actor.account_id, creator_id=access.id)
    if access.type != "personal" and made.exists():
        related = [_bury(child).id for child in live_children(access)]
    _bury(access)
    changed("accesses", actor.account_id)
    announce(actor.account_id, Change.ACCESSES)
    return access, related


def _bury(access: Access) -> Access:
    """Mark as deleted; name, token and alias are free again."""
    access.deleted = now()
    seal_integrity(access)
    rows = Access.objects.filter(account_id=access.account_id, id=access.id)
    rows.update(deleted=access.deleted, integrity=access.integrity)
    _alias_changed(access)
    return access


def _check_may_delete(actor: Actor, access: Access) -> None:
    if actor.is_personal:
        return
    if access.id == actor.access_id:
        if not actor.permissions.may_revoke_itself:
            raise Forbidden("This access can't revoke itself.")
        return
    if actor.kind != "app" or access.creator_id != actor.access_id:
        raise Forbidden
