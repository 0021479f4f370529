"""The second step of signing in, and of enrolling a second factor (spec api-access §5.5).

A step is known by its `mfaToken`. It ends when its code is given, with too many wrong codes, or in time;
of several who give the right code at once, one succeeds. Codes travel outside of transactions, since a
message service may be slow.
"""

from collections.abc import Mapping
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accesses.models import SecondStep
from accounts import limits, mfa
from accounts.mfa import Factor
from accounts.models import Account
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ApiError, InvalidTicket
from pryvsite.kernel.ids import new_key
from pryvsite.tokens import digest

MOST_FAILURES = 5  # wrong codes of one step

Purpose = Literal["sign-in", "enrol"]


class SecondStepNeeded(ApiError):
    """The password is right; a code is asked for next. `token` names the step, `method` the kind of code."""

    id, status, text = "invalid-operation", 400, "Enter the code of your second step."

    def __init__(self, token: str, method: str) -> None:
        super().__init__()
        self.token, self.method = token, method


def check_signed_in(account: Account, app_id: str) -> None:
    """Whether the password is enough. Raises SecondStepNeeded, MessageNotSent."""
    stored = mfa.factor_of(account.id)
    if stored is not None:
        factor = Factor.unsealed(stored.method, stored.sealed)
        raise SecondStepNeeded(_begin(account.id, "sign-in", factor, app_id), factor.method)


def enrol(account: Account, content: Mapping[str, Any]) -> tuple[str, Factor]:
    """Begin to turn a second factor on; the step's token and the factor.

    Raises ApiUnavailable, InvalidParameters, MessageNotSent.
    """
    mfa.check_enabled()
    factor = mfa.new_factor(content)
    return _begin(account.id, "enrol", factor), factor


def _begin(account_id: int, purpose: Purpose, factor: Factor, app_id: str = "") -> str:
    code_digest = _send(account_id, factor)
    token = new_key(32)
    SecondStep.objects.filter(expires__lte=now()).delete()
    SecondStep.objects.create(
        digest=digest(token),
        account_id=account_id,
        purpose=purpose,
        app_id=app_id,
        method=factor.method,
        sealed=factor.sealed(),
        code_digest=code_digest,
        expires=now() + settings.MFA_MAX_AGE,
    )
    return token


def _send(account_id: int, factor: Factor) -> str:
    if factor.method == "message":
        limits.take("CODES_ACCOUNT", account_id)
    return factor.challenge()


def find(token: str, account_id: int | None = None, purpose: Purpose | None = None) -> SecondStep:
    """A step that waits (of this account, of this kind). Raises InvalidTicket."""
    rows = SecondStep.objects.filter(digest=digest(token), expires__gt=now(), failures__lt=MOST_FAILURES)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    if purpose is not None:
        rows = rows.filter(purpose=purpose)
    step = rows.select_related("account").first()
    if step is None:
        limits.wrong("LINKS", account_id or 0)
        raise InvalidTicket("This sign-in is unknown or too old; sign in again.")
    return step


def _factor(step: SecondStep) -> Factor:
    return Factor.unsealed(step.method, step.sealed)


def send_again(step: SecondStep) -> str:
    """Send a new code, which replaces the one before; what to tell. Raises MessageNotSent."""
    if step.method == "totp":
        return "Enter the code that your authenticator app shows."
    code_digest = _send(step.account_id, _factor(step))
    SecondStep.objects.filter(digest=step.digest).update(code_digest=code_digest)
    return "A new code was sent."


def confirm(step: SecondStep, code: str) -> list[str]:
    """Turn the factor of an enrolment on; the recovery codes. Raises InvalidCode, InvalidTicket."""
    time_step = _check(step, code, 0)
    with transaction.atomic(durable=True):
        _finish(step)
        factor = _factor(step)
        return mfa.turn_on(step.account_id, factor, time_step)


def complete(step: SecondStep, code: str) -> Account:
    """Let a sign-in pass; the account to open a session of. Raises InvalidCode, InvalidTicket."""
    stored = mfa.factor_of(step.account_id)
    if stored is None or Factor.unsealed(stored.method, stored.sealed) != _factor(step):
        raise InvalidTicket("The second step was changed meanwhile; sign in again.")
    time_step = _check(step, code, stored.last_step)
    with transaction.atomic(durable=True):
        _finish(step)
        mfa.spend_step(step.account_id, time_step)
    return step.account


def _check(step: SecondStep, code: str, last_step: int) -> int:
    """The time step of a right code. A wrong one is counted before it is refused. Raises InvalidCode."""
    counted = SecondStep.objects.filter(digest=step.digest, failures__lt=MOST_FAILURES)
    if not counted.update(failures=F("failures") + 1):
        raise InvalidTicket
    with limits.guess("MFA", step.account_id):
        return _factor(step).fits(code, step.code_digest, last_step)


def _finish(step: SecondStep) -> None:
    if not SecondStep.objects.filter(digest=step.digest, expires__gt=now()).delete()[0]:
        raise InvalidTicket("This sign-in was finished already.")
