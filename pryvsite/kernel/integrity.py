"""Integrity hashes of events, accesses and files (spec api-data §3.10, api-access §3.12)."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from pryvsite.kernel.stable_json import stable_json


def _hash(text: str) -> str:
    return file_integrity(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


def file_integrity(sha256: bytes) -> str:
    """The hash of a file from its digest, as in HTML subresource integrity."""
    return "sha256-" + base64.b64encode(sha256).decode()


def event_integrity(event: Mapping[str, Any]) -> str:
    """The hash of an event in its wire form."""
    prepared = {key: value for key, value in event.items() if key not in ("integrity", "headId", "tags")}
    if not prepared.get("trashed"):
        prepared.pop("trashed", None)
    if prepared.get("duration") == 0:
        del prepared["duration"]
    if prepared.get("attachments"):
        prepared["attachments"] = [
            {key: value for key, value in attachment.items() if key != "readToken"}
            for attachment in prepared["attachments"]
        ]
    return f"EVENT:0:{_hash(stable_json(prepared))}"


def access_integrity(access: Mapping[str, Any]) -> str:
    """The hash of an access in its stored form."""
    left_out = ("integrity", "lastUsed", "calls", "apiEndpoint")
    prepared = {key: value for key, value in access.items() if key not in left_out}
    return f"ACCESS:0:{_hash(stable_json(prepared))}"
