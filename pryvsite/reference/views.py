"""The API's description as a page, with forms that run its operations."""

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from pryvsite.api.platform import public_url
from pryvsite.reference.content import Entry, entries, groups, typed
from pryvsite.reference.running import Shown, asked
from pryvsite.reference.running import run as run_entry
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen


@never_cache
@require_safe
def reference(request: WebRequest) -> HttpResponseBase:
    """All operations."""
    return _page(request)


@never_cache
@require_POST
def run(request: WebRequest) -> HttpResponseBase:
    """Run one for who is signed in; the whole page where there is no script."""
    entry = entries(public_url()).get(request.POST.get("operation", ""))
    if entry is None or not entry.runs:
        raise Http404
    if request.actor is None:
        return redirect("/signin?next=/api/")
    form = {name: str(value) for name, value in request.POST.items()}
    shown = run_entry(entry, asked(entry, form), request.actor, request.META)
    if request.htmx:
        return screen(request, "reference/_answer.html", "", {"shown": shown})
    return _page(request, typed(entry, form), shown)


def _page(request: WebRequest, ran: Entry | None = None, shown: Shown | None = None) -> HttpResponseBase:
    context = {"groups": groups(ran), "base": public_url(), "ran": ran, "shown": shown}
    return screen(request, "reference/page.html", "", context)
