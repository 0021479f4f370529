"""The token generator (ui §2)."""

import json
from typing import Any

from django.http import HttpResponseBase, HttpResponseRedirect, QueryDict
from django.views.decorators.cache import never_cache
from django_htmx.http import HTMX_STOP_POLLING

from accesses import generator as logic
from accesses.generator import Pending, Trouble
from pryvsite.api.platform import public_url
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

TEMPLATE = "accesses/generator.html"
STORE = "generator"
DEFAULTS = {
    "service_url": "",
    "app_id": "app-web-access-test",
    "view": "rows",
    "client_data": json.dumps(logic.CONSENT, indent=2),
    "expire_after": "",
    "device_name": "",
    "language": "en",
}


@never_cache
def generator(request: WebRequest) -> HttpResponseBase:
    """The page; its buttons are all submits of one form."""
    if request.method == "POST":
        return _act(request, request.POST)
    fields = {**DEFAULTS, "service_url": f"{public_url()}/reg/service/info", **_linked(request.GET)}
    fields |= request.session.get(STORE, {}).get("fields", {})
    return _page(request, fields, state=_state(request))


def _linked(query: QueryDict) -> dict[str, Any]:
    """A filled form can be linked (ui §2)."""
    names = {"pryvServiceInfoUrl": "service_url", "appId": "app_id", "clientData": "client_data",
             "expireAfter": "expire_after"}  # fmt: skip
    fields: dict[str, Any] = {field: query[name] for name, field in names.items() if name in query}
    if "permissions" in query:
        fields |= {"view": "json", "permissions": query["permissions"]}
    return fields


def _act(request: WebRequest, form: QueryDict) -> HttpResponseBase:
    action = form.get("action", "request")
    fields = _fields(form)
    try:
        if action == "request":
            return _request(request, fields)
        if action in ("forget", "cancel"):
            request.session.pop(STORE, None)
            return _page(request, fields, note="You can ask again at any time.")
        if action == "test":
            return _test(request, fields)
        return _page(request, _edited(fields, action))
    except Trouble as trouble:
        return _page(request, fields, problems=[str(trouble)], status=422)


def _fields(form: QueryDict) -> dict[str, Any]:
    fields: dict[str, Any] = {name: form.get(name, "").strip() for name in DEFAULTS}
    fields["permissions"] = form.get("permissions", "")
    fields["master"] = form.get("master") == "on"
    columns = zip(
        form.getlist("stream_id"), form.getlist("default_name"), form.getlist("level"), strict=False
    )
    fields["rows"] = [
        {"streamId": sid.strip(), "defaultName": name.strip(), "level": level} for sid, name, level in columns
    ]
    return fields


def _permissions(fields: dict[str, Any]) -> Any:
    """The permissions as they stand, from rows or JSON. Raises Trouble for bad JSON."""
    if fields.get("master"):
        return logic.MASTER
    if fields["view"] == "json":
        return logic.parse_json(fields.get("permissions") or "[]", "Permissions")
    rows = fields.get("rows", logic.TEMPLATES["diary"])
    return [
        {k: v for k, v in row.items() if not (k == "defaultName" and row["streamId"] == "*")} for row in rows
    ]


def _edited(fields: dict[str, Any], action: str) -> dict[str, Any]:
    """The form after one of its small buttons."""
    what, _, argument = action.partition(":")
    permissions = _permissions({**fields, "master": False})
    if what == "template":
        permissions = logic.TEMPLATES.get(argument, permissions)
    elif what == "view" and argument == "rows" and logic.permission_problems(permissions):
        raise Trouble(logic.permission_problems(permissions)[0])
    elif what == "add":
        permissions = [*permissions, {"streamId": "", "defaultName": "", "level": "read"}]
    elif what == "remove" and argument.isdigit():
        permissions = [entry for index, entry in enumerate(permissions) if index != int(argument)]
    view = argument if what == "view" and argument in ("rows", "json") else fields["view"]
    text = json.dumps(permissions, indent=2, ensure_ascii=False)
    return {**fields, "view": view, "rows": permissions, "permissions": text}


def _request(request: WebRequest, fields: dict[str, Any]) -> HttpResponseBase:
    """Request Access: the login button appears; without script straight on to the consent page."""
    body, problems = _request_body(fields)
    if problems:
        return _page(request, fields, problems=problems, status=422)
    scripted = bool(request.htmx)
    if not scripted:
        body["returnURL"] = f"{public_url()}/access-token/return?"
    pending = logic.ask(fields["service_url"], body)
    if not request.session.session_key:
        request.session.create()
    request.session[STORE] = {**pending.store(), "fields": fields}
    if not scripted:
        return HttpResponseRedirect(pending.auth_url, status=303)
    return _page(request, fields, state=_state(request))


def _request_body(fields: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    problems: list[str] = []
    if not 6 <= len(fields["app_id"]) <= 99:
        problems.append("Application id: at least 6 characters.")
    permissions = _permissions(fields)
    problems += logic.permission_problems(permissions)
    body: dict[str, Any] = {
        "requestingAppId": fields["app_id"],
        "requestedPermissions": permissions,
        "languageCode": fields["language"] or "en",
    }
    if fields["client_data"]:
        body["clientData"] = logic.parse_json(fields["client_data"], "Client data")
        if not isinstance(body["clientData"], dict):
            problems.append("Client data: must be a JSON object.")
    if fields["expire_after"]:
        if fields["expire_after"].isdigit() and int(fields["expire_after"]) > 0:
            body["expireAfter"] = int(fields["expire_after"])
        else:
            problems.append("Expires: give seconds above 0.")
    if fields["device_name"]:
        body["deviceName"] = fields["device_name"]
    return body, problems


def _pending(request: WebRequest) -> Pending | None:
    kept = request.session.get(STORE)
    return Pending(kept["name"], kept["auth_url"], kept["poll"], kept["key"]) if kept else None


def _state(request: WebRequest) -> dict[str, Any] | None:
    """What the slot below the form shows of the pending request."""
    pending = _pending(request)
    if pending is None:
        return None
    found = logic.poll(pending)
    state = {"status": found.get("status", "ERROR"), "name": pending.name, "auth_url": pending.auth_url,
             "message": found.get("message") or ""}  # fmt: skip
    if state["status"] == "ACCEPTED":
        state |= _endpoint(str(found.get("apiEndpoint") or ""), str(found.get("username") or ""))
    return state


def _endpoint(endpoint: str, username: str) -> dict[str, str]:
    scheme, _, rest = endpoint.partition("://")
    token, _, place = rest.rpartition("@")
    return {
        "endpoint": endpoint,
        "username": username,
        "scheme": f"{scheme}://",
        "token": token,
        "mask": f"••••••••{token[-3:]}",
        "place": f"@{place}",
        "base": f"{scheme}://{place}",
    }


def _test(request: WebRequest, fields: dict[str, Any]) -> HttpResponseBase:
    state = _state(request)
    if not state or "endpoint" not in state:
        raise Trouble("There is no token to test.")
    try:
        info = logic.test_token(state["endpoint"])
        tested = {
            "name": info.get("name"),
            "type": info.get("type"),
            "permissions": info.get("permissions") or [],
        }
        return _page(request, fields, state={**state, "tested": tested})
    except Trouble as trouble:
        return _page(request, fields, state={**state, "test_failed": str(trouble)})


@never_cache
def status(request: WebRequest) -> HttpResponseBase:
    """The waiting slot asks once a second; polling stops with an end state."""
    state = _state(request)
    over = state is None or state["status"] != "NEED_SIGNIN"
    return screen(
        request,
        "accesses/_generator_state.html",
        "",
        {"state": state},
        status=HTMX_STOP_POLLING if over else 200,
    )


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
    try:
        permissions = _permissions({**fields, "master": False})
    except Trouble:
        permissions = fields.get("rows") or []
    shown = {
        **fields,
        "rows": permissions if isinstance(permissions, list) else [],
        "permissions": fields.get("permissions")
        if fields["view"] == "json" and fields.get("permissions")
        else json.dumps(permissions, indent=2, ensure_ascii=False),
    }
    context = {
        "fields": shown, "state": state, "problems": problems, "note": note,
        "levels": logic.LEVELS, "expiries": logic.EXPIRIES,
    }  # fmt: skip
    return screen(request, TEMPLATE, "work", context, status=status)
