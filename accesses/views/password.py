"""Lost and changed passwords (ui §1.5, §1.6)."""

from datetime import UTC, datetime
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseBase, HttpResponseRedirect
from django.views.decorators.cache import never_cache

from accesses import sessions
from accesses.forms import (
    ChangePasswordForm,
    LoginNameForm,
    NewPasswordForm,
    RenewPasswordForm,
    ResetForm,
)
from accesses.views import mailed
from accesses.views.common import browser_name
from accounts import passwords
from accounts.models import Account
from accounts.operations import find_by_login
from pryvsite.api.execute import execute
from pryvsite.api.platform import public_url
from pryvsite.kernel.actor import Actor, public_actor, system_actor
from pryvsite.kernel.errors import ApiError, InvalidTicket
from pryvsite.web.journey import journey_of
from pryvsite.web.requests import WebRequest
from pryvsite.web.screens import screen

TICKET = "reset_secret"


@never_cache
def reset(request: WebRequest) -> HttpResponseBase:
    """Ask for the mail with the link; with its secret, set a new password."""
    moved = mailed.taken_in(request, TICKET, "resetToken")
    if moved:
        return moved
    secret = mailed.secret_of(request, TICKET)
    if request.method == "POST" and request.POST.get("action") == "again":
        mailed.forget(request, TICKET)
        return HttpResponseRedirect(request.get_full_path(), status=303)
    return _set_new(request, secret) if secret else _ask_for_mail(request)


def _ask_for_mail(request: WebRequest) -> HttpResponseBase:
    """The answer is the same for accounts that exist and for those that don't."""
    form = LoginNameForm(request.POST or None)
    sent = False
    if request.method == "POST" and form.is_valid():
        try:
            login = form.cleaned_data["login"]
            passwords.request_reset(find_by_login(login), login)
            sent = True
        except ApiError as error:
            form.add_error(None, error.message)
    context = {"form": form, "sent": sent, "minutes": settings.PASSWORD_RESET_MAX_AGE // 60}
    return screen(request, "accesses/reset.html", "", context, status=422 if form.errors else 200)


def _set_new(request: WebRequest, secret: str) -> HttpResponseBase:
    try:
        account = passwords.account_of_reset(secret)
    except InvalidTicket:
        return screen(request, "accesses/reset_gone.html", "", {}, status=410)
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _reset(request, account, secret, form)
        except InvalidTicket:
            return screen(request, "accesses/reset_gone.html", "", {}, status=410)
        except ApiError as error:
            form.add_error("password", in_words(error))
    context = {"form": form, "masked": masked(account.username)}
    return screen(request, "accesses/reset_new.html", "", context, status=422 if form.errors else 200)


def _reset(request: WebRequest, account: Account, secret: str, form: NewPasswordForm) -> HttpResponseBase:
    """Set the password and end what somebody else may have begun."""
    _set_password(account, secret, form.cleaned_data["password"])
    mailed.forget(request, TICKET)
    sessions.end_sessions(account.id)
    if form.cleaned_data["end_apps"]:
        _end_apps(system_actor(account.id, account.username))
    suffix = journey_of(request).suffix
    target = f"/signin{suffix}{'&' if suffix else '?'}password-changed=1"
    return HttpResponseRedirect(target, status=303)


def _set_password(account: Account, secret: str, new: str) -> None:
    visitor = public_actor(account.id, account.username, origin=public_url())
    raw = {"appId": sessions.WEB_APP, "resetToken": secret, "newPassword": new}
    execute("account.resetPassword", visitor, raw)


def _end_apps(owner: Actor) -> None:
    for access in execute("accesses.get", owner, {"includeExpired": True})["accesses"]:
        if access["type"] == "app":
            execute("accesses.delete", owner, {"id": access["id"]})


def masked(username: str) -> str:
    """A name that its owner recognises."""
    return f"{username[:2]}{'•' * (len(username) - 3)}{username[-1]}"


def in_words(error: ApiError) -> str:
    """Why a new password is refused, with dates in words."""
    earliest = error.data.get("canBeChangedAt") if isinstance(error.data, dict) else None
    if isinstance(earliest, int | float):
        return f"It can’t be changed before {datetime.fromtimestamp(earliest, UTC):%-d %B %Y, %H:%M} (UTC)."
    return error.message


@never_cache
def change(request: WebRequest) -> HttpResponseBase:
    """Change the password of the account that is signed in, or that signs in with one that expired."""
    if sessions.RENEWAL in request.session:
        return _renew(request)
    if request.actor is None or request.account is None:
        return HttpResponseRedirect(f"/signin?next={quote(request.get_full_path())}", status=303)
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = change_by(request, request.actor, form)
        if done:
            return HttpResponseRedirect(journey_of(request).next or "/account/security", status=303)
    return screen(
        request, "accesses/change_password.html", "", {"form": form}, status=422 if form.errors else 200
    )


def _renew(request: WebRequest) -> HttpResponseBase:
    """The last step of a sign-in whose password is right and too old (ui §1.3)."""
    if request.POST.get("action") == "cancel":
        mailed.forget(request, sessions.RENEWAL)
        return HttpResponseRedirect(journey_of(request).start, status=303)
    renewal = sessions.waiting_renewal(request.session)
    if renewal is None:
        mailed.forget(request, sessions.RENEWAL)
        context: dict[str, object] = {"gone": True, "again": journey_of(request).start}
        return screen(request, "accesses/renew_password.html", "", context, status=410)
    form = RenewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = _renewed(request, renewal, form)
        if actor:
            return HttpResponseRedirect(journey_of(request).destination(actor.username), status=303)
    expired = datetime.fromtimestamp(renewal.expired, UTC)
    context = {"form": form, "owner": renewal.account.username, "expired": f"{expired:%-d %B %Y}"}
    return screen(request, "accesses/renew_password.html", "", context, status=422 if form.errors else 200)


def _renewed(request: WebRequest, renewal: sessions.Renewal, form: RenewPasswordForm) -> Actor | None:
    """Replace the password and sign in; or nothing, and the form tells why not."""
    account, new = renewal.account, form.cleaned_data["password"]
    if passwords.is_present(account, new):
        form.add_error("password", "This is the password that expired. Choose another one.")
        return None
    try:
        _set_password(account, renewal.secret, new)
    except ApiError as error:
        form.add_error("password", in_words(error))
        return None
    actor = sessions.finish_renewal(request.session, renewal, browser_name(request))
    if form.cleaned_data["end_others"]:
        sessions.end_sessions(account.id, keep=actor.access_id)
    messages.success(request, "Your password was changed.")
    return actor


def change_by(request: WebRequest, actor: Actor, form: ChangePasswordForm) -> bool:
    """Change the password as the form says; whether it was done, else the form tells why not."""
    data = form.cleaned_data
    try:
        execute(
            "account.changePassword",
            actor,
            {"oldPassword": data["current"], "newPassword": data["password"]},
        )
    except ApiError as error:
        wrong = error.message == passwords.NO_MATCH
        form.add_error("current" if wrong else "password", "Not right." if wrong else in_words(error))
        return False
    ended = sessions.end_sessions(actor.account_id, keep=actor.access_id) if data["end_others"] else 0
    others = f" {ended} other session{'s' if ended != 1 else ''} ended." if ended else ""
    messages.success(request, f"Your password was changed.{others}")
    return True
