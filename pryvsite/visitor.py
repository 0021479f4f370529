"""Where the request that is being answered comes from. Set around every request by the outermost middleware.

What limits guessing asks for it, wherever a guess happens; operations stay free of HTTP.
"""

import ipaddress
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

COOKIE_AGE = 365 * 86400  # seconds
MOST_ACCOUNTS = 10  # that a browser is known by
_SALT = "pryvsite.known-browser"


@dataclass
class Visitor:
    """Somebody who sent a request."""

    address: str = ""  # an IPv4 address, or the network of an IPv6 one
    origin: str = ""  # the Origin header
    cookie: str = ""
    learned: list[int] = field(default_factory=list)

    def browser(self, account_id: int) -> str:
        """The id of this browser, if somebody signed in to the account with it before."""
        name, known = self._read()
        return name if account_id in known else ""

    def remember(self, account_id: int) -> None:
        """Note that somebody signed in to this account with this browser."""
        self.learned.append(account_id)

    def _read(self) -> tuple[str, list[int]]:
        try:
            name, known = signing.loads(self.cookie, salt=_SALT, max_age=COOKIE_AGE)
        except (signing.BadSignature, ValueError, TypeError):
            return "", []
        return str(name), list(known)

    def set_cookie(self, response: HttpResponseBase) -> None:
        """Make the browser recognisable, after a sign-in."""
        name, known = self._read()
        accounts = [*self.learned, *(number for number in known if number not in self.learned)]
        value = signing.dumps([name or secrets.token_hex(8), accounts[:MOST_ACCOUNTS]], salt=_SALT)
        response.set_cookie(
            settings.KNOWN_COOKIE_NAME,
            value,
            max_age=COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


_current: ContextVar[Visitor | None] = ContextVar("visitor", default=None)


def visitor() -> Visitor:
    """Who sent the request that is being answered; nobody in particular outside of requests."""
    return _current.get() or Visitor()


@contextmanager
def visiting(request: HttpRequest) -> Iterator[Visitor]:
    """Answer a request inside the block."""
    found = Visitor(
        address=_address(request),
        origin=request.headers.get("Origin", ""),
        cookie=request.COOKIES.get(settings.KNOWN_COOKIE_NAME, ""),
    )
    token = _current.set(found)
    try:
        yield found
    finally:
        _current.reset(token)


def _address(request: HttpRequest) -> str:
    """The caller's address; behind a proxy the one that it added last. Of IPv6 the network of a household."""
    given = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        given = request.headers.get("X-Forwarded-For", given).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(given.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
