"""Changing an access and reading its versions (spec api-access §3.5, §3.7).

Whoever updates names the version it knows; of two who know the same one, the later is told so.
"""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from accesses.authenticate import actor_of
from accesses.grants import check_account_streams, check_client_data, inherited, refused, stored_permissions
from accesses.inputs import AccessUpdate
from accesses.models import Access, AccessVersion
from accesses.operations import (
    check_current,
    conflict,
    expiry_after,
    find_access,
    hold_accesses,
    live_children,
)
from accesses.presenters import present_access, present_version, seal_integrity, snapshot, wire_id
from pryvsite.caching import changed
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import (
    Forbidden,
    InvalidOperation,
    InvalidParameters,
    StaleResource,
    UnknownResource,
)
from pryvsite.kernel.inputs import UnsetType
from pryvsite.kernel.permissions import Permissions
from streams.inputs import merged_client_data
from streams.tree import load_tree

Wire = dict[str, Any]
OAUTH = "oauth:"  # names of accesses that an authorisation server keeps
CHANGING = (
    "name", "device_name", "permissions", "client_data", "expires", "serial", "integrity", "modified",
    "modified_by",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A version of an access; `current` is the id of the head where that is another one."""

    wire: Wire
    current: str | None
    head: Access


def get_access(actor: Actor, wire: str) -> Found:
    """One version of an access that the actor manages, or of its own. Raises UnknownResource."""
    head, serial = find_access(actor, wire)
    own = actor.access_id in (head.id, head.creator_id)
    if not (actor.is_personal or own) or (serial or 0) > head.serial:
        raise UnknownResource("access", wire)
    if serial is None or serial == head.serial:
        return Found(present_access(head, actor.username), None, head)
    kept = AccessVersion.objects.get(account_id=actor.account_id, access_id=head.id, serial=serial).wire
    return Found(present_version(kept, head, actor.username), wire_id(head), head)


def history(actor: Actor, head: Access) -> list[Wire]:
    """The versions before the present one, oldest first."""
    rows = AccessVersion.objects.filter(account_id=actor.account_id, access_id=head.id).order_by("serial")
    return [present_version(kept, head, actor.username) for kept in rows.values_list("wire", flat=True)]


def update_access(actor: Actor, wire: str, update: AccessUpdate) -> Access:
    """Change an access that is still what the caller knows; the former version is kept.

    Raises UnknownResource, Forbidden, StaleResource, InvalidParameters, InvalidOperation,
    InvalidRequestStructure, ItemAlreadyExists.
    """
    actor = hold_accesses(actor)
    access, _ = find_access(actor, wire)
    _check_may_update(actor, access)
    check_current(access, wire)
    before = AccessVersion(
        account_id=access.account_id, access_id=access.id, serial=access.serial, wire=snapshot(access)
    )
    _apply_texts(access, update)
    maker = _maker(access)
    _apply_permissions(access, update, maker)
    _apply_expiry(access, update, maker)
    if access.type == "app":
        _check_children(access)
    _save(actor, access, before)
    changed("accesses", actor.account_id)
    announce(actor.account_id, Change.ACCESSES)
    return access


def _check_may_update(actor: Actor, access: Access) -> None:
    """The owner may change any app or shared access, an app those it made."""
    may = actor.is_personal or (access.type == "shared" and access.creator_id == actor.access_id)
    if access.type == "personal" or not may:
        raise Forbidden


def _apply_texts(access: Access, update: AccessUpdate) -> None:
    if not isinstance(update.name, UnsetType):
        if access.name.startswith(OAUTH) and update.name != access.name:
            raise Forbidden("The name of this access can't be changed.")
        access.name = update.name
    if not isinstance(update.device_name, UnsetType):
        if access.type == "shared" and update.device_name is not None:
            raise InvalidParameters("Only app accesses have a device name.", refused("deviceName"))
        access.device_name = update.device_name or ""
    if not isinstance(update.client_data, UnsetType):
        check_client_data(update.client_data)
        access.client_data = merged_client_data(access.client_data, update.client_data)


def _maker(access: Access) -> Actor | None:
    """The app whose rights bound those of a share; None where the owner made it, or the app is gone."""
    if access.type != "shared":
        return None
    made_by = Access.objects.filter(
        account_id=access.account_id, id=access.creator_id, type="app", deleted=None
    ).first()
    return None if made_by is None else actor_of(made_by, "")


def _apply_permissions(access: Access, update: AccessUpdate, maker: Actor | None) -> None:
    stored = list(access.permissions or [])
    if not isinstance(update.permissions, UnsetType):
        stored = stored_permissions(update.permissions)
        check_account_streams(stored)
    if maker is not None:
        stored = inherited(maker.permissions, stored)
        if not isinstance(update.permissions, UnsetType) and not _fits(maker.permissions, stored, access):
            raise InvalidOperation(
                "A share can't allow more than the app that made it.",
                {"managingAccessId": _id_of(maker)},
            )
    access.permissions = stored


def _fits(maker: Permissions, stored: list[dict[str, str]], access: Access) -> bool:
    return maker.covers(Permissions.from_wire(stored), load_tree(access.account_id))


def _id_of(actor: Actor) -> str:
    return f"{actor.access_id}:{actor.serial}" if actor.serial else actor.access_id


def _apply_expiry(access: Access, update: AccessUpdate, maker: Actor | None) -> None:
    if isinstance(update.expire_after, UnsetType) and isinstance(update.expires, UnsetType):
        return
    if not isinstance(update.expire_after, UnsetType):
        if update.expires is None:
            text = "Give either expireAfter or expires."
            raise InvalidParameters(text, refused("expires"))
        access.expires = expiry_after(update.expire_after)
    else:
        access.expires = None
    if maker is not None and _later(access.expires, maker.expires):
        raise InvalidOperation(
            "A share can't outlive the app that made it.",
            {"parentExpires": maker.expires, "requestedExpires": access.expires},
        )


def _later(one: float | None, other: float | None) -> bool:
    """Whether an end comes after another one; None is never."""
    return other is not None and (one is None or one > other)


def _check_children(access: Access) -> None:
    """An app can't lose what it has handed out (spec api-access §3.7)."""
    allowed = actor_of(access, "").permissions
    offending = [
        wire_id(child)
        for child in live_children(access)
        if _later(child.expires, access.expires) or not _fits(allowed, child.permissions or [], access)
    ]
    if offending:
        raise InvalidOperation(
            "Accesses that this app made would then allow more than the app itself.",
            {"offendingChildren": offending},
        )


def _save(actor: Actor, access: Access, before: AccessVersion) -> None:
    access.serial += 1
    access.modified, access.modified_by = now(), actor.author
    seal_integrity(access)
    rows = Access.objects.filter(
        account_id=access.account_id, id=access.id, serial=before.serial, deleted=None
    )
    try:
        with transaction.atomic():
            done = rows.update(**{name: getattr(access, name) for name in CHANGING})
    except IntegrityError:
        raise conflict(access) from None
    if not done:  # only behind the back of the lock
        raise StaleResource
    before.save(force_insert=True)
