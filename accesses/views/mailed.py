"""Secrets that come by mail: kept out of the address bar while a page works with them (ui §0.7, §1.5)."""

from django.http import HttpResponseRedirect

from pryvsite.tokens import seal, unseal
from pryvsite.web.journey import journey_of
from pryvsite.web.requests import WebRequest


def taken_in(request: WebRequest, store: str, *names: str) -> HttpResponseRedirect | None:
    """Move a secret from the address to the visitor's session, and go on to the clean address."""
    secret = next((request.GET[name] for name in names if request.GET.get(name)), "")
    if not secret:
        return None
    request.session[store] = seal(secret[:200])
    return HttpResponseRedirect(f"{request.path}{journey_of(request).suffix}", status=303)


def secret_of(request: WebRequest, store: str) -> str:
    """The secret that came, or nothing."""
    sealed = request.session.get(store)
    return unseal(sealed) if sealed else ""


def forget(request: WebRequest, store: str) -> None:
    """Drop a secret that is used or worthless."""
    request.session.pop(store, None)
