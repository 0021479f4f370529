"""The home page, sign-in and sign-out (ui §1.3, §1.4)."""

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from accesses import sessions
from accesses.forms import SignInForm
from accesses.second_step import SecondStepNeeded
from accesses.views.common import browser_name
from accounts.passwords import PasswordExpired
from pryvsite.kernel.errors import ApiError
from pryvsite.web.journey import journey_of
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen


def home(request: WebRequest) -> HttpResponseBase:
    """A welcome; the dashboard for who is signed in."""
    if request.account:
        return redirect(f"/u/{request.account.username}/")
    return screen(request, "accesses/home.html", "", {})


@never_cache
def signin(request: WebRequest) -> HttpResponseBase:
    """Sign in with username or e-mail."""
    journey = journey_of(request)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            data = form.cleaned_data
            browser = browser_name(request)
            login, password = data["login"], data["password"]
            actor = sessions.sign_in(request.session, login, password, browser, journey.app_id)
            return HttpResponseRedirect(journey.destination(actor.username), status=303)
        except SecondStepNeeded:
            return HttpResponseRedirect(f"/mfa-challenge{journey.suffix}", status=303)
        except PasswordExpired:
            return HttpResponseRedirect(f"/change-password{journey.suffix}", status=303)
        except ApiError as error:
            form.refuse(error.message)
    go_on = journey.destination(request.account.username) if request.account else ""
    context = {
        "form": form,
        "go_on": go_on,
        "signed_out": "signed-out" in request.GET,
        "password_changed": "password-changed" in request.GET,
    }
    return screen(request, "accesses/signin.html", "", context, status=422 if form.errors else 200)


def signout(request: WebRequest) -> HttpResponse:
    """End the session here and on the server; the sign-in page keeps where the visitor wants to go.

    Only by its button: who follows a link here is led to where that is.
    """
    if request.method != "POST":
        return redirect("/account/profile")
    journey = journey_of(request)
    sessions.sign_out(request.session, request.actor)
    suffix = journey.suffix
    response = HttpResponseRedirect(f"/signin{suffix}{'&' if suffix else '?'}signed-out=1", status=303)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
