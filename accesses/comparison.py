"""Comparing what an app asks for with what it holds (spec api-access §3.9)."""

from collections.abc import Sequence
from typing import Any

from accesses.grants import permission_violation, stored_permissions
from accesses.inputs import CheckApp, PermissionInput
from accesses.models import Access
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidParameters
from pryvsite.kernel.inputs import UnsetType
from pryvsite.kernel.permissions import EVERYTHING
from pryvsite.kernel.stable_json import stable_json
from streams.tree import load_tree


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

    return pairs(access.permissions or []) == pairs(wanted) and _same(access.client_data, client_data)


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; to Python alone, `true` would be 1."""
    return bool(one == other) and stable_json(one) == stable_json(other)


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
                missing = permission_violation("OBJECT_MISSING_REQUIRED_PROPERTY", "#/")
                text = "Each requested permission needs a defaultName."
                raise InvalidParameters(text, [missing | {"params": ["defaultName"]}])
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
