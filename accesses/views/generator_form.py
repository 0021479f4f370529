"""The form of the token generator: its fields, small buttons, and the request that it makes (ui §2.2)."""

import json
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from accesses import generator as logic
from accesses.generator import Trouble
from pryvsite.api.platform import public_url
from pryvsite.web.requests import WebRequest

DEFAULTS = {
    "service_url": "",
    "app_id": "app-web-access-test",
    "view": "rows",
    "client_data": json.dumps(logic.CONSENT, indent=2),
    "expire_after": "",
    "device_name": "",
    "language": "",
    "referer": "",
    "return_url": "auto#",
    "oauth_state": "",
}
LINKED = {"pryvServiceInfoUrl": "service_url", "appId": "app_id", "clientData": "client_data",
          "expireAfter": "expire_after"}  # fmt: skip
REFERER_MAX = 99


def first_fields(query: QueryDict) -> dict[str, Any]:
    """The form as it begins; a filled one can be linked."""
    fields: dict[str, Any] = {**DEFAULTS, "service_url": f"{public_url()}/reg/service/info"}
    fields |= {field: query[name] for name, field in LINKED.items() if name in query}
    if "permissions" in query:
        fields |= {"view": "json", "permissions": query["permissions"]}
    return fields


def link_to(fields: dict[str, Any]) -> str:
    """The address of the form as it is filled."""
    query = {name: fields[field] for name, field in LINKED.items() if fields.get(field)}
    try:
        query["permissions"] = json.dumps(permissions_of(fields), ensure_ascii=False)
    except Trouble:
        query["permissions"] = fields.get("permissions") or "[]"
    return f"{public_url()}/access-token/?{urlencode(query)}"


def fields_of(form: QueryDict) -> dict[str, Any]:
    """What was filled in."""
    fields: dict[str, Any] = {name: form.get(name, default).strip() for name, default in DEFAULTS.items()}
    for name in ("app_id", "client_data", "service_url"):
        fields[name] = form.get(name, "").strip()
    fields["permissions"] = form.get("permissions", "")
    fields["master"] = form.get("master") == "on"
    columns = zip(
        form.getlist("stream_id"), form.getlist("default_name"), form.getlist("level"), strict=False
    )
    fields["rows"] = [
        {"streamId": sid.strip(), "defaultName": name.strip(), "level": level} for sid, name, level in columns
    ]
    return fields


def permissions_of(fields: dict[str, Any]) -> Any:
    """The permissions as they stand, from rows or JSON. Raises Trouble for bad JSON."""
    if fields.get("master"):
        return logic.MASTER
    if fields["view"] == "json":
        return logic.parse_json(fields.get("permissions") or "[]", "Permissions")
    rows = fields.get("rows", logic.TEMPLATES["diary"])
    return [
        {k: v for k, v in row.items() if not (k == "defaultName" and row["streamId"] == "*")} for row in rows
    ]


def edited(fields: dict[str, Any], action: str) -> dict[str, Any]:
    """The form after one of its small buttons. Raises Trouble."""
    what, _, argument = action.partition(":")
    permissions = permissions_of({**fields, "master": False})
    if what == "template":
        permissions = logic.TEMPLATES.get(argument, permissions)
        fields = {**fields, "master": False}  # who starts from a few permissions wants no others
    elif what == "view" and argument == "rows" and logic.permission_problems(permissions):
        raise Trouble(logic.permission_problems(permissions)[0])
    elif what == "add":
        permissions = [*permissions, {"streamId": "", "defaultName": "", "level": "read"}]
    elif what == "remove" and argument.isdigit():
        permissions = [entry for index, entry in enumerate(permissions) if index != int(argument)]
    view = argument if what == "view" and argument in ("rows", "json") else fields["view"]
    text = json.dumps(permissions, indent=2, ensure_ascii=False)
    return {**fields, "view": view, "rows": permissions, "permissions": text}


def shown_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields as they are shown: rows and JSON both."""
    try:
        permissions = permissions_of({**fields, "master": False})
    except Trouble:
        permissions = fields.get("rows") or []
    typed = fields["view"] == "json" and fields.get("permissions")
    return {
        **fields,
        "rows": permissions if isinstance(permissions, list) else [],
        "permissions": typed or json.dumps(permissions, indent=2, ensure_ascii=False),
    }


def request_body(fields: dict[str, Any], request: WebRequest) -> tuple[dict[str, Any], list[str]]:
    """What is sent to the platform, and what is wrong with it. Raises Trouble for bad JSON."""
    problems: list[str] = []
    if not 6 <= len(fields["app_id"]) <= 99:
        problems.append("Application id: at least 6 characters.")
    permissions = permissions_of(fields)
    problems += logic.permission_problems(permissions)
    language = fields["language"] or request.headers.get("Accept-Language", "en")[:2].lower() or "en"
    body: dict[str, Any] = {
        "requestingAppId": fields["app_id"],
        "requestedPermissions": permissions,
        "languageCode": language,
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
    problems += _optional(fields, body)
    return body, problems


def _optional(fields: dict[str, Any], body: dict[str, Any]) -> list[str]:
    """Fill in what may be left out; what is wrong with it."""
    problems = []
    if fields["device_name"]:
        body["deviceName"] = fields["device_name"]
    if len(fields["referer"]) > REFERER_MAX:
        problems.append(f"Referer: {REFERER_MAX} characters at most.")
    elif fields["referer"]:
        body["referer"] = fields["referer"]
    wrong = logic.return_url_problem(fields["return_url"])
    if wrong:
        problems.append(wrong)
    elif fields["return_url"] not in ("", "auto#", "self#"):
        body["returnURL"] = fields["return_url"]
    if fields["oauth_state"]:
        if "returnURL" not in body:
            problems.append("State: it needs a return URL.")
        body["oauthState"] = fields["oauth_state"]
    return problems
