"""Answering an authorisation request: check, accept, refuse, and where to go then (ui §3)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db import transaction

from accesses import comparison, operations, requests
from accesses.inputs import AccessCreate, CheckApp
from accesses.presenters import present_access, wire_id
from accesses.requests import AccessRequest
from pryvsite.api.parse import parse
from pryvsite.api.platform import public_url
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import gathering
from pryvsite.kernel.permissions import EVERYTHING


@dataclass(frozen=True)
class Question:
    """What is to be asked, or the access that already answers it."""

    matching: Any
    mismatching: Any
    checked: list[dict[str, Any]]
    clash: bool

    @property
    def everything(self) -> bool:
        """Whether all data is asked for with full control."""
        return any(e.get("streamId") == EVERYTHING and e.get("level") == "manage" for e in self.checked)


def key_of(poll: str, key: str) -> str:
    """The key of a request from the page's parameters; poll addresses of elsewhere are not followed."""
    if key:
        return key
    prefix = f"{public_url()}/reg/access/"
    return poll.removeprefix(prefix).strip("/") if poll.startswith(prefix) else ""


def app_of_page(path: str) -> str:
    """The app whose request a consent page shows; nothing where there is no live request."""
    parts = urlsplit(path)
    given = dict(parse_qsl(parts.query))
    if parts.path != "/auth":
        return ""
    try:
        asked = requests.find(key_of(given.get("poll") or given.get("pollUrl") or "", given.get("key", "")))
    except requests.RequestError:
        return ""
    return str(asked.state["requestingAppId"])


def question(actor: Actor, request: AccessRequest) -> Question:
    """Compare the request with what the app holds. Raises ApiError for a malformed request."""
    state = request.state
    raw = {
        "requestingAppId": state["requestingAppId"],
        "requestedPermissions": state["requestedPermissions"],
        "deviceName": state.get("deviceName"),
        "clientData": state.get("clientData"),
    }
    found = comparison.check_app(actor, parse(CheckApp, raw))
    return Question(
        found.get("matching"), found.get("mismatching"), found.get("checked", []), "error" in found
    )


def accept(actor: Actor, request: AccessRequest) -> AccessRequest:
    """Grant what is asked and tell the app; all in one transaction, once.

    Raises ApiError, RequestError (answered meanwhile).
    """
    with gathering() as deliver:
        with transaction.atomic(durable=True):
            answered = _grant(actor, requests.hold(request.key))
        deliver()
    return answered


def _grant(actor: Actor, request: AccessRequest) -> AccessRequest:
    asked = question(actor, request)
    access = asked.matching
    if access is None:
        if asked.mismatching:
            operations.delete_access(actor, wire_id(asked.mismatching))
        access = operations.create_access(actor, parse(AccessCreate, _new_access(request, asked)))
    wire = present_access(access, actor.username)
    answer = {"username": actor.username, "token": wire["token"], "apiEndpoint": wire["apiEndpoint"]}
    return requests.decide(request.key, {"status": requests.ACCEPTED, **answer})


def _new_access(request: AccessRequest, asked: Question) -> dict[str, Any]:
    state = request.state
    raw = {"type": "app", "name": state["requestingAppId"], "permissions": asked.checked}
    for name in ("deviceName", "token", "expireAfter", "clientData"):
        if state.get(name) is not None:
            raw[name] = state[name]
    return raw


def refuse(request: AccessRequest) -> AccessRequest:
    """Tell the app that its user said no."""
    answer = {"status": requests.REFUSED, "reasonId": "REFUSED_BY_USER", "message": "The user refused."}
    return requests.decide(request.key, answer)


def return_address(request: AccessRequest) -> str:
    """Where the browser goes after the answer, or nothing: then the window closes.

    Keys and states travel, tokens never do (ui §3.6).
    """
    base = request.state.get("returnURL") or ""
    if base in ("", "false") or urlsplit(base).scheme not in ("http", "https"):
        return ""
    poll = request.state["poll"]
    if request.state.get("oauthState"):
        query = {"state": request.state["oauthState"], "code": request.key, "poll": poll}
    else:
        query = {
            "prYvkey": request.key,
            "prYvstatus": request.status,
            "prYvpoll": poll,
            "pryvKey": request.key,
            "pryvPoll": poll,
        }
    joint = "" if base.endswith(("?", "&")) else "?"
    return f"{base}{joint}{urlencode(query)}"
