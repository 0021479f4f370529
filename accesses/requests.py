"""Authorisation requests of apps: start, poll, decide (spec api-access §4).

A request lives one hour from its start, whatever happens to it. A decision is final: only an identical
repeat is tolerated.
"""

import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from django.conf import settings
from django.db import transaction

from accesses import models
from pryvsite.api.platform import api_endpoint, public_url, service_info
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidRequestStructure
from pryvsite.kernel.ids import new_key
from pryvsite.kernel.inputs import LONGEST_NAME
from pryvsite.tokens import digest, seal, unseal
from streams.inputs import check_nesting

POLL_RATE = 1000  # milliseconds
MAX_BYTES = 256 * 1024  # of the JSON of a request
WAITING, ACCEPTED, REFUSED, ERROR, REDIRECTED = "NEED_SIGNIN", "ACCEPTED", "REFUSED", "ERROR", "REDIRECTED"
HTTP_STATUS = {WAITING: 201, ACCEPTED: 200, REFUSED: 403, ERROR: 403, REDIRECTED: 301}
ANSWER_FIELDS = {
    ACCEPTED: ("status", "username", "token", "apiEndpoint"),
    REFUSED: ("status", "reasonId", "message"),
    ERROR: ("status", "reasonId", "message"),
    REDIRECTED: ("status", "poll", "redirectUrl"),
}


class RequestError(Exception):
    """An error of these routes: their bodies have no meta and their own ids."""

    def __init__(self, message: str, error_id: str = "invalid-parameters") -> None:
        self.id = error_id
        self.message = message
        super().__init__(message)


class UnknownKey(RequestError):
    """No such request, or it expired."""

    def __init__(self) -> None:
        super().__init__("Unknown or expired access key.", "unknown-access-key")


@dataclass(frozen=True)
class AccessRequest:
    """A request with its key and state."""

    key: str
    status: str
    state: dict[str, Any]
    created: float

    @property
    def expires(self) -> float:
        """When it ends, in Unix seconds."""
        return self.created + float(settings.ACCESS_REQUEST_MAX_AGE)

    @property
    def http_status(self) -> int:
        """The status that a poll answers with."""
        return HTTP_STATUS[self.status]

    def poll_body(self) -> dict[str, Any]:
        """What a poll tells."""
        if self.status == WAITING:
            told = {name: value for name, value in self.state.items() if name != "origin"}
            return {**told, "status": WAITING, "serviceInfo": service_info()}
        return {name: self.state.get(name) for name in ANSWER_FIELDS[self.status]}


def start(given: Any, *, language: str = "en", origin: str = "") -> AccessRequest:
    """Open a request that comes from a page of this origin.

    Raises RequestError for missing fields or an untrusted authUrl.
    """
    if not isinstance(given, dict):
        raise RequestError("A JSON object is expected.")
    app_id = given.get("requestingAppId")
    permissions = given.get("requestedPermissions")
    if not isinstance(app_id, str) or not app_id:
        raise RequestError("Missing or empty requestingAppId.")
    if not isinstance(permissions, list) or not permissions:
        raise RequestError("requestedPermissions must be a non-empty array.")
    _check_size(given)
    key = new_key(16)
    poll = f"{public_url()}/reg/access/{key}"
    state = {
        "key": key,
        "requestingAppId": app_id,
        "requestedPermissions": permissions,
        "poll": poll,
        "poll_rate_ms": POLL_RATE,
        "lang": _text(given, "languageCode") or language,
        "returnURL": given.get("returnURL") or None,
        "oauthState": _text(given, "oauthState"),
        "clientData": given.get("clientData"),
    }
    if origin:
        state["origin"] = origin
    for name in ("deviceName", "expireAfter", "token", "referer", "allowUserChoice"):
        if given.get(name) is not None:
            state[name] = given[name]
    _check_optional(state)
    state["authUrl"] = _auth_url(given, state)
    sweep()
    row = models.AccessRequest(digest=digest(key), sealed_state=_seal(state), created=now())
    row.save(force_insert=True)
    return AccessRequest(key, WAITING, state, row.created)


def _check_optional(state: dict[str, Any]) -> None:
    types: dict[str, Any] = {
        "returnURL": str, "clientData": dict, "deviceName": str, "expireAfter": (int, float), "token": str,
        "referer": str,
    }  # fmt: skip
    for name, expected in types.items():
        value = state.get(name)
        if value is not None and (not isinstance(value, expected) or isinstance(value, bool)):
            raise RequestError(f"{name} has the wrong type.")
    asked = [entry for entry in state["requestedPermissions"] if isinstance(entry, dict)]
    marks = [state.get("allowUserChoice", False), *(entry.get("mandatory", False) for entry in asked)]
    if not all(isinstance(mark, bool) for mark in marks):
        raise RequestError("allowUserChoice and mandatory are true or false.")
    for name in ("requestingAppId", "deviceName"):  # what names the access that may come of it
        if len(state.get(name, "")) > LONGEST_NAME:
            raise RequestError(f"{name} may have {LONGEST_NAME} characters at most.")
    if state.get("expireAfter", 0) < 0:
        raise RequestError("expireAfter cannot be negative.")


def _check_size(given: dict[str, Any]) -> None:
    """Anybody may start requests, so what is kept of one is small."""
    try:
        check_nesting(given)
    except InvalidRequestStructure as error:
        raise RequestError(error.message) from None
    if len(msgspec.json.encode(given)) > MAX_BYTES:
        raise RequestError(f"A request may have {MAX_BYTES} bytes at most.")


def _text(given: dict[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise RequestError(f"{name} must be a string.")
    return value or None


def _auth_url(given: dict[str, Any], state: dict[str, Any]) -> str:
    base = given.get("authUrl") or f"{public_url()}/auth"
    if given.get("authUrl") and not _trusted_auth_url(given["authUrl"]):
        trusted = ", ".join(settings.TRUSTED_AUTH_URLS) or "(none configured)"
        raise RequestError(f"authUrl is not among the trustedAuthUrls: {trusted}.")
    query = {
        "lang": state["lang"],
        "key": state["key"],
        "requestingAppId": state["requestingAppId"],
        "poll": state["poll"],
        "poll_rate_ms": POLL_RATE,
        "serviceInfo": f"{public_url()}/reg/service/info",
    }
    query |= {name: state[name] for name in ("returnURL", "oauthState") if state[name]}
    return f"{base}{'&' if '?' in base else '?'}{urlencode(query)}"


def _trusted_auth_url(url: Any) -> bool:
    """Same scheme, host and port as a trusted entry, and its path or one below it."""
    if not isinstance(url, str):
        return False
    try:
        asked = urlsplit(url)
        if asked.username or asked.password:
            return False
        for entry in settings.TRUSTED_AUTH_URLS:
            known = urlsplit(entry)
            same = (asked.scheme, asked.hostname, asked.port) == (known.scheme, known.hostname, known.port)
            path = known.path.rstrip("/")
            if same and (
                asked.path == known.path
                or asked.path.rstrip("/") == path
                or asked.path.startswith(path + "/")
            ):
                return ".." not in asked.path
    except ValueError:
        return False
    return False


def find(key: str) -> AccessRequest:
    """A live request. Raises UnknownKey."""
    row = models.AccessRequest.objects.filter(digest=digest(key), created__gt=_oldest()).first()
    if row is None:
        raise UnknownKey
    return _loaded(key, row)


def hold(key: str) -> AccessRequest:
    """A request that waits for an answer; nobody else answers it before the transaction ends.

    Raises UnknownKey, RequestError (answered already).
    """
    row = models.AccessRequest.objects.select_for_update().filter(digest=digest(key)).first()
    if row is None or row.created <= _oldest():
        raise UnknownKey
    request = _loaded(key, row)
    if request.status != WAITING:
        raise RequestError("This request was answered already.")
    return request


def decide(key: str, given: Any) -> AccessRequest:
    """Record an answer. Raises UnknownKey, RequestError; a different second answer is refused."""
    if not isinstance(given, dict):
        raise RequestError("A JSON object is expected.")
    status = given.get("status")
    answer = _answer(status, given)
    with transaction.atomic():
        rows = models.AccessRequest.objects.select_for_update()
        row = rows.filter(digest=digest(key), created__gt=_oldest()).first()
        if row is None:
            raise UnknownKey
        request = _loaded(key, row)
        if request.status != WAITING:
            if _same(request, answer):
                return request
            raise RequestError("This request was answered already.")
        state = {**request.state, **answer}
        # The condition decides where row locks don't exist: of two answers one is recorded.
        done = models.AccessRequest.objects.filter(digest=row.digest, status=WAITING).update(
            status=status, sealed_state=_seal(state)
        )
    if not done:
        raise RequestError("This request was answered already.")
    return AccessRequest(key, str(status), state, row.created)


def _answer(status: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The fields of an answer. Raises RequestError for an unknown status or a missing field."""
    if status == ACCEPTED:
        username, token = given.get("username"), given.get("token")
        if not isinstance(username, str) or not username or not isinstance(token, str) or not token:
            raise RequestError("ACCEPTED needs username and token.")
        endpoint = given.get("apiEndpoint")
        if not isinstance(endpoint, str) or not endpoint:
            endpoint = api_endpoint(username, token)
        return {"status": status, "username": username, "token": token, "apiEndpoint": endpoint}
    if status in (REFUSED, ERROR):
        texts = {name: given.get(name) for name in ("reasonId", "message")}
        if any(value is not None and not isinstance(value, str) for value in texts.values()):
            raise RequestError("reasonId and message must be strings.")
        return {"status": status, **texts}
    if status == REDIRECTED:
        url = given.get("redirectUrl")
        if not isinstance(url, str) or not url:
            raise RequestError("REDIRECTED needs redirectUrl.")
        return {"status": status, "redirectUrl": url, "poll": url}
    raise RequestError("Unknown status.")


def _same(request: AccessRequest, answer: dict[str, Any]) -> bool:
    """Whether an answer repeats the recorded one; in a time that tells nothing of the token."""
    recorded = {name: request.state.get(name) for name in answer}
    one, other = (msgspec.json.encode(item, order="sorted") for item in (recorded, answer))
    return hmac.compare_digest(one, other)


def _oldest() -> float:
    return now() - float(settings.ACCESS_REQUEST_MAX_AGE)


def _seal(state: dict[str, Any]) -> str:
    return seal(msgspec.json.encode(state).decode())


def _loaded(key: str, row: models.AccessRequest) -> AccessRequest:
    state = msgspec.json.decode(unseal(row.sealed_state))
    return AccessRequest(key, row.status, state, row.created)


def sweep() -> int:
    """Drop expired requests; their number."""
    return models.AccessRequest.objects.filter(created__lte=_oldest()).delete()[0]
