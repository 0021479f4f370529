"""Short notices that the next page (or the answer to htmx) shows, with what may be done about it."""

from django.contrib import messages
from django.http import HttpRequest


def notice(request: HttpRequest, text: str, *, undo: str = "", view: str = "", label: str = "View") -> None:
    """Tell something once. `undo` is a path to post to, `view` a path to open, both our own."""
    messages.success(request, text, extra_tags=f"{undo or '-'} {view or '-'} {label}")
