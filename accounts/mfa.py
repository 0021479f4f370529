"""Second factors: codes of an app (TOTP), or of a message service; recovery codes (spec api-access §5.5)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import uuid4

import msgspec
import pyotp
from django.conf import settings
from django.db import transaction

from accounts import limits, messages
from accounts.models import Account, RecoveryCode, SecondFactor
from pryvsite.api.platform import platform_name
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import (
    ApiUnavailable,
    InvalidCode,
    InvalidOperation,
    InvalidParameters,
    MessageNotSent,
)
from pryvsite.tokens import digest, seal, unseal

STEP = 30  # seconds that a code of an app is shown
DRIFT = 1  # steps that a clock may be off
RECOVERY_CODES = 10
MOST_CONTENT = 4096  # bytes of what an account gives for the message service

Method = Literal["totp", "message"]


@dataclass(frozen=True)
class Factor:
    """A way to make sure that somebody is the owner."""

    method: Method
    content: Mapping[str, Any]  # TOTP: {"secret"}; message: what the service needs

    def sealed(self) -> str:
        """The content for storage."""
        return seal(msgspec.json.encode(self.content).decode())

    @classmethod
    def unsealed(cls, method: str, sealed: str) -> "Factor":
        """A stored factor."""
        return cls(cast("Method", method), msgspec.json.decode(unseal(sealed)))

    def challenge(self) -> str:
        """Send a code where the method needs it; the code's digest if this server made it.

        Raises MessageNotSent.
        """
        if self.method == "totp":
            return ""
        if settings.MFA_MODE != "single":
            _send("challenge", self.content)
            return ""
        code = f"{secrets.randbelow(10_000):04}"
        _send("single", {**self.content, "code": code})
        return digest(f"code:{code}")

    def fits(self, code: str, code_digest: str, last_step: int = 0) -> int:
        """Check a code; the time step of an app's code, else 0. Raises InvalidCode, MessageNotSent."""
        given = "".join(code.split())
        if self.method == "totp":
            return _time_step(self.content["secret"], given, last_step)
        if settings.MFA_MODE == "single":
            # Without a code that was sent nothing fits.
            if not code_digest or not secrets.compare_digest(code_digest, digest(f"code:{given}")):
                raise InvalidCode
        elif messages.send("verify", {**self.content, "code": given}) >= 300:
            raise InvalidCode
        return 0


def _send(name: str, values: Mapping[str, Any]) -> None:
    if messages.send(name, values) >= 300:
        raise MessageNotSent


def _time_step(secret: str, code: str, last_step: int) -> int:
    """The step of a code that is valid now and newer than the one used last. Raises InvalidCode."""
    present = int(now()) // STEP
    totp = pyotp.TOTP(secret)
    fitting = [
        step
        for step in range(present - DRIFT, present + DRIFT + 1)
        if secrets.compare_digest(totp.generate_otp(step).encode(), code.encode())
    ]
    if not fitting or fitting[-1] <= last_step:
        raise InvalidCode
    return fitting[-1]


def check_enabled() -> None:
    """Raises ApiUnavailable where the operator wants no second factors."""
    if settings.MFA_MODE == "disabled":
        raise ApiUnavailable("Multi-factor authentication is not available on this platform.")


def new_factor(content: Mapping[str, Any]) -> Factor:
    """A factor to be confirmed, as asked for by what the account gave. Raises InvalidParameters.

    Apps that make codes (`method: totp`) need no message service, so they are always possible.
    """
    if len(msgspec.json.encode(content)) > MOST_CONTENT:
        raise InvalidParameters("This is too much.", [_entry("MAX_LENGTH", "At most 4096 bytes.")])
    if settings.MFA_MODE == "totp" or content.get("method") == "totp":
        return Factor("totp", {"secret": pyotp.random_base32()})
    if not content:
        raise InvalidParameters(data=[_entry("OBJECT_MISSING_REQUIRED_PROPERTY", "Say where codes go.")])
    return Factor("message", content)


def _entry(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "params": [], "path": "#/"}


def provisioning_uri(account: Account, factor: Factor) -> str:
    """What an app reads from the QR picture."""
    totp = pyotp.TOTP(str(factor.content["secret"]))
    return totp.provisioning_uri(name=account.username, issuer_name=platform_name())


def factor_of(account_id: int) -> SecondFactor | None:
    """The account's factor, if one is on."""
    if settings.MFA_MODE == "disabled":
        return None
    return SecondFactor.objects.filter(account_id=account_id).first()


def second_step_state(account_id: int) -> str:
    """`on`, `off`, or nothing where the operator offers no second step."""
    if settings.MFA_MODE == "disabled":
        return ""
    return "on" if factor_of(account_id) else "off"


def turn_on(account_id: int, factor: Factor, last_step: int) -> list[str]:
    """Make a confirmed factor the account's; its new recovery codes. Inside a transaction."""
    SecondFactor.objects.update_or_create(
        account_id=account_id,
        defaults={
            "method": factor.method,
            "sealed": factor.sealed(),
            "last_step": last_step,
            "created": now(),
        },
    )
    return renew_recovery_codes(account_id)


def renew_recovery_codes(account_id: int) -> list[str]:
    """Fresh recovery codes; earlier ones are worthless. Inside a transaction."""
    codes = [str(uuid4()) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(account_id=account_id).delete()
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(digest=_recovery_digest(account_id, code), account_id=account_id) for code in codes]
    )
    return codes


def recovery_codes_left(account_id: int) -> int:
    """How many recovery codes are unused."""
    return RecoveryCode.objects.filter(account_id=account_id).count()


def spend_step(account_id: int, step: int) -> None:
    """Note the step of an app's code; of two uses of one code, one succeeds. Raises InvalidCode."""
    rows = SecondFactor.objects.filter(account_id=account_id, last_step__lt=step)
    if step and not rows.update(last_step=step):
        raise InvalidCode


def turn_off(account_id: int) -> bool:
    """Take the factor and its recovery codes away; whether there was one."""
    RecoveryCode.objects.filter(account_id=account_id).delete()
    return bool(SecondFactor.objects.filter(account_id=account_id).delete()[0])


def recover(account: Account, code: str) -> None:
    """Turn the second factor off by a recovery code.

    Raises InvalidOperation, InvalidCode, TooManyRequests.
    """
    with limits.guess("MFA", account.id), transaction.atomic(durable=True):
        Account.objects.select_for_update().get(id=account.id)
        if not SecondFactor.objects.filter(account_id=account.id).exists():
            raise InvalidOperation("Multi-factor authentication is not active.")
        rows = RecoveryCode.objects.filter(digest=_recovery_digest(account.id, code.strip().lower()))
        if not rows.delete()[0]:
            raise InvalidCode
        turn_off(account.id)


def _recovery_digest(account_id: int, code: str) -> str:
    return digest(f"recovery:{account_id}:{code}")
