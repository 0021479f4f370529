"""The token generator (ui §2)."""

from typing import Any

from django.http import HttpResponseBase, HttpResponseRedirect, QueryDict
from django.views.decorators.cache import never_cache
from django_htmx.http import HTMX_STOP_POLLING, HttpResponseClientRedirect

from accesses import endpoint as endpoints
from accesses import generator as logic
from accesses.endpoint import Endpoint
from accesses.generator import Pending, Trouble
from accesses.sentences import lines
from accesses.views import generator_form
from accesses.views.common import qr_picture
from accesses.views.generator_form import edited, fields_of, permissions_of, request_body, shown_fields
from pryvsite.api.platform import public_url
from pryvsite.kernel.clock import now
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen
from streams.tree import Tree, load_tree

TEMPLATE = "accesses/generator.html"
STORE = "generator"
LOG_LINES = 50


@never_cache
def generator(request: WebRequest) -> HttpResponseBase:
    """The page; its buttons are all submits of one form."""
    if request.method == "POST":
        return _act(request, request.POST)
    fields = generator_form.first_fields(request.GET)
    kept = request.session.get(STORE, {})
    fields |= kept.get("fields", {})
    if kept.get("shown"):
        request.session.pop(STORE)
        note = (
            "The endpoint was shown once and is gone from this page. Ask again: "
            "what was granted already needs no new answer."
        )
        return _page(request, fields, note=note)
    return _page(request, fields, state=_state(request))


def _act(request: WebRequest, form: QueryDict) -> HttpResponseBase:
    action = form.get("action", "request")
    fields = fields_of(form)
    try:
        if action == "request":
            return _request(request, fields)
        if action in ("forget", "cancel"):
            request.session.pop(STORE, None)
            return _page(request, fields, note="You can ask again at any time.")
        if action in RESULT_ACTIONS:
            return RESULT_ACTIONS[action](request, fields, _result(request))
        return _page(request, edited(fields, action), state=_state(request))
    except Trouble as trouble:
        return _page(request, fields, state=_state(request), problems=[str(trouble)], status=422)


def _request(request: WebRequest, fields: dict[str, Any]) -> HttpResponseBase:
    """Request Access: the login button appears; without script straight on to the consent page."""
    body, problems = request_body(fields, request)
    if problems:
        return _page(request, fields, problems=problems, status=422)
    same_page = not request.htmx or fields["return_url"] == "self#"
    if same_page and fields["return_url"] in ("", "auto#", "self#"):
        body["returnURL"] = f"{public_url()}/access-token/return?"
    pending = logic.ask(fields["service_url"], body)
    if not request.session.session_key:
        request.session.create()
    log = [*request.session.get(STORE, {}).get("log", []), [now(), f"Request sent to {pending.host}"]]
    request.session[STORE] = {
        "pending": pending.store(),
        "fields": fields,
        "log": [*log, [now(), "Waiting for an answer"]][-LOG_LINES:],
        "status": "NEED_SIGNIN",
    }
    if same_page:
        if request.htmx:
            return HttpResponseClientRedirect(pending.auth_url)
        return HttpResponseRedirect(pending.auth_url, status=303)
    return _page(request, fields, state=_state(request))


def _pending(request: WebRequest) -> Pending | None:
    kept = request.session.get(STORE)
    return Pending(**kept["pending"]) if kept else None


def _state(request: WebRequest) -> dict[str, Any] | None:
    """What the slot below the form shows of the pending request."""
    pending = _pending(request)
    if pending is None:
        return None
    found = logic.poll(pending)
    status = found.get("status", "ERROR")
    state = {
        "status": status,
        "name": pending.name,
        "auth_url": pending.auth_url,
        "message": found.get("message") or "",
        "left": max(0, round(pending.expires - now())),
    }
    kept = request.session[STORE]
    if status == "ACCEPTED":
        state |= _endpoint(found, kept["fields"])
        kept["shown"] = True
    _note(request, kept, state)
    return state


def _note(request: WebRequest, kept: dict[str, Any], state: dict[str, Any]) -> None:
    """Keep a line of the log for each change; never a token."""
    if kept.get("status") != state["status"]:
        words = {
            "ACCEPTED": f"Accepted by {state.get('username', '')}",
            "REFUSED": "Refused",
            "EXPIRED": "Expired",
        }
        text = words.get(state["status"], f"{state['status']}: {state['message']}".strip(": "))
        kept["log"] = [*kept.get("log", []), [now(), text]][-LOG_LINES:]
        kept["status"] = state["status"]
    request.session.modified = True


def _endpoint(found: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    try:
        endpoint = Endpoint.parse(str(found.get("apiEndpoint") or ""))
    except Trouble as trouble:
        return {"status": "ERROR", "message": str(trouble)}
    try:
        permissions = permissions_of(fields)
    except Trouble:
        permissions = []
    return {
        "endpoint": endpoint,
        "username": str(found.get("username") or ""),
        "snippets": endpoints.snippets(endpoint, permissions),
        "picture": qr_picture(endpoint.whole),
        "example": endpoints.example_event(permissions),
        "expiry": logic.EXPIRIES.get(fields.get("expire_after", ""), ""),
    }


def _result(request: WebRequest) -> dict[str, Any]:
    state = _state(request)
    if not state or "endpoint" not in state:
        raise Trouble("There is no token. Ask for one first.")
    return state


def _test(request: WebRequest, fields: dict[str, Any], state: dict[str, Any]) -> HttpResponseBase:
    try:
        info = endpoints.test(state["endpoint"])
    except Trouble as trouble:
        return _page(request, fields, state={**state, "test_failed": str(trouble)})
    user = info.get("user")
    tested = {
        "name": info.get("name"),
        "type": info.get("type"),
        "username": user.get("username") if isinstance(user, dict) else "",
        "permissions": [p for p in info.get("permissions") or [] if isinstance(p, dict)],
    }
    return _page(request, fields, state={**state, "tested": tested})


def _try(request: WebRequest, fields: dict[str, Any], state: dict[str, Any]) -> HttpResponseBase:
    """Send an event with the new token; its answer, and the tile that it made."""
    text = request.POST.get("event", "")
    try:
        tried = endpoints.create_event(state["endpoint"], text)
    except Trouble as trouble:
        tried = {"status": 0, "body": str(trouble), "event": None}
    return _page(request, fields, state={**state, "tried": tried, "example": text})


def _revoke(request: WebRequest, fields: dict[str, Any], state: dict[str, Any]) -> HttpResponseBase:
    try:
        endpoints.revoke(state["endpoint"])
    except Trouble as trouble:
        return _page(request, fields, state={**state, "test_failed": str(trouble)})
    request.session.pop(STORE, None)
    return _page(request, fields, note="The token is revoked: it works no more.")


RESULT_ACTIONS = {"test": _test, "try": _try, "revoke": _revoke}


@never_cache
def status(request: WebRequest) -> HttpResponseBase:
    """The waiting slot asks once a second; polling stops with an end state."""
    state = _state(request)
    over = state is None or state["status"] != "NEED_SIGNIN"
    context = {"state": state, "log": request.session.get(STORE, {}).get("log", []), "swap_log": over}
    code = HTMX_STOP_POLLING if over else 200
    return screen(request, "accesses/_generator_state.html", "", context, status=code)


@never_cache
def check(request: WebRequest) -> HttpResponseBase:
    """What the permissions say while they are edited, and what is wrong with them."""
    return screen(request, "accesses/_generator_check.html", "", _judged(fields_of(request.POST)))


def _judged(fields: dict[str, Any]) -> dict[str, Any]:
    try:
        permissions = permissions_of(fields)
    except Trouble as trouble:
        return {"wrong": [str(trouble)]}
    wrong = logic.permission_problems(permissions)
    shown = [] if wrong else lines(permissions, Tree({}))
    return {"wrong": wrong, "warnings": logic.warnings_of(permissions), "sentences": shown}


@never_cache
def returned(request: WebRequest) -> HttpResponseBase:
    """Back from the consent page: on to a clean address."""
    return HttpResponseRedirect("/access-token/", status=303)


def _page(
    request: WebRequest,
    fields: dict[str, Any],
    *,
    state: dict[str, Any] | None = None,
    problems: list[str] | None = None,
    note: str = "",
    status: int = 200,
) -> HttpResponseBase:
    own_streams = []
    if request.actor:
        nodes = load_tree(request.actor.account_id).nodes.values()
        own_streams = [node for node in nodes if not node.id.startswith(":") and not node.trashed]
    context = {
        "fields": shown_fields(fields), "state": state, "problems": problems, "note": note,
        "levels": logic.LEVELS, "expiries": logic.EXPIRIES,
        "log": request.session.get(STORE, {}).get("log", []),
        "own_streams": own_streams, "link": generator_form.link_to(fields), **_judged(fields),
    }  # fmt: skip
    return screen(request, TEMPLATE, "work", context, status=status)
