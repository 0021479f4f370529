"""Methods of the second step (spec api-access §5.5). Most come with an `mfaToken` in place of a token."""

from typing import Any

from django.http import HttpResponseBase
from msgspec import UNSET

from accesses import second_step, sessions
from accesses.inputs import CodeGiven, MfaCode, MfaContent, MfaRecovery, MfaStep
from accesses.results import MfaBegun, MfaConfirmed, MfaPassed, Told
from accounts import mfa, passwords
from accounts.models import Account
from accounts.names import account_named
from pryvsite.api.auth import credentials
from pryvsite.api.bodies import whole_body
from pryvsite.api.envelope import answer
from pryvsite.api.execute import call as run_method
from pryvsite.api.http import Call
from pryvsite.api.parse import decode_json
from pryvsite.api.platform import api_endpoint
from pryvsite.api.registry import Wire, endpoint, method
from pryvsite.kernel.actor import Actor, public_actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.errors import (
    ApiUnavailable,
    InvalidCode,
    InvalidCredentials,
    InvalidOperation,
    InvalidTicket,
    MessageNotSent,
    MissingToken,
)
from pryvsite.kernel.inputs import Nothing

STEP_ERRORS = (ApiUnavailable, InvalidTicket, InvalidCode, MessageNotSent)


@method(
    "mfa.activate",
    ("POST", "mfa/activate"),
    input=MfaContent,
    result=MfaBegun,
    errors=(ApiUnavailable, InvalidOperation),
    allow="personal",
    status=302,
    update=True,
)
def activate(actor: Actor, given: MfaContent) -> Wire:
    """Begin to turn a second factor on: a code is sent, or an app's secret told. `confirm` completes it."""
    account = Account.objects.get(id=actor.account_id)
    token, factor = second_step.enrol(account, given.update)
    wire: Wire = {"mfaToken": token}
    if factor.method == "totp":
        wire |= {"secret": factor.content["secret"], "otpauthUrl": mfa.provisioning_uri(account, factor)}
    return wire


@method("mfa.confirm", input=MfaCode, result=MfaConfirmed, errors=STEP_ERRORS, allow="open")
def confirm(actor: Actor, given: MfaCode) -> Wire:
    """Turn the second factor on with a first code; the recovery codes are told once."""
    mfa.check_enabled()
    step = second_step.find(given.mfa_token, actor.account_id, "enrol")
    codes = second_step.confirm(step, given.code)
    announce(step.account_id, Change.ACCOUNT)
    return {"recoveryCodes": codes}


@method("mfa.challenge", input=MfaStep, result=Told, errors=STEP_ERRORS, allow="open")
def challenge(actor: Actor, given: MfaStep) -> Wire:
    """Send the code again."""
    mfa.check_enabled()
    return {"message": second_step.send_again(second_step.find(given.mfa_token, actor.account_id))}


@method("mfa.verify", input=MfaCode, result=MfaPassed, errors=STEP_ERRORS, allow="open")
def verify(actor: Actor, given: MfaCode) -> Wire:
    """Complete a sign-in with its code; the personal token."""
    mfa.check_enabled()
    step = second_step.find(given.mfa_token, actor.account_id, "sign-in")
    session = sessions.complete(step, given.code)
    token = sessions.token_of(session)
    return {"token": token, "apiEndpoint": api_endpoint(session.username, token)}


@method("mfa.deactivate", ("POST", "mfa/deactivate"), result=Told, allow="personal", writes=True)
def deactivate(actor: Actor, _: Nothing) -> Wire:
    """Turn the second factor off."""
    mfa.turn_off(actor.account_id)
    announce(actor.account_id, Change.ACCOUNT)
    return {"message": "Multi-factor authentication is off."}


@method(
    "mfa.recover",
    ("POST", "mfa/recover"),
    input=MfaRecovery,
    result=Told,
    errors=(InvalidCredentials, InvalidOperation, InvalidCode),
    allow="open",
)
def recover(actor: Actor, given: MfaRecovery) -> Wire:
    """Turn the second factor off with the password and a recovery code, which then is used up."""
    account = account_named(given.username)
    if account is None or account.id != actor.account_id:
        passwords.check_nobody(given.username, given.password)
        raise InvalidCredentials
    passwords.check(account, given.password)
    mfa.recover(account, given.recovery_code)
    announce(account.id, Change.ACCOUNT)
    return {"message": "Multi-factor authentication is off."}


def _with_step(call: Call, method_id: str) -> HttpResponseBase:
    """Run a method that is authorised by an `mfaToken`; without one the parameter is missing."""
    try:
        token: Any = credentials(call.request, header=call.header, query=False).token
    except MissingToken:
        token = UNSET
    body = decode_json(whole_body(call.request) or b"{}")
    raw = {**body, "mfaToken": token} if isinstance(body, dict) else body
    if token is UNSET and isinstance(raw, dict):
        del raw["mfaToken"]
    actor = public_actor(call.account_id, call.username)
    return answer(call.request, run_method(method_id, actor, raw))


@endpoint(
    "mfa.confirm", "POST", "mfa/confirm", answers={200: MfaConfirmed}, errors=STEP_ERRORS, body=CodeGiven
)
def confirm_view(call: Call) -> HttpResponseBase:
    """Turn the second factor on with a first code; `Authorization` holds the `mfaToken`."""
    return _with_step(call, "mfa.confirm")


@endpoint("mfa.challenge", "POST", "mfa/challenge", answers={200: Told}, errors=STEP_ERRORS)
def challenge_view(call: Call) -> HttpResponseBase:
    """Send the code again; `Authorization` holds the `mfaToken`."""
    return _with_step(call, "mfa.challenge")


@endpoint("mfa.verify", "POST", "mfa/verify", answers={200: MfaPassed}, errors=STEP_ERRORS, body=CodeGiven)
def verify_view(call: Call) -> HttpResponseBase:
    """Complete a sign-in with its code; `Authorization` holds the `mfaToken`."""
    return _with_step(call, "mfa.verify")
