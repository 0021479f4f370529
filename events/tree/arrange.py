"""How the stream tree is arranged: sorting, empty streams, pinned ones (ui §4.3)."""

from django.http import HttpResponseBase, HttpResponseRedirect
from django.views.decorators.http import require_POST

from events.guard import own_trees, owner_page
from events.keeping.comfort import store
from events.keeping.many import own_page
from events.tree.pins import set_pinned
from events.tree.views import done, found_stream
from pryvsite.kernel.actor import Actor
from pryvsite.web.comfort import SORTS, current
from pryvsite.web.notices import notice
from pryvsite.web.requests import WebRequest


@require_POST
@owner_page
def arrange(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Sort the tree, leave out what is empty or show it; back to where one came from."""
    sort, empty = request.POST.get("sort"), request.POST.get("empty")
    if sort is not None and sort in SORTS:
        store(actor, sort=sort)
    if empty is not None:
        store(actor, empty="hide" if empty == "hide" else "")
    return HttpResponseRedirect(own_page(actor, request.POST.get("next", "")), status=303)


@require_POST
@owner_page
def pin(request: WebRequest, actor: Actor, stream_id: str) -> HttpResponseBase:
    """Pin a stream above the tree, or take it from there."""
    stream = found_stream(own_trees(actor), stream_id)
    on = stream_id not in current().pinned
    set_pinned(actor, stream_id, on=on)
    notice(request, f"{'Pinned' if on else 'Unpinned'} {stream['name']}.")
    return done(request, actor)
