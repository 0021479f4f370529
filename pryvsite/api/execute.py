"""The one place where an operation starts, whatever the door (HTTP, batch, form)."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction

from pryvsite.api.envelope import Room, materialised, plain
from pryvsite.api.errors import as_api_error
from pryvsite.api.parse import parse
from pryvsite.api.registry import METHODS, Method, Wire
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import gathering
from pryvsite.kernel.errors import ApiError, Forbidden, InvalidMethod, MissingToken, UnknownResource
from pryvsite.kernel.group_commit import GroupCommit
from pryvsite.kernel.inputs import Input
from pryvsite.kernel.ports import ports

TOGETHER = 50  # calls that one transaction carries
GONE = (IntegrityError, ObjectDoesNotExist)  # what a call under way meets when its account is deleted
log = logging.getLogger("pryvsite.api")


def call(method_id: str, actor: Actor, raw: object, **extra: Any) -> Wire:
    """Run a method on raw wire parameters; arrays may come back as `Rows`.

    `extra` are arguments that never come from the wire (stored files). Writes run in one durable
    transaction; listeners hear of changes only after the commit. Calls of one method by one access that
    arrive at the same moment may share that transaction.
    """
    method = METHODS.get(method_id)
    if method is None:
        raise InvalidMethod(method_id)
    if method.together is None or extra:
        return _alone(method, actor, raw, **extra)
    key = (method_id, actor.account_id, actor.access_id)
    return _group_commit.run(key, (method, actor, raw))


def _alone(method: Method, actor: Actor, raw: object, **extra: Any) -> Wire:
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
    except GONE:
        if not _exists(actor):
            raise UnknownResource("user", actor.username) from None
        raise
    finally:
        if actor.kind != "public":
            ports.authenticator.used(actor, method.id)
    return result


def _exists(actor: Actor) -> bool:
    """Whether the account of a call is still there, under the same name."""
    found = ports.authenticator.account(actor.username) if actor.account_id else None
    return not actor.account_id or (found is not None and found[0] == actor.account_id)


def _same_moment(calls: Sequence[tuple[Method, Actor, object]]) -> Sequence[Wire | Exception]:
    """Calls of a method by an access; its rights may have changed between them."""
    method, actor, raw = calls[0]
    if len(calls) == 1:
        return [_alone(method, actor, raw)]
    if any(other != actor for _, other, _ in calls):
        return [_attempt(method.id, other, given) for _, other, given in calls]
    return call_together(method.id, actor, [given for _, _, given in calls])


_group_commit = GroupCommit(_same_moment, TOGETHER)


class OneByOne(Exception):
    """Raised by a set-wise operation for calls that must run one after the other."""


def call_together(
    method_id: str, actor: Actor, raws: Sequence[object], room: Room | None = None
) -> list[Wire | ApiError]:
    """Calls of one method, each answered as if it were made alone after those before it; answers share a
    room, so that their memory is bounded.

    Where the method can run a set at once, that is one transaction; when it fails, or for another reason
    can't, the calls run one by one.
    """
    together = METHODS[method_id].together
    if together is None or len(raws) == 1:
        return [_attempt(method_id, actor, raw, room) for raw in raws]
    parsed = [_parsed(METHODS[method_id], actor, raw) for raw in raws]
    try:
        with gathering() as deliver, transaction.atomic(durable=True):
            fitting = [one for one in parsed if not isinstance(one, ApiError)]
            done = iter(together(actor, fitting) if fitting else ())
            outcomes = [one if isinstance(one, ApiError) else next(done) for one in parsed]
    except OneByOne:
        return [_attempt(method_id, actor, raw, room) for raw in raws]
    except Exception:  # the calls that don't meet it must succeed all the same
        log.warning("Calls of %s are run one by one", method_id, exc_info=True)
        return [_attempt(method_id, actor, raw, room) for raw in raws]
    for outcome in outcomes:
        if not isinstance(outcome, ApiError):
            deliver()
        ports.authenticator.used(actor, method_id)
    return outcomes


def _parsed(method: Method, actor: Actor, raw: object) -> Input | ApiError:
    try:
        _authorise(method, actor)
        return parse(method.input, raw)
    except ApiError as error:
        return error


def _attempt(method_id: str, actor: Actor, raw: object, room: Room | None = None) -> Wire | ApiError:
    try:
        return materialised(_alone(METHODS[method_id], actor, raw), room or Room())
    except Exception as error:
        return as_api_error(error)


def execute(method_id: str, actor: Actor, raw: object, *, via: str = "web", **extra: Any) -> Wire:
    """`call` for the server's own pages: the result holds plain lists."""
    return plain(call(method_id, replace(actor, via=via), raw, **extra))


def _authorise(method: Method, actor: Actor) -> None:
    """Whether this kind of access may call the method at all; streams are the operation's matter."""
    if method.allow == "open":
        return
    if (method.allow == "operator") != (actor.kind == "operator"):
        raise UnknownResource
    if actor.kind == "public":
        raise MissingToken
    if method.allow == "personal" and not actor.is_personal:
        raise Forbidden("Only the account's owner can do this.")
    if method.allow == "member" and actor.kind == "shared":
        raise Forbidden("Shared accesses can't do this.")
