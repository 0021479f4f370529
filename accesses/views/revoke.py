"""Ending an app's access by the link of the mail that told of it (ui §3.7)."""

from django.http import HttpResponseBase
from django.views.decorators.cache import never_cache

from accesses.models import Access
from accesses.presenters import wire_id
from accesses.views import mailed
from accounts.mail import revocation_of
from accounts.registry import registered_app
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import system_actor
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

STORE = "revocation"
TEMPLATE = "accesses/revoke_by_mail.html"


@never_cache
def revoke(request: WebRequest) -> HttpResponseBase:
    """End it on a button: programs that look at links in mails press none."""
    moved = mailed.taken_in(request, STORE, "token")
    if moved:
        return moved
    found = revocation_of(mailed.secret_of(request, STORE))
    access = None
    if found:
        rows = Access.objects.filter(account_id=found[0], id=found[1], type="app", deleted=None)
        access = rows.select_related("account").first()
    if access is None:
        return screen(request, TEMPLATE, "", {"gone": True}, status=410)
    known = registered_app(access.name)
    context = {"app": known.name if known else access.name, "username": access.account.username,
               "done": request.method == "POST"}  # fmt: skip
    if request.method == "POST":
        owner = system_actor(access.account_id, access.account.username)
        execute("accesses.delete", owner, {"id": wire_id(access)})
        mailed.forget(request, STORE)
    return screen(request, TEMPLATE, "", context)
