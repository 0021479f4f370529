"""What is kept of an account, and its end (ui §1.13). Exports are to come."""

from django.http import HttpResponseBase

from accesses.views.owner import owner_page, page
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.web.requests import WebRequest

TEMPLATE = "accesses/account_data.html"


@owner_page
def data(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """The page."""
    shown = execute("account.get", actor, {})["account"]
    return page(request, TEMPLATE, "data", {"shown": shown})
