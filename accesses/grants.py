"""What permissions a caller may ask for, and what of them is stored (spec api-access §3.2, §3.3, §3.6)."""

from collections.abc import Sequence
from typing import Any

from accesses.inputs import PermissionInput
from accounts.fields import FIELDS, is_account_stream
from pryvsite.kernel.errors import Forbidden, InvalidOperation, InvalidParameters, InvalidRequestStructure
from pryvsite.kernel.inputs import UNSET, ClientData, UnsetType
from pryvsite.kernel.permissions import Level, Permissions
from streams.inputs import check_nesting

FORBIDDEN_CHARACTERS = frozenset("\"'\\\0\b\t\n\r\x1a")
Entries = Sequence[dict[str, str]]


def stored_permissions(given: Sequence[PermissionInput]) -> list[dict[str, str]]:
    """Entries without names. Raises InvalidParameters for a mix of stream and feature, or neither;
    InvalidRequestStructure for a stream id that can't be one."""
    stored: list[dict[str, str]] = []
    for index, entry in enumerate(given):
        path = f"#/permissions/{index}"
        is_feature = entry.feature is not UNSET or entry.setting is not UNSET
        is_stream = entry.stream_id is not UNSET or entry.level is not UNSET
        if is_feature == is_stream or (
            is_feature and (entry.default_name is not UNSET or entry.name is not UNSET)
        ):
            raise InvalidParameters(data=[permission_violation("ONE_OF_MISSING", path)])
        pair = (entry.feature, entry.setting) if is_feature else (entry.stream_id, entry.level)
        if isinstance(pair[0], UnsetType) or isinstance(pair[1], UnsetType):
            raise InvalidParameters(data=[permission_violation("OBJECT_MISSING_REQUIRED_PROPERTY", path)])
        names = ("feature", "setting") if is_feature else ("streamId", "level")
        stored.append(dict(zip(names, (pair[0], pair[1]), strict=True)))
    if any(FORBIDDEN_CHARACTERS & set(entry.get("streamId", "")) for entry in stored):
        raise InvalidRequestStructure("A stream id holds a forbidden character.")
    return stored


def permission_violation(code: str, path: str) -> dict[str, Any]:
    """An entry of the list of violations."""
    message = "A permission is a streamId with a level, or a feature with a setting."
    return {"code": code, "message": message, "params": [], "path": path}


def refused(name: str) -> list[dict[str, Any]]:
    """The violation of a property that can't have this value here."""
    return [
        {"code": "NOT_PASSED", "message": f"{name} can't be given here.", "params": [], "path": f"#/{name}"}
    ]


def check_client_data(given: ClientData | UnsetType | None) -> None:
    """Refuse what only the platform writes. Raises InvalidParameters, Forbidden."""
    if isinstance(given, UnsetType) or given is None:
        return
    if "cmc" in given:
        raise InvalidParameters("clientData.cmc is reserved.", {"id": "cmc-clientdata-cmc-forbidden"})
    if "dpop" in given:
        raise Forbidden("clientData.dpop is reserved.")
    check_nesting(given)


def inherited(maker: Permissions, stored: list[dict[str, str]]) -> list[dict[str, str]]:
    """A maker that may not share secrets passes the restriction on (spec api-access §3.3)."""
    feature = "secretSharing"
    if maker.features.get(feature) != "forbidden" or any(e.get("feature") == feature for e in stored):
        return stored
    return [*stored, {"feature": feature, "setting": "forbidden"}]


def check_account_streams(stored: Entries) -> None:
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
