"""The home page, sign-in and sign-out (ui §1.3, §1.4)."""

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accesses import sessions
from accesses.forms import SignInForm
from accesses.views.common import browser_name, own_path
from pryvsite.kernel.errors import ApiError
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
    target = own_path(request.POST.get("next") or request.GET.get("next") or "")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actor = sessions.sign_in(
                request.session,
                form.cleaned_data["login"],
                form.cleaned_data["password"],
                browser_name(request),
            )
            return HttpResponseRedirect(target or f"/u/{actor.username}/", status=303)
        except ApiError as error:
            form.add_error(None, error.message)
    context = {"form": form, "next": target, "signed_out": "signed-out" in request.GET}
    return screen(request, "accesses/signin.html", "", context, status=422 if form.errors else 200)


@require_POST
def signout(request: WebRequest) -> HttpResponse:
    """End the session here and on the server."""
    sessions.sign_out(request.session, request.actor)
    response = HttpResponseRedirect("/signin?signed-out=1", status=303)
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
