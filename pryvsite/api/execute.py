"""The one place where an operation starts, whatever the door (HTTP, batch, form)."""

from dataclasses import replace
from typing import Any

from django.db import transaction

from pryvsite.api.envelope import plain
from pryvsite.api.parse import parse
from pryvsite.api.registry import METHODS, Method, Wire
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import gathering
from pryvsite.kernel.errors import Forbidden, InvalidMethod, MissingToken
from pryvsite.kernel.ports import ports


def call(method_id: str, actor: Actor, raw: object, **extra: Any) -> Wire:
    """Run a method on raw wire parameters; arrays may come back as `Rows`.

    `extra` are arguments that never come from the wire (stored files). Writes run in one durable
    transaction; listeners hear of changes only after the commit.
    """
    method = METHODS.get(method_id)
    if method is None:
        raise InvalidMethod(method_id)
    try:
        _authorise(method, actor)
        params = parse(method.input, raw)
        with gathering() as deliver:
            if method.writes:
                with transaction.atomic(durable=True):
                    result = method.run(actor, params, **extra)
            else:
                result = method.run(actor, params, **extra)
        deliver()
    finally:
        if actor.kind != "public":
            ports.authenticator.used(actor, method_id)
    return result


def execute(method_id: str, actor: Actor, raw: object, *, via: str = "web", **extra: Any) -> Wire:
    """`call` for the server's own pages: the result holds plain lists."""
    return plain(call(method_id, replace(actor, via=via), raw, **extra))


def _authorise(method: Method, actor: Actor) -> None:
    """Whether this kind of access may call the method at all; streams are the operation's matter."""
    if method.allow == "open":
        return
    if actor.kind == "public":
        raise MissingToken
    if method.allow == "personal" and not actor.is_personal:
        raise Forbidden("Only the account's owner can do this.")
    if method.allow == "member" and actor.kind == "shared":
        raise Forbidden("Shared accesses can't do this.")
