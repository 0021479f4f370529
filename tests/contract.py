"""Holds every answer that tests get to what the API's description says of it."""

from functools import cache
from typing import Any

import jsonschema_rs
from django.urls import Resolver404, resolve

from pryvsite import views
from pryvsite.api.http import platform_api
from pryvsite.api.openapi import Operation, document, operations
from pryvsite.api.registry import match


@cache
def description() -> dict[str, Any]:
    return document("http://testserver")


def operation_of(verb: str, path: str) -> Operation | None:
    """The described operation that a request leads to, if it leads to one."""
    try:
        found = resolve(path)
    except Resolver404:
        return None
    if found.func not in (views.account, platform_api):
        return None
    place = "account" if found.func is views.account else "platform"
    route = match(place, verb, found.kwargs.get("rest") or "")
    return next((op for op in operations() if route and op.route is route[0]), None)


@cache
def validator(path: str, verb: str, status: int) -> jsonschema_rs.Draft202012Validator | None:
    """The validator of the JSON of an answer; None where it isn't JSON."""
    answers = description()["paths"][path][verb.lower()]["responses"]
    assert str(status) in answers, f"{verb} {path} answered {status}; its contract says {sorted(answers)}"
    content = answers[str(status)].get("content", {}).get("application/json")
    if content is None:
        return None
    return jsonschema_rs.Draft202012Validator(
        {**content["schema"], "components": description()["components"]}, validate_formats=False
    )


def check(verb: str, path: str, status: int, body: Any) -> None:
    """Fail where an answer isn't as described."""
    operation = operation_of(verb, path)
    if operation is None:
        return
    checked = validator(operation.path, operation.route.verb, status)
    if checked is not None and isinstance(body, dict | list):
        wrong = [f"{'/'.join(map(str, e.instance_path))}: {e.message}" for e in checked.iter_errors(body)]
        assert not wrong, f"{verb} {path} isn't as described: {wrong[:5]}"
