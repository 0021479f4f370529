"""The token and caller id of a request (spec api-data §1.3)."""

import base64
import binascii
from dataclasses import dataclass, replace

from django.http import HttpRequest

from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidToken, MissingToken
from pryvsite.kernel.ports import ports


@dataclass(frozen=True, slots=True)
class Credentials:
    """A token as sent, and who says to use it."""

    token: str
    caller: str = ""


def credentials(request: HttpRequest, *, header: str | None = None, query: bool = True) -> Credentials:
    """The token of a request; the header wins over `?auth=`. Raises MissingToken, InvalidToken."""
    given = (request.META.get("HTTP_AUTHORIZATION", "") if header is None else header).strip()
    if not given and query:
        given = request.GET.getlist("auth")[0].strip() if "auth" in request.GET else ""
    if not given:
        raise MissingToken
    scheme, _, rest = given.partition(" ")
    if scheme.lower() == "basic":
        return Credentials(_basic(rest.strip()))
    if scheme.lower() == "bearer":
        given = rest.strip()
    token, _, caller = given.partition(" ")
    if not token:
        raise MissingToken
    return Credentials(token, caller.strip())


def renewed(actor: Actor) -> Actor:
    """The actor as its access is now, for a body that took long to come. Raises InvalidToken."""
    found = ports.authenticator.read_key(actor.account_id, actor.access_id)
    if found is None:
        raise InvalidToken
    return replace(found[0], caller=actor.caller, origin=actor.origin, via=actor.via)


def _basic(encoded: str) -> str:
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise InvalidToken from None
    if not decoded:
        raise MissingToken
    token = decoded.partition(":")[0]
    if not token:
        raise InvalidToken
    return token


def origin_of(request: HttpRequest) -> str:
    """`scheme://host` of the calling page: Origin, else Referer, else empty."""
    page = request.META.get("HTTP_ORIGIN") or request.META.get("HTTP_REFERER") or ""
    # Clients outside of browsers send a whole URL as Origin.
    return "/".join(page.split("/", 3)[:3]) if "://" in page else ""
