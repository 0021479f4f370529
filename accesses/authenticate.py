"""Names, tokens and cookies to actors: the `Authenticator` and `WebSessions` of the platform."""

import hmac
from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Subquery

from accesses import guesses, usage
from accesses.models import Access
from accesses.presenters import present_core
from accounts.limits import take_from_address
from accounts.models import ProfileSet, Username
from accounts.names import name_slot
from pryvsite.caching import Memory
from pryvsite.kernel.actor import AccountInfo, Actor, operator_actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError, Forbidden, InvalidToken, UnknownResource
from pryvsite.kernel.ids import is_alias
from pryvsite.kernel.permissions import ACCOUNT_ROOT, OWNER, Level, Permissions
from pryvsite.tokens import digest

SLIDE = 3600  # seconds; a session's expiry is moved at most this often, so reads rarely write


def actor_of(access: Access, username: str, caller: str = "") -> Actor:
    """The actor of a stored access; one with an alias isn't told the account's name."""
    return Actor(
        account_id=access.account_id,
        username=access.alias or username,
        kind=access.type,  # type: ignore[arg-type]
        access_id=access.id,
        serial=access.serial,
        name=access.name,
        permissions=OWNER if access.type == "personal" else _granted(access),
        caller=caller,
        expires=access.expires,
    )


def _granted(access: Access) -> Permissions:
    """Stored permissions, behind the injected refusal of account streams (spec api-access §3.2)."""
    return Permissions.from_wire(
        [{"streamId": ACCOUNT_ROOT, "level": Level.NONE.wire}, *(access.permissions or ())]
    )


@dataclass(frozen=True)
class Known:
    """An access that is remembered, with its actor and what its owner sees of it."""

    access: Access
    actor: Actor

    @cached_property
    def core(self) -> dict[str, Any]:
        """The wire form without what changes by use."""
        return present_core(self.access)


_known: Memory[Known] = Memory("accesses", 10_000)
_names: Memory[tuple[int, str] | None] = Memory("names", 10_000)


def known_access(account_id: int, **wanted: str) -> Known:
    """A live access by its `digest` or `id`. Raises InvalidToken."""

    def load() -> Known:
        rows = Access.objects.select_related("account").defer("account__password")
        access = rows.filter(account_id=account_id, deleted=None, **wanted).first()
        if access is None:
            raise InvalidToken
        return Known(access, actor_of(access, access.account.username))

    return _known.get(account_id, tuple(wanted.items()), load)


def _named(username: str) -> tuple[int, str] | None:
    if is_alias(username):
        aliased = Access.objects.filter(alias=username, deleted=None)
        return aliased.values_list("account_id", "alias").first()
    return Username.objects.filter(name=username).values_list("account_id", "account__username").first()


class TokenAuthenticator:
    """Accounts and accesses from the database."""

    def account(self, username: str) -> tuple[int, str] | None:
        """(id, username) of an account by a name it has or had; (id, alias) by the alias of an access."""
        return _names.get(name_slot(username), username, lambda: _named(username))

    def actor(self, account_id: int, username: str, token: str, caller: str) -> Actor:
        """The actor of a token (spec api-access §0.1). Raises InvalidToken, Forbidden, TooManyRequests."""
        found = digest(token)
        if guesses.are_stopped() and not _known.has(account_id, (("digest", found),)):
            guesses.refuse()
        try:
            known = known_access(account_id, digest=found)
        except InvalidToken:
            guesses.note(account_id, found)
            raise
        try:
            check_alive(known.access)
        except ApiError as error:
            error.access_id = known.access.id  # type: ignore[attr-defined]
            raise
        return replace(known.actor, caller=caller)

    def operator(self, key: str) -> Actor:
        """The operator, by the key; for others the routes don't exist. Raises UnknownResource."""
        if is_operator(key):
            return operator_actor()
        if settings.ADMIN_ACCESS_KEY:
            take_from_address("OPERATOR")
        raise UnknownResource

    def used(self, actor: Actor, method_id: str) -> None:
        """Count a call."""
        usage.record(actor, method_id)

    def read_key(self, account_id: int, access_id: str) -> tuple[Actor, str] | None:
        """The actor of an access id and the secret that its read tokens are bound to; None when gone."""
        try:
            known = known_access(account_id, id=access_id)
            check_alive(known.access)
        except ApiError:
            return None
        return known.actor, known.access.digest


def check_alive(access: Access) -> None:
    """Whether an access may be used now; slides a session's end. Raises Forbidden, InvalidToken."""
    moment = now()
    if access.expires is not None and access.expires <= moment:
        raise Forbidden("This access has expired.")
    if access.type != "personal":
        return
    if access.session_expires is None or access.session_expires <= moment:
        raise InvalidToken("The access session has expired.")
    end = moment + settings.SESSION_MAX_AGE
    if end - access.session_expires > SLIDE:
        Access.objects.filter(account_id=access.account_id, id=access.id, session_expires__gt=moment).update(
            session_expires=end
        )
        access.session_expires = end


_PRIVATE = Subquery(
    ProfileSet.objects.filter(account_id=OuterRef("account_id"), name="private").values("data")[:1]
)


def is_operator(key: str) -> bool:
    """Whether this is the operator's key; where there is none, nothing is."""
    right = str(settings.ADMIN_ACCESS_KEY)
    return bool(right) and hmac.compare_digest(key.encode(), right.encode())


class CookieSessions:
    """Sessions of the pages: the cookie names an account and a personal access."""

    def current(self, store: MutableMapping[str, Any]) -> tuple[Actor, AccountInfo] | None:
        """Who is signed in; None when nobody, or when the access ended elsewhere."""
        account_id, access_id = store.get("account_id"), store.get("access_id")
        if not account_id or not access_id:
            return None
        access = (
            Access.objects.select_related("account")
            .filter(account_id=account_id, id=access_id, type="personal", deleted=None)
            .annotate(private=_PRIVATE)
            .first()
        )
        if access is None:
            return None
        try:
            check_alive(access)
        except ApiError:
            return None
        account = access.account
        private = access.private or {}
        info = AccountInfo(account.id, account.username, account.email or "", account.language, private)
        return actor_of(access, account.username), info
