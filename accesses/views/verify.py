"""Proving an e-mail address by the mailed link (ui §1.9)."""

from django.http import HttpResponseBase
from django.views.decorators.cache import never_cache

from accesses.sessions import WEB_APP
from accesses.views import mailed
from accounts import tickets
from pryvsite.api.execute import execute
from pryvsite.api.platform import public_url
from pryvsite.kernel.actor import public_actor
from pryvsite.kernel.errors import InvalidTicket
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

TICKET = "email_secret"
TEMPLATE = "accesses/verify_email.html"


@never_cache
def verify(request: WebRequest) -> HttpResponseBase:
    """Confirm on a button: programs that look at links in mails press none."""
    moved = mailed.taken_in(request, TICKET, "verifyToken", "token")
    if moved:
        return moved
    secret = mailed.secret_of(request, TICKET)
    try:
        ticket = tickets.find("email", secret)
        account = ticket.account
        if account is None or request.method != "POST":
            return screen(request, TEMPLATE, "", {"address": ticket.subject})
        visitor = public_actor(account.id, account.username, origin=public_url())
        done = execute("account.verifyEmail", visitor, {"appId": WEB_APP, "token": secret})
    except InvalidTicket:
        mailed.forget(request, TICKET)
        return screen(request, TEMPLATE, "", {"gone": True}, status=410)
    mailed.forget(request, TICKET)
    return screen(request, TEMPLATE, "", {"confirmed": done["email"]})
