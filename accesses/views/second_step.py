"""The second step of signing in (ui §1.7)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.views.decorators.cache import never_cache

from accesses import sessions
from accesses.forms import CodeForm, RecoveryForm
from accesses.models import SecondStep
from accesses.views import mailed
from accesses.views.common import browser_name
from accounts.passwords import PasswordExpired
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import public_actor
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError, InvalidTicket
from pryvsite.web.journey import journey_of
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

TEMPLATE = "accesses/second_step.html"
SENT = "second_step_sent"
TURNED_OFF = "The second step is off now. Turn it on again with your new device."
COOL_DOWN = 30  # seconds between two codes by message


@never_cache
def challenge(request: WebRequest) -> HttpResponseBase:
    """Ask for the code of a sign-in whose password was right."""
    moved = mailed.taken_in(request, sessions.STEP, "mfaToken")
    if moved:
        return moved
    step = sessions.waiting_step(request.session)
    action = request.POST.get("action", "") if request.method == "POST" else ""
    if action == "cancel":
        return _cancel(request)
    if step is None:
        return screen(request, TEMPLATE, "", {"gone": True, "form": CodeForm()}, status=410)
    if action == "resend":
        return _send_again(request, step)
    if action == "recover":
        return _recover(request, step)
    return _verify(request, step) if action else _page(request, step, {})


def _page(request: WebRequest, step: SecondStep, context: dict[str, Any]) -> HttpResponseBase:
    if step.method != "totp":
        request.session.setdefault(SENT, now())
    shown = {"form": CodeForm(), "recovery": RecoveryForm(), "by_app": step.method == "totp",
             "wait": _wait(request), **context}  # fmt: skip
    wrong = shown["form"].errors or shown["recovery"].errors
    return screen(request, TEMPLATE, "", shown, status=422 if wrong else 200)


def _wait(request: WebRequest) -> int:
    """Seconds until another code may be sent."""
    sent: float = request.session.get(SENT, 0.0)
    return max(0, round(sent + COOL_DOWN - now()))


def _cancel(request: WebRequest) -> HttpResponseBase:
    """Back to where one signs in: the question of an app, or the sign-in page."""
    request.session.pop(sessions.STEP, None)
    return HttpResponseRedirect(journey_of(request).start, status=303)


def _verify(request: WebRequest, step: SecondStep) -> HttpResponseBase:
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            actor = sessions.finish_sign_in(request.session, form.cleaned_data["code"], browser_name(request))
            return HttpResponseRedirect(journey_of(request).destination(actor.username), status=303)
        except PasswordExpired:
            return HttpResponseRedirect(f"/change-password{journey_of(request).suffix}", status=303)
        except InvalidTicket:
            return screen(request, TEMPLATE, "", {"gone": True, "form": CodeForm()}, status=410)
        except ApiError as error:
            if sessions.waiting_step(request.session) is None:
                return screen(request, TEMPLATE, "", {"gone": True, "form": CodeForm()}, status=410)
            form.add_error("code", error.message)
    return _page(request, step, {"form": form})


def _send_again(request: WebRequest, step: SecondStep) -> HttpResponseBase:
    if _wait(request):
        return _page(request, step, {})
    visitor = public_actor(step.account_id, step.account.username)
    raw = {"mfaToken": sessions.step_token(request.session)}
    try:
        told = execute("mfa.challenge", visitor, raw)["message"]
    except ApiError as error:
        return _page(request, step, {"failed": error.message})
    request.session[SENT] = now()
    return _page(request, step, {"told": told})


def _recover(request: WebRequest, step: SecondStep) -> HttpResponseBase:
    """Sign in by a recovery code, which turns the second step off; it is to be turned on anew."""
    form = RecoveryForm(request.POST)
    if not form.is_valid():
        return _page(request, step, {"recovery": form, "recovering": True})
    account = step.account
    password = form.cleaned_data["password"]
    raw = {
        "username": account.username,
        "password": password,
        "recoveryCode": form.cleaned_data["recovery_code"],
    }
    try:
        execute("mfa.recover", public_actor(account.id, account.username), raw)
        request.session.pop(sessions.STEP, None)
        sessions.sign_in(request.session, account.username, password, browser_name(request), step.app_id)
    except PasswordExpired:
        messages.warning(request, TURNED_OFF)
        return HttpResponseRedirect(f"/change-password{journey_of(request).suffix}", status=303)
    except ApiError as error:
        form.add_error(None, error.message)
        return _page(request, step, {"recovery": form, "recovering": True})
    messages.warning(request, TURNED_OFF)
    target = journey_of(request).next
    return HttpResponseRedirect(target if target.startswith("/auth?") else "/account/security", status=303)
