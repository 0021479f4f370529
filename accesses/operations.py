"""Create, list, delete and compare accesses (spec api-access §3)."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from accesses.inputs import AccessCreate, CheckApp, PermissionInput
from accesses.models import Access
from accesses.presenters import seal_integrity, wire_id
from accesses.streams import ensure_streams
from accounts.fields import FIELDS, is_account_stream
from pryvsite.caching import changed
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import (
    Forbidden,
    InvalidItemId,
    InvalidOperation,
    InvalidParameters,
    InvalidRequestStructure,
    ItemAlreadyExists,
    StaleResource,
    UnknownResource,
)
from pryvsite.kernel.ids import is_reserved_item_id, new_id, new_token, slug_token
from pryvsite.kernel.inputs import UNSET, UnsetType
from pryvsite.kernel.permissions import EVERYTHING, Level, Permissions
from pryvsite.tokens import digest, seal
from streams.tree import load_tree

FORBIDDEN_CHARACTERS = frozenset("\"'\\\0\b\t\n\r\x1a")


def visible(actor: Actor) -> Any:
    """The accesses an actor manages: the owner all, an app those it made, a share none."""
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


def find_access(actor: Actor, wire: str, *, current: bool = True) -> Access:
    """A live access by its wire id. Raises UnknownResource, StaleResource (when not `current`)."""
    base, _, serial = wire.partition(":")
    if ":" in wire and not (serial.isascii() and serial.isdigit() and serial[0] != "0"):
        raise UnknownResource("access", wire)
    access = Access.objects.filter(account_id=actor.account_id, id=base, deleted=None).first()
    if access is None:
        raise UnknownResource("access", wire)
    if current and wire != wire_id(access):
        raise StaleResource(data={"provided": wire, "currentSerial": access.serial})
    return access


def create_access(actor: Actor, new: AccessCreate) -> Access:
    """Create an app or shared access; checks in the order of spec api-access §3.6."""
    stored = stored_permissions(new.permissions)
    _check_client_data(new)
    if new.type == "personal":
        raise Forbidden("Personal accesses are created automatically on login.")
    if new.type == "shared" and new.device_name is not None:
        raise InvalidParameters("Only app accesses have a device name.", _violation("deviceName"))
    _check_stream_ids(stored)
    if not actor.is_personal:
        _check_delegation(actor, new, stored)
        stored = _inherit_features(actor, stored)
    token = _token(new.token)
    expires = _expiry(actor, new)
    _check_account_streams(stored)
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
    announce(actor.account_id, Change.ACCESSES)
    return access


def stored_permissions(given: Sequence[PermissionInput]) -> list[dict[str, str]]:
    """Entries without names. Raises InvalidParameters for a mix of stream and feature, or neither."""
    stored: list[dict[str, str]] = []
    for index, entry in enumerate(given):
        path = f"#/permissions/{index}"
        is_feature = entry.feature is not UNSET or entry.setting is not UNSET
        is_stream = entry.stream_id is not UNSET or entry.level is not UNSET
        if is_feature == is_stream or (
            is_feature and (entry.default_name is not UNSET or entry.name is not UNSET)
        ):
            raise InvalidParameters(data=[_entry("ONE_OF_MISSING", path)])
        pair = (entry.feature, entry.setting) if is_feature else (entry.stream_id, entry.level)
        if isinstance(pair[0], UnsetType) or isinstance(pair[1], UnsetType):
            raise InvalidParameters(data=[_entry("OBJECT_MISSING_REQUIRED_PROPERTY", path)])
        names = ("feature", "setting") if is_feature else ("streamId", "level")
        stored.append(dict(zip(names, (pair[0], pair[1]), strict=True)))
    return stored


def _entry(code: str, path: str) -> dict[str, Any]:
    message = "A permission is a streamId with a level, or a feature with a setting."
    return {"code": code, "message": message, "params": [], "path": path}


def _violation(name: str) -> list[dict[str, Any]]:
    return [
        {"code": "NOT_PASSED", "message": f"{name} can't be given here.", "params": [], "path": f"#/{name}"}
    ]


def _check_client_data(new: AccessCreate) -> None:
    data = new.client_data
    if isinstance(data, UnsetType):
        return
    if "cmc" in data:
        raise InvalidParameters("clientData.cmc is reserved.", {"id": "cmc-clientdata-cmc-forbidden"})
    if "dpop" in data:
        raise Forbidden("clientData.dpop is reserved.")


def _check_stream_ids(stored: Sequence[dict[str, str]]) -> None:
    for entry in stored:
        if FORBIDDEN_CHARACTERS & set(entry.get("streamId", "")):
            raise InvalidRequestStructure("A stream id holds a forbidden character.")


def _check_delegation(actor: Actor, new: AccessCreate, stored: Sequence[dict[str, str]]) -> None:
    wanted = Permissions.from_wire(stored)
    if new.type != "shared" or not actor.permissions.covers(wanted, load_tree(actor.account_id)):
        raise Forbidden("Your access token has insufficient permissions to create this new access.")


def _inherit_features(actor: Actor, stored: list[dict[str, str]]) -> list[dict[str, str]]:
    """A maker that may not share secrets passes the restriction on (spec api-access §3.3)."""
    feature = "secretSharing"
    if actor.permissions.features.get(feature) != "forbidden" or any(
        entry.get("feature") == feature for entry in stored
    ):
        return stored
    return [*stored, {"feature": feature, "setting": "forbidden"}]


def _token(given: str | UnsetType) -> str:
    if isinstance(given, UnsetType):
        return new_token()
    token = slug_token(given)
    if token in ("null", "undefined") or not token or is_reserved_item_id(token):
        raise InvalidItemId
    return token


def _expiry(actor: Actor, new: AccessCreate) -> float | None:
    if isinstance(new.expire_after, UnsetType):
        expires = None
    elif new.expire_after < 0:
        raise InvalidParameters("expireAfter cannot be negative.", _violation("expireAfter"))
    else:
        expires = round(now() + new.expire_after, 3)
    if actor.expires is not None and (expires is None or expires > actor.expires):
        if expires is None:
            return actor.expires
        raise InvalidOperation(
            "An access can't outlive the one that creates it.",
            {"parentExpires": actor.expires, "requestedExpires": expires},
        )
    return expires


def _check_account_streams(stored: Sequence[dict[str, str]]) -> None:
    """Permissions on account fields: visible ones only, and never to manage (spec api-access §3.6)."""
    for entry in stored:
        stream_id = entry.get("streamId", "")
        if not is_account_stream(stream_id):
            continue
        field = FIELDS.get(stream_id)
        if field is None:
            raise Forbidden("There is no such account stream.")
        if field.hidden:
            raise InvalidOperation("It is forbidden to access this stream.", {"param": stream_id})
        if entry["level"] == Level.MANAGE.wire:
            text = "Only read, create-only and contribute accesses are possible on account streams."
            raise InvalidOperation(text, {"param": stream_id})


def _insert(access: Access) -> None:
    """Insert; the unique constraints decide races. Raises ItemAlreadyExists."""
    try:
        with transaction.atomic():
            access.save(force_insert=True)
    except IntegrityError:
        rows = Access.objects.filter(account_id=access.account_id, deleted=None)
        if rows.filter(digest=access.digest).exists():
            raise ItemAlreadyExists("access", {"token": "(hidden)"}) from None
        keys: dict[str, Any] = {"type": access.type, "name": access.name}
        if access.device_name:
            keys["deviceName"] = access.device_name
        elif access.type == "shared":
            keys["deviceName"] = None
        raise ItemAlreadyExists("access", keys) from None


def delete_access(actor: Actor, wire: str) -> tuple[Access, list[str] | None]:
    """Delete an access and the live ones it made; the ids of those, or None if it never made any.

    Raises UnknownResource, StaleResource, Forbidden (spec api-access §3.8).
    """
    access = find_access(actor, wire, current=False)
    _check_may_delete(actor, access)
    if wire != wire_id(access):
        raise StaleResource(data={"provided": wire, "currentSerial": access.serial})
    moment = now()
    made = Access.objects.filter(account_id=actor.account_id, creator_id=access.id)
    related: list[str] | None = None
    if access.type != "personal" and made.exists():
        live = made.filter(Q(expires=None) | Q(expires__gt=moment), deleted=None)
        related = list(live.order_by("created", "id").values_list("id", flat=True))
        made.filter(id__in=related).update(deleted=moment)
    done = Access.objects.filter(account_id=actor.account_id, id=access.id, deleted=None)
    if not done.update(deleted=moment):
        raise UnknownResource("access", wire)
    changed("accesses", actor.account_id)
    announce(actor.account_id, Change.ACCESSES)
    return access, related


def _check_may_delete(actor: Actor, access: Access) -> None:
    if actor.is_personal:
        return
    if access.id == actor.access_id:
        if not actor.permissions.may_revoke_itself:
            raise Forbidden("This access can't revoke itself.")
        return
    if actor.kind != "app" or access.creator_id != actor.access_id:
        raise Forbidden


def check_app(actor: Actor, request: CheckApp) -> dict[str, Any]:
    """Compare a request with what the app holds: `matching`, or `checked` and maybe `mismatching`
    and `error` (spec api-access §3.9). Nothing is created."""
    stored = stored_permissions(request.requested_permissions)
    found = Access.objects.filter(
        account_id=actor.account_id,
        type="app",
        name=request.requesting_app_id,
        device_name=request.device_name or "",
        deleted=None,
    ).first()
    if found and _matches(found, stored, request.client_data):
        return {"matching": found}
    checked, clash = _checked_permissions(actor, request.requested_permissions)
    result: dict[str, Any] = {"checked": checked}
    if found:
        result["mismatching"] = found
    if clash:
        result["error"] = {
            "id": "item-already-exists",
            "message": "A stream of that name exists already; another name is proposed.",
        }
    return result


def _matches(access: Access, wanted: Sequence[dict[str, str]], client_data: Any) -> bool:
    if access.expires is not None and access.expires <= now():
        return False

    def pairs(entries: Sequence[dict[str, str]]) -> list[tuple[str, ...]]:
        return sorted(tuple(entry[key] for key in sorted(entry)) for entry in entries)

    return pairs(access.permissions or []) == pairs(wanted) and access.client_data == client_data


def _checked_permissions(
    actor: Actor, requested: Sequence[PermissionInput]
) -> tuple[list[dict[str, Any]], bool]:
    tree = load_tree(actor.account_id)
    root_names = {node.name for node in tree.nodes.values() if not node.parent_id}
    checked: list[dict[str, Any]] = []
    clash = False
    for entry in requested:
        if isinstance(entry.stream_id, UnsetType):
            checked.append({"feature": entry.feature, "setting": entry.setting})
            continue
        wire: dict[str, Any] = {"streamId": entry.stream_id, "level": entry.level}
        if entry.stream_id != EVERYTHING:
            if isinstance(entry.default_name, UnsetType):
                raise InvalidParameters(
                    "Each requested permission needs a defaultName.",
                    [_entry("OBJECT_MISSING_REQUIRED_PROPERTY", "#/") | {"params": ["defaultName"]}],
                )
            if entry.stream_id in tree:
                wire["name"] = tree.nodes[entry.stream_id].name
            else:
                wire["defaultName"] = _free_name(entry.default_name, root_names)
                clash = clash or wire["defaultName"] != entry.default_name
                root_names.add(wire["defaultName"])
        checked.append(wire)
    return checked, clash


def _free_name(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 1
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
