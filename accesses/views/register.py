"""Registration (ui §1.1)."""

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accesses import sessions
from accesses.forms import RegisterForm, hosting_choices, strength, username_problem
from accesses.views.common import browser_name, own_path
from accounts import operations as accounts
from accounts.limits import take_from_address
from accounts.rules import email_violation
from pryvsite.kernel.errors import ApiError, InvalidParameters, ItemAlreadyExists, TooManyRequests
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

TAKEN = {"username": "Already taken.", "email": "An account already uses this address."}


@never_cache
def register(request: WebRequest) -> HttpResponseBase:
    """Create an account, signed in."""
    target = own_path(request.POST.get("next") or request.GET.get("next") or "")
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actor = sessions.register_browser(request.session, form.to_input(), browser_name(request))
            return HttpResponseRedirect(target or f"/u/{actor.username}/", status=303)
        except ItemAlreadyExists as error:
            for name in error.data:
                form.add_error(name, TAKEN[name])
        except TooManyRequests as error:
            form.add_error(None, error.message)
        except InvalidParameters as error:
            form.add_error("password", error.message)
        except ApiError:
            form.add_error("invitation", "This invitation is not valid.")
    choices = hosting_choices()
    hostings = [option for _, options in choices for option in options]
    context = {
        "form": form,
        "next": target,
        "only_hosting": hostings[0] if len(hostings) == 1 else None,
        "by_invitation": accounts.invitation_needed(),
    }
    return screen(request, "accesses/register.html", "", context, status=422 if form.errors else 200)


def check(request: WebRequest) -> HttpResponse:
    """What is to say about a username or address while it is typed."""
    try:
        take_from_address("LOOKUPS")
    except TooManyRequests as error:
        return _hint(error.message, "")
    if "username" in request.GET:
        username = request.GET["username"].strip().lower()
        if not username:
            return HttpResponse("")
        problem = username_problem(username)
        return _hint(problem, f"{username} is free")
    email = accounts.normal_email(request.GET.get("email", ""))
    if not email:
        return HttpResponse("")
    taken = "@" in email and not email_violation(email) and accounts.email_taken(email)
    return _hint(TAKEN["email"], "") if taken else HttpResponse("")


@require_POST
def password(request: WebRequest) -> HttpResponseBase:
    """How good a password is while it is typed; sent in a body, so that no address or log holds it."""
    typed = request.POST.get("password", "")
    return screen(request, "accesses/_password_state.html", "", {"typed": bool(typed), **strength(typed)})


def _hint(problem: str | None, fine: str) -> HttpResponse:
    icon, kind, text = ("warn", "bad", problem) if problem else ("check", "ok", fine)
    mark = render_to_string("_icon.html", {"name": icon, "small": True})
    return HttpResponse(format_html('<p class="hint hint-{}">{}{}</p>', kind, mark, text))
