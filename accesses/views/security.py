"""Password, second step and sessions (ui §1.10)."""

from datetime import tzinfo
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase, HttpResponseRedirect

from accesses import sessions
from accesses.forms import ChangePasswordForm, CodeForm
from accesses.listing import Row, rows_of
from accesses.views.common import qr_picture
from accesses.views.owner import owner_page, page, stepped_up
from accesses.views.password import change_by
from accounts import mfa
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import ApiError
from pryvsite.tokens import seal, unseal
from pryvsite.web.requests import WebRequest
from pryvsite.web.zone import zone_of
from streams.tree import load_tree

TEMPLATE = "accesses/account_security.html"
HERE = "/account/security"
ENROLMENT = "enrolment"  # of a browser: the sealed step, secret and address of a factor to be turned on


@owner_page
def security(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """The page and all its forms."""
    if request.method == "POST":
        act = ACTIONS.get(request.POST.get("action", ""))
        if act is not None:
            return act(request, actor)
    return _show(request, actor, {})


def _show(request: WebRequest, actor: Actor, context: dict[str, Any], status: int = 200) -> HttpResponseBase:
    factor = mfa.factor_of(actor.account_id)
    shown = {
        "form": ChangePasswordForm(),
        "code": CodeForm(),
        "available": settings.MFA_MODE != "disabled",
        "by_message": settings.MFA_MODE in ("single", "challenge-verify"),
        "factor": factor,
        "codes_left": mfa.recovery_codes_left(actor.account_id) if factor else 0,
        "enrolment": _enrolment(request),
        "sessions": _sessions(actor, zone_of(request)),
        "zone": zone_of(request),
        **context,
    }
    return page(request, TEMPLATE, "security", shown, status)


def _enrolment(request: WebRequest) -> dict[str, Any] | None:
    """A factor that waits for its first code: by app with QR picture and key, or by message."""
    sealed = request.session.get(ENROLMENT)
    if not sealed:
        return None
    _, secret, address = unseal(sealed).split("\n")
    grouped = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return {"key": grouped, "address": address, "picture": qr_picture(address) if address else None}


def _sessions(actor: Actor, zone: tzinfo) -> list[dict[str, Any]]:
    """Where the owner is signed in, this place first."""
    wires = execute("accesses.get", actor, {})["accesses"]
    personal = [wire for wire in wires if wire["type"] == "personal"]
    live = sessions.live_ids(actor.account_id)
    rows = [row for row in rows_of(actor.account_id, personal, load_tree(actor.account_id)) if row.id in live]
    told = [{"row": row, "here": row.id == actor.access_id, "place": _place(row, live)} for row in rows]
    return sorted(told, key=lambda one: (not one["here"], -one["row"].last_used))


def _place(row: Row, devices: dict[str, str]) -> str:
    """A browser by its name, an app by its id."""
    device = devices[row.id]
    return device.rpartition(" ")[0] if device else str(row.wire["name"])


def _change_password(request: WebRequest, actor: Actor) -> HttpResponseBase:
    form = ChangePasswordForm(request.POST)
    if form.is_valid() and change_by(request, actor, form):
        return HttpResponseRedirect(HERE, status=303)
    return _show(request, actor, {"form": form}, 422)


def _begin(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Step 1 of turning on: the method; a phone number where codes come by message."""
    phone = request.POST.get("phone", "").strip()
    content = {"phone": phone} if phone else {"method": "totp"}
    problem = stepped_up(request, actor)
    if problem:
        return _show(request, actor, {"step_up_problem": problem}, 422)
    try:
        begun = execute("mfa.activate", actor, {"update": content})
    except ApiError as error:
        return _show(request, actor, {"begin_problem": error.message}, 422)
    kept = (begun["mfaToken"], begun.get("secret", ""), begun.get("otpauthUrl", ""))
    request.session[ENROLMENT] = seal("\n".join(kept))
    return HttpResponseRedirect(HERE, status=303)


def _confirm(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """Step 2: the first code turns it on; step 3 shows the recovery codes, once."""
    sealed = request.session.get(ENROLMENT)
    form = CodeForm(request.POST)
    if not sealed:
        return HttpResponseRedirect(HERE, status=303)
    if not form.is_valid():
        return _show(request, actor, {"code": form}, 422)
    token = unseal(sealed).partition("\n")[0]
    try:
        done = execute("mfa.confirm", actor, {"mfaToken": token, "code": form.cleaned_data["code"]})
    except ApiError as error:
        if error.id == "invalid-access-token":
            request.session.pop(ENROLMENT)
            return _show(request, actor, {"begin_problem": error.message}, 422)
        form.add_error("code", f"{error.message} Check the clock of your phone.")
        return _show(request, actor, {"code": form}, 422)
    request.session.pop(ENROLMENT)
    return _show(request, actor, {"new_codes": done["recoveryCodes"]})


def _cancel(request: WebRequest, actor: Actor) -> HttpResponseBase:
    request.session.pop(ENROLMENT, None)
    return HttpResponseRedirect(HERE, status=303)


def _turn_off(request: WebRequest, actor: Actor) -> HttpResponseBase:
    problem = stepped_up(request, actor)
    if problem:
        return _show(request, actor, {"step_up_problem": problem}, 422)
    execute("mfa.deactivate", actor, {})
    messages.success(request, "The second step is off.")
    return HttpResponseRedirect(HERE, status=303)


def _renew_codes(request: WebRequest, actor: Actor) -> HttpResponseBase:
    problem = stepped_up(request, actor)
    if problem:
        return _show(request, actor, {"step_up_problem": problem}, 422)
    if mfa.factor_of(actor.account_id) is None:
        return HttpResponseRedirect(HERE, status=303)
    with transaction.atomic(durable=True):
        codes = mfa.renew_recovery_codes(actor.account_id)
    return _show(request, actor, {"new_codes": codes})


def _end(request: WebRequest, actor: Actor) -> HttpResponseBase:
    """End one session; one's own signs out."""
    target = request.POST.get("session", "")
    if target == actor.access_id:
        sessions.sign_out(request.session, actor)
        return HttpResponseRedirect("/signin?signed-out=1", status=303)
    if target in sessions.live_ids(actor.account_id):
        sessions.end_session(actor.account_id, target)
        messages.success(request, "That session ended.")
    return HttpResponseRedirect(HERE, status=303)


def _end_others(request: WebRequest, actor: Actor) -> HttpResponseBase:
    ended = sessions.end_sessions(actor.account_id, keep=actor.access_id)
    messages.success(request, f"{ended} other session{'s' if ended != 1 else ''} ended.")
    return HttpResponseRedirect(HERE, status=303)


ACTIONS = {
    "password": _change_password,
    "mfa-begin": _begin,
    "mfa-confirm": _confirm,
    "mfa-cancel": _cancel,
    "mfa-off": _turn_off,
    "mfa-codes": _renew_codes,
    "end": _end,
    "end-others": _end_others,
}
