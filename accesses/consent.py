"""Answering an authorisation request: check, accept, refuse, and where to go then (ui §3)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db import transaction

from accesses import comparison, operations, receipts, requests, updates
from accesses.choice import Choice
from accesses.guards import looks_official
from accesses.inputs import AccessCreate, AccessUpdate, CheckApp, PermissionInput
from accesses.models import Access
from accesses.presenters import present_access, wire_id
from accesses.requests import AccessRequest
from accesses.sentences import WORDS, Line, lines
from accesses.streams import ensure_streams
from accounts import mail
from accounts.models import Account, RegisteredApp
from accounts.registry import registered_app
from pryvsite.api.parse import parse
from pryvsite.api.platform import public_url
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import gathering
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError, InvalidOperation
from pryvsite.kernel.permissions import EVERYTHING, Level
from pryvsite.kernel.stable_json import stable_json
from pryvsite.tokens import digest
from streams.tree import load_tree

Entry = dict[str, Any]


def is_everything(entry: Entry) -> bool:
    """Whether a permission is full control of all data."""
    return entry.get("streamId") == EVERYTHING and entry.get("level") == "manage"


@dataclass(frozen=True)
class Question:
    """What is to be asked, or the access that already answers it."""

    matching: Access | None
    mismatching: Access | None
    checked: list[Entry]
    requested: list[Entry]
    account_id: int

    @property
    def everything(self) -> bool:
        """Whether all data is asked for with full control."""
        return any(map(is_everything, self.checked))

    @property
    def mandatory(self) -> frozenset[int]:
        """The places of permissions without which the app can't work, as it says (ui §3.5)."""
        pairs = zip(self.requested, self.checked, strict=False)
        return frozenset(index for index, (asked, _) in enumerate(pairs) if asked.get("mandatory"))

    @property
    def held(self) -> list[Entry] | None:
        """What the app has already; None for nothing."""
        return None if self.mismatching is None else self.mismatching.permissions or []

    @property
    def mark(self) -> str:
        """Tells whether what was shown is still what would be granted, and to whose account."""
        had = wire_id(self.mismatching) if self.mismatching else ""
        return digest(f"question:{self.account_id}:{had}:{stable_json(self.checked)}")

    def lines(self, *, holds: bool = False) -> list[Line]:
        """The sentences; `holds`: with what the streams hold."""
        tree = load_tree(self.account_id)
        return lines(self.checked, tree, self.held, self.account_id if holds else 0)

    @property
    def clashes(self) -> list[dict[str, str]]:
        """Names that were taken: what the app wanted, and what its stream gets."""
        pairs = zip(self.requested, self.checked, strict=False)
        return [
            {"wanted": wanted["defaultName"], "given": entry["defaultName"]}
            for wanted, entry in pairs
            if "defaultName" in entry and wanted.get("defaultName") != entry["defaultName"]
        ]

    @property
    def difference(self) -> list[dict[str, str]]:
        """Before and after, a row for each stream."""
        after = {line.where: line for line in self.lines()}
        before = {line.where: line for line in lines(self.held or [], load_tree(self.account_id))}
        return [
            {
                "where": where or "Other",
                "before": _level_words(before.get(where)),
                "after": _level_words(after.get(where)),
            }
            for where in {**before, **after}
        ]


def _level_words(line: Line | None) -> str:
    if line is None:
        return "Nothing"
    return WORDS[Level.of(line.level)].choice or line.verb if line.level else line.verb


@dataclass(frozen=True)
class AppShown:
    """Who asks, as far as it is known."""

    id: str
    registered: RegisteredApp | None
    origin: str

    @property
    def name(self) -> str:
        """What people call it."""
        return self.registered.name if self.registered else self.id

    @property
    def verified(self) -> bool:
        """Whether the operator knows the publisher, and the request comes from where the app runs."""
        known = self.registered
        return known is not None and known.verified and known.runs_at(self.origin)

    @property
    def elsewhere(self) -> bool:
        """Whether somebody else seems to use the id of a registered app."""
        return self.registered is not None and not self.registered.runs_at(self.origin)

    @property
    def suspicious(self) -> bool:
        """Whether an unknown app is named like a part of the platform."""
        return self.registered is None and looks_official(self.id)

    @property
    def host(self) -> str:
        """Where the request came from."""
        return urlsplit(self.origin).netloc

    def content(self) -> dict[str, Any]:
        """For receipts."""
        publisher = self.registered.publisher if self.registered else ""
        return {"name": self.name, "publisher": publisher or None, "verified": self.verified}


def app_of(request: AccessRequest) -> AppShown:
    """Who opened a request."""
    app_id = str(request.state["requestingAppId"])
    return AppShown(app_id, registered_app(app_id), str(request.state.get("origin") or ""))


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
        # What is mandatory is for the owner to know; it is no part of a permission.
        "requestedPermissions": [
            {name: value for name, value in entry.items() if name != "mandatory"}
            if isinstance(entry, dict)
            else entry
            for entry in state["requestedPermissions"]
        ],
        "deviceName": state.get("deviceName"),
        "clientData": state.get("clientData"),
    }
    found = comparison.check_app(actor, parse(CheckApp, raw))
    return Question(
        found.get("matching"), found.get("mismatching"), found.get("checked", []),
        state["requestedPermissions"], actor.account_id,
    )  # fmt: skip


def accept(actor: Actor, request: AccessRequest, choice: Choice | None = None) -> AccessRequest:
    """Grant what is asked, or what the owner chose of it, and tell the app; all in one transaction, once.

    Raises ApiError, RequestError (answered meanwhile), Unfit.
    """
    choice = choice or Choice()
    with gathering() as deliver:
        with transaction.atomic(durable=True):
            request = requests.hold(request.key)
            asked = question(actor, request)
            if asked.matching is not None and choice.as_asked:
                access = asked.matching
            else:
                access = _grant(actor, request, asked, choice)
            wire = present_access(access, actor.username)
            answer = {"username": actor.username, "token": wire["token"], "apiEndpoint": wire["apiEndpoint"]}
            decided = requests.decide(request.key, {"status": requests.ACCEPTED, **answer})
        deliver()
    return decided


def _grant(actor: Actor, request: AccessRequest, asked: Question, choice: Choice) -> Access:
    app, shown = app_of(request), asked.lines()
    granted = choice.granted(asked.checked)
    access = _updated(actor, request, asked, choice, granted) if asked.mismatching else None
    if access is None:
        if asked.mismatching is not None:
            operations.delete_access(actor, wire_id(asked.mismatching))
        new = parse(AccessCreate, _new_access(request, granted, choice))
        access = operations.create_access(actor, new)
    content = receipts.content_of(request, shown, granted, app.content())
    receipts.record(actor.account_id, "accepted", content, access_id=access.id, expires=access.expires)
    account = Account.objects.get(id=actor.account_id)
    sentences = [line.sentence for line in lines(granted, load_tree(actor.account_id))]

    def tell() -> None:
        mail.send_access_granted(account, access.id, app.name, sentences)

    transaction.on_commit(tell, robust=True)
    return access


def _life(request: AccessRequest, choice: Choice) -> float | None:
    """How long the access is to live, in seconds; None for ever."""
    asked = request.state.get("expireAfter")
    return choice.expire_after if choice.expire_after is not None else asked


def can_stay(request: AccessRequest, held: Access) -> bool:
    """Whether the access that the app holds can become what it asks for, and its token stay."""
    had, wanted = held.client_data or {}, request.state.get("clientData") or {}
    ended = held.expires is not None and held.expires <= now()
    # A change in place adds keys to the client data, it takes none away.
    return not request.state.get("token") and not ended and set(had) <= set(wanted)


def _updated(
    actor: Actor, request: AccessRequest, asked: Question, choice: Choice, granted: list[Entry]
) -> Access | None:
    """The access that the app holds, changed in place so that token and history stay; None where the
    request needs a new one."""
    held, data = asked.mismatching, request.state.get("clientData")
    if held is None or not can_stay(request, held):
        return None
    raw: dict[str, Any] = {"permissions": granted}
    life = _life(request, choice)
    raw |= {"expires": None} if life is None else {"expireAfter": life}
    if held.client_data != data:
        raw["clientData"] = data
    try:
        access = updates.update_access(actor, wire_id(held), parse(AccessUpdate, raw))
    except InvalidOperation:
        return None  # what the app itself has shared would allow more: that ends with the old access
    ensure_streams(actor, [parse(PermissionInput, entry) for entry in granted])
    return access


def _new_access(request: AccessRequest, granted: list[Entry], choice: Choice) -> dict[str, Any]:
    state = request.state
    raw: dict[str, Any] = {"type": "app", "name": state["requestingAppId"], "permissions": granted}
    for name in ("deviceName", "token", "clientData"):
        if state.get(name) is not None:
            raw[name] = state[name]
    life = _life(request, choice)
    return raw if life is None else {**raw, "expireAfter": life}


def refuse(request: AccessRequest, actor: Actor | None = None) -> AccessRequest:
    """Tell the app that its user said no; a receipt is kept for who is signed in."""
    answer = {"status": requests.REFUSED, "reasonId": "REFUSED_BY_USER", "message": "The user refused."}
    with transaction.atomic():
        decided = requests.decide(request.key, answer)
        if actor is not None and request.status == requests.WAITING:
            content = receipts.content_of(request, _shown(actor, request), [], app_of(request).content())
            receipts.record(actor.account_id, "refused", content)
    return decided


def _shown(actor: Actor, request: AccessRequest) -> list[Line]:
    try:
        return question(actor, request).lines()
    except ApiError:
        return []  # a malformed request shows nothing, and can be refused all the same


def return_host(request: AccessRequest) -> str:
    """Whom the address to return to belongs to, as its owner is to read it; nothing where none is followed.

    Browsers read a backslash as a slash, and what stands before an @ only looks like a host.
    """
    base = request.state.get("returnURL") or ""
    try:
        parts = urlsplit(base)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or "\\" in base or "@" in parts.netloc or not parts.hostname:
        return ""
    try:
        host = parts.hostname.encode("idna").decode()
    except UnicodeError:
        return ""
    return f"{host}:{port}" if port else host


def return_address(request: AccessRequest) -> str:
    """Where the browser goes after the answer, or nothing: then the window closes.

    Keys and states travel, tokens never do (ui §3.6).
    """
    base = request.state.get("returnURL") or ""
    if not return_host(request):
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
