"""Registration (ui §1.1)."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accesses import consent, hosting, sessions
from accesses.forms import RegisterForm, strength, username_problem
from accesses.views.common import browser_name
from accounts import operations as accounts
from accounts.invitations import registration_closed
from accounts.limits import take_from_address
from accounts.rules import email_violation
from pryvsite.kernel.errors import ApiError, InvalidParameters, ItemAlreadyExists, TooManyRequests
from pryvsite.web.journey import Journey, journey_of
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

TAKEN = {"username": "Already taken.", "email": "An account already uses this address."}
NO_ADDRESS = "Account created. Without an e-mail address a lost password can’t be set anew."


@never_cache
def register(request: WebRequest) -> HttpResponseBase:
    """Create an account, signed in."""
    if registration_closed():
        return screen(request, "accesses/register_closed.html", "", {}, status=403)
    journey = journey_of(request)
    form = RegisterForm(request.POST or None, initial={"invitation": request.GET.get("invitation", "")})
    if request.method == "POST" and form.is_valid():
        response = _create(request, form, journey)
        if response:
            return response
    places = hosting.places()
    context = {
        "form": form,
        "places": places,
        "place": hosting.chosen(places, form["hosting"].value()),
        "by_invitation": accounts.invitation_needed(),
    }
    return screen(request, "accesses/register.html", "", context, status=422 if form.errors else 200)


def _create(request: WebRequest, form: RegisterForm, journey: Journey) -> HttpResponseBase | None:
    """Create the account and go on; or nothing, and the form tells why."""
    given = form.to_input(app_id=journey.app_id, referer=_referer(journey))
    try:
        actor = sessions.register_browser(request.session, given, browser_name(request))
    except ItemAlreadyExists as error:
        for name in error.data:
            form.add_error(name, TAKEN[name])
        return None
    except InvalidParameters as error:
        form.add_error("password", error.message)
        return None
    except TooManyRequests as error:
        form.add_error(None, error.message)
        return None
    except ApiError:
        form.add_error("invitation", "This invitation is not valid.")
        return None
    target = journey.destination(actor.username)
    if not given.email and target.startswith("/u/"):
        messages.success(request, NO_ADDRESS)
    return HttpResponseRedirect(target, status=303)


def _referer(journey: Journey) -> str:
    """What brought the visitor: the app of a pending request, else the one that sent them."""
    return (consent.app_of_page(journey.next) or journey.app_id)[:99]


@never_cache
def place(request: WebRequest) -> HttpResponseBase:
    """What the choice of a hosting means."""
    places = hosting.places()
    chosen = hosting.chosen(places, request.GET.get("hosting", ""))
    return screen(request, "accesses/_hosting_note.html", "", {"place": chosen})


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
