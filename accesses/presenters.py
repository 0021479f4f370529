"""Accesses on the wire (spec api-access §3.1, §3.10)."""

from typing import Any

from accesses.models import Access
from accesses.usage import Use
from pryvsite.api.platform import api_endpoint
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.integrity import access_integrity
from pryvsite.kernel.permissions import ACCOUNT_ROOT, Level
from pryvsite.tokens import unseal


def stored_form(access: Access) -> dict[str, Any]:
    """The access as it is hashed: bare id, and the serial once updated (corrections §1.11)."""
    wire = present_core(access)
    if access.serial:
        wire["serial"] = access.serial
    if access.deleted is not None:
        wire["deleted"] = access.deleted
    return wire


def present_core(access: Access) -> dict[str, Any]:
    """What an access is, without what changes by use."""
    wire: dict[str, Any] = {
        "id": access.id,
        "token": unseal(access.sealed_token),
        "type": access.type,
        "name": access.name,
    }
    if access.type == "shared":
        wire["deviceName"] = None
    elif access.type == "app" and access.device_name:
        wire["deviceName"] = access.device_name
    if access.type != "personal":
        wire["permissions"] = access.permissions or []
    if access.expires is not None:
        wire["expires"] = access.expires
    if access.client_data is not None:
        wire["clientData"] = access.client_data
    if access.alias:
        wire["alias"] = access.alias
    return wire | {
        "created": access.created,
        "createdBy": access.created_by,
        "modified": access.modified,
        "modifiedBy": access.modified_by,
    }


def seal_integrity(access: Access) -> None:
    """Compute and set the integrity hash."""
    access.integrity = access_integrity(stored_form(access))


def wire_id(access: Access) -> str:
    """`base`, or `base:serial` once updated."""
    return f"{access.id}:{access.serial}" if access.serial else access.id


def present_access(access: Access, username: str, *, endpoint: bool = True) -> dict[str, Any]:
    """The full object, for those who may see the token; `username` is the account's name as they know it."""
    wire = present_core(access) | {"id": wire_id(access), "lastUsed": access.last_used}
    if access.integrity:
        wire["integrity"] = access.integrity
    if access.deleted is not None:
        wire["deleted"] = access.deleted
    elif endpoint:
        wire["apiEndpoint"] = api_endpoint(access.alias or username, wire["token"])
    return wire


def snapshot(access: Access) -> dict[str, Any]:
    """The present version as it is kept when it gets replaced."""
    wire = present_core(access) | {"id": wire_id(access), "integrity": access.integrity}
    del wire["token"]
    return wire


def present_version(kept: dict[str, Any], head: Access, username: str) -> dict[str, Any]:
    """A former version on the wire; the token is that of the access."""
    token = unseal(head.sealed_token)
    return kept | {"token": token, "apiEndpoint": api_endpoint(head.alias or username, token)}


def present_self(core: dict[str, Any], actor: Actor, used: Use) -> dict[str, Any]:
    """What an access sees of itself: `getAccessInfo`; `core` is its `present_core`."""
    wire = {key: value for key, value in core.items() if value is not None}
    if wire["type"] != "personal":
        injected = {"streamId": ACCOUNT_ROOT, "level": Level.NONE.wire}
        wire["permissions"] = [injected, *wire["permissions"]]
    if used.last:
        wire["lastUsed"] = used.last
    return wire | {"calls": used.calls, "user": {"username": actor.username}}
