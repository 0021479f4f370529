"""What the token generator does behind its page: the request's form, and talking to a platform (ui §2)."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from accesses import requests
from accesses.requests import RequestError, UnknownKey
from pryvsite.api.platform import public_url, service_info
from pryvsite.kernel.clock import now
from pryvsite.web.fetch import FetchError, fetch_json
from pryvsite.web.journey import web_address

LEVELS = {
    "read": "Read",
    "contribute": "Contribute",
    "manage": "Manage",
    "create-only": "Create only",
    "none": "None",
}
STREAM_ID = re.compile(r"[A-Za-z0-9._~-]{1,100}|\*|:[a-z0-9-]+:.*")
MASTER = [{"streamId": "*", "level": "manage"}]
TEMPLATES = {
    "diary": [{"streamId": "diary", "defaultName": "Journal", "level": "read"}],
    "manage": [{"streamId": "heart", "defaultName": "Heart", "level": "manage"}],
    "everything": [{"streamId": "*", "level": "read"}],
    "device": [{"streamId": "device", "defaultName": "Device", "level": "create-only"}],
}
EXPIRIES = {
    "": "Never",
    "3600": "In 1 hour",
    "86400": "In 1 day",
    "604800": "In 7 days",
    "2592000": "In 30 days",
    "7776000": "In 90 days",
}
REQUEST_LIFE = 3600  # seconds; what platforms give a request
CONSENT = {"app-web-auth:description": {"type": "note/txt", "content": "This is a consent message."}}


class Trouble(Exception):
    """A step that failed, in words for the page."""


@dataclass
class Pending:
    """A request under way, as the visitor's session keeps it."""

    name: str
    auth_url: str
    poll: str
    key: str = ""  # of a request to this platform; others are asked by their poll address
    expires: float = 0  # Unix seconds

    def store(self) -> dict[str, Any]:
        """For the session."""
        return asdict(self)

    @property
    def host(self) -> str:
        """Of whom it was asked."""
        return urlsplit(self.poll).netloc


def permission_problems(permissions: Any) -> list[str]:
    """What is wrong with a list of permissions, each as a sentence."""
    if not isinstance(permissions, list) or not permissions:
        return ["Give at least one permission, as a JSON array."]
    problems: list[str] = []
    seen: set[str] = set()
    for number, entry in enumerate(permissions, 1):
        problems += [f"Permission {number}: {text}" for text in _entry_problems(entry, seen)]
    return problems


def _entry_problems(entry: Any, seen: set[str]) -> list[str]:
    if not isinstance(entry, dict):
        return ["it must be an object."]
    if "feature" in entry:
        return [] if isinstance(entry.get("setting"), str) else ["a feature needs a setting."]
    stream_id, level = entry.get("streamId"), entry.get("level")
    problems: list[str] = []
    if not isinstance(stream_id, str) or not STREAM_ID.fullmatch(stream_id):
        problems.append("the stream id needs letters, digits and dashes.")
    elif stream_id in seen:
        problems.append(f"{stream_id} is named twice.")
    else:
        seen.add(stream_id)
    if level not in LEVELS:
        problems.append(f"the level must be one of {', '.join(LEVELS)}.")
    name = entry.get("defaultName")
    if stream_id != "*" and (not isinstance(name, str) or not name.strip()):
        problems.append("give the name that the stream gets if it must be created.")
    return problems


def parse_json(text: str, what: str) -> Any:
    """A JSON value typed by hand. Raises Trouble with line and column."""
    try:
        return json.loads(text)
    except ValueError as error:
        where = (
            f" at line {error.lineno}, column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise Trouble(f"{what}: this is not valid JSON{where}.") from None
    except RecursionError:
        raise Trouble(f"{what}: this is nested too deeply.") from None


def read_service(url: str) -> Mapping[str, Any]:
    """The service information at an address; this platform's own without a request. Raises Trouble."""
    if _own(url):
        return service_info()
    try:
        status, body = fetch_json(url)
    except FetchError as error:
        raise Trouble(f"Could not read service information at this address: {error}.") from None
    needed = ("access", "register", "api", "name")
    if status != 200 or not isinstance(body, dict) or not all(isinstance(body.get(n), str) for n in needed):
        raise Trouble("Could not read service information at this address: it is not a service information.")
    return body


def _own(url: str) -> bool:
    return re.fullmatch(r"/(reg/)?service/infos?/?", url.removeprefix(public_url())) is not None


def ask(service_url: str, body: dict[str, Any]) -> Pending:
    """Open an access request on the platform. Raises Trouble."""
    service = read_service(service_url)
    if _own(service_url):
        try:
            request = requests.start(body, origin=public_url())
        except RequestError as error:
            raise Trouble(f"The request was rejected: {error.message}") from None
        return Pending(service["name"], request.state["authUrl"], request.state["poll"], request.key,
                       request.expires)  # fmt: skip
    return _ask_elsewhere(service, body)


def _ask_elsewhere(service: Mapping[str, Any], body: dict[str, Any]) -> Pending:
    try:
        status, found = fetch_json(service["access"].rstrip("/") + "/", body=body)
    except FetchError as error:
        raise Trouble(f"Requesting access failed: {error}.") from None
    auth_url = found.get("authUrl") or found.get("url") if isinstance(found, dict) else None
    poll = found.get("poll") if isinstance(found, dict) else None
    urls_fit = all(isinstance(u, str) and u.startswith(("https://", "http://")) for u in (auth_url, poll))
    if status not in (200, 201) or not urls_fit:
        raise Trouble(f"Requesting access failed: the platform answered with status {status}{_told(found)}.")
    return Pending(service["name"], str(auth_url), str(poll), expires=now() + REQUEST_LIFE)


def _told(found: Any) -> str:
    """The error that a platform tells, for the end of a sentence."""
    error = found.get("error") if isinstance(found, dict) else None
    if not isinstance(error, dict):
        return ""
    return f" ({error.get('id')}: {error.get('message')})"[:300]


def return_url_problem(url: str) -> str | None:
    """What is wrong with a return address, as a sentence, or None."""
    if url in ("", "auto#", "self#"):
        return None
    if not web_address(url):
        return "Return URL: give auto#, self#, or an http(s) address."
    return None if url.endswith(("?", "&", "#")) else "Return URL: it must end with ?, & or #."


def warnings_of(permissions: Any) -> list[str]:
    """What is odd in a list of permissions, but not refused."""
    known = {"streamId", "level", "defaultName", "name", "feature", "setting"}
    if not isinstance(permissions, list):
        return []
    return [
        f"Permission {number}: {key} is not known and may be refused."
        for number, entry in enumerate(permissions, 1)
        if isinstance(entry, dict)
        for key in sorted(set(entry) - known)
    ]


def poll(pending: Pending) -> dict[str, Any]:
    """The present state of a request: its body, `EXPIRED`, or `ERROR` with a message."""
    if pending.key:
        try:
            return requests.find(pending.key).poll_body()
        except UnknownKey:
            return {"status": "EXPIRED"}
    try:
        status, body = fetch_json(pending.poll)
    except FetchError as error:
        return {"status": "ERROR", "message": f"Polling failed: {error}."}
    if status == 400:
        return {"status": "EXPIRED"}
    return body if isinstance(body, dict) else {"status": "ERROR", "message": "Polling failed."}
