"""How pages are shown, and the keys that work on them (ui §4.11)."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.http import HttpResponseBase, HttpResponseRedirect
from django.views.decorators.http import require_POST

from events.guard import owner_page
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.web.comfort import KEY, Comfort, current
from pryvsite.web.notices import notice
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

YEAR = 365 * 86400
SELECT = {"class": "select"}


class ComfortForm(forms.Form):
    """The settings of the display."""

    theme = forms.ChoiceField(
        choices=[("", "As the system"), ("light", "Light"), ("dark", "Dark")],
        required=False,
        widget=forms.Select(attrs=SELECT),
    )
    contrast = forms.ChoiceField(
        choices=[("", "As the system"), ("more", "High")], required=False, widget=forms.Select(attrs=SELECT)
    )
    week = forms.ChoiceField(
        label="Week begins on",
        choices=[("monday", "Monday"), ("sunday", "Sunday"), ("saturday", "Saturday")],
        widget=forms.Select(attrs=SELECT),
    )
    units = forms.ChoiceField(
        choices=[("", "As recorded"), ("metric", "Metric"), ("imperial", "Imperial")],
        required=False,
        widget=forms.Select(attrs=SELECT),
        help_text="For reading; what is stored stays as it was recorded.",
    )
    decimal = forms.ChoiceField(
        label="Decimals",
        choices=[("", "Point: 72.5"), ("comma", "Comma: 72,5")],
        required=False,
        widget=forms.Select(attrs=SELECT),
        help_text="For reading; typing takes both.",
    )
    zone = forms.ChoiceField(label="Time zone", required=False, widget=forms.Select(attrs=SELECT))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
        self.fields["zone"].choices = [  # type: ignore[attr-defined]
            ("", "As the browser"),
            *((name, name.replace("_", " ")) for name in names),
        ]


@owner_page
def display(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Show and change the settings."""
    kept = current()
    initial = {name: getattr(kept, name) for name in ComfortForm.base_fields}
    form = ComfortForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        store(actor, **form.cleaned_data)
        notice(request, "Saved.")
        response = HttpResponseRedirect(f"/u/{actor.username}/settings", status=303)
        _remember_theme(response, form.cleaned_data["theme"])
        return response
    return screen(request, "events/settings.html", "", {"form": form}, status=422 if form.errors else 200)


def store(actor: Actor, **changed: str | list[str]) -> None:
    """Keep settings in the account's private profile, beside those that stay."""
    kept = execute("profile.get", actor, {"id": "private"})["profile"].get(KEY)
    before = kept if isinstance(kept, dict) else {}
    execute("profile.update", actor, {"id": "private", "update": {KEY: {**before, **changed}}})


def _remember_theme(response: HttpResponseBase, theme: str) -> None:
    """The browser's own choice, made by the button of the head, gives way."""
    if theme:
        response.set_cookie(
            "theme", theme, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie("theme")


@require_POST
@owner_page
def first_steps(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Put the first steps away, or bring them back."""
    hide = request.POST.get("action") != "show"
    store(actor, steps="hidden" if hide else "")
    notice(request, "The first steps are put away. Settings brings them back." if hide else "They are back.")
    return HttpResponseRedirect(f"/u/{actor.username}/", status=303)


@owner_page
def keys(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """The keys, in a dialog or on a page."""
    return screen(request, "events/keys.html", "dialog", {"comfort": Comfort})
