"""Passwords: rules, change, reset (spec api-access §2.9).

Hashing takes long on purpose, so it happens before transactions, which are to be short; inside, the
row is locked and compared, so that of two changes at once one counts.
"""

from collections.abc import Sequence
from contextlib import suppress

from django.conf import settings
from django.contrib.auth import hashers
from django.db import transaction

from accounts import limits, mail, tickets
from accounts.models import Account, PastPassword, Ticket
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidCredentials, InvalidOperation, InvalidParameters, InvalidTicket

DAY = 86400
NO_MATCH = "The given password does not match."
CATEGORIES = ("lowercase letters", "uppercase letters", "digits", "other characters")


class PasswordExpired(InvalidCredentials):
    """The password is right, and too old to sign in with; `data.expiredTime` tells since when."""

    text = "The password expired; set a new one."

    def __init__(self, expired: float) -> None:
        super().__init__(data={"expiredTime": expired})
        self.expired = expired


def check(account: Account, password: str) -> None:
    """Raises InvalidCredentials for a wrong password, TooManyRequests after many; renews an outdated hash."""

    def renew(raw: str) -> None:
        renewed = hashers.make_password(raw)
        if Account.objects.filter(id=account.id, password=account.password).update(password=renewed):
            account.password = renewed

    with limits.guess("SIGN_IN", account.id):
        if not hashers.check_password(password, account.password, setter=renew):
            raise InvalidCredentials


def check_nobody(login: str, password: str) -> None:
    """What `check` costs for an account that doesn't exist: as long, and limited in the same way, so that
    neither tells whether one exists. Raises TooManyRequests; the caller refuses."""
    with suppress(InvalidCredentials), limits.guess("SIGN_IN", 0, login.strip().lower()):
        hashers.make_password(password)
        raise InvalidCredentials


def complexity_problems(password: str) -> list[str]:
    """Which of the operator's rules a password breaks, as sentences."""
    problems = []
    if len(password) < settings.PASSWORD_MIN_LENGTH:
        problems.append(
            f"The password must be at least {settings.PASSWORD_MIN_LENGTH} characters long, "
            f"{len(password)} so far."
        )
    missing = _missing_categories(password)
    if len(CATEGORIES) - len(missing) < settings.PASSWORD_MIN_CATEGORIES:
        problems.append(
            f"The password needs at least {settings.PASSWORD_MIN_CATEGORIES} kinds of characters; "
            f"missing: {', '.join(missing)}."
        )
    return problems


def _missing_categories(password: str) -> list[str]:
    present = (
        any(c.islower() for c in password),
        any(c.isupper() for c in password),
        any(c.isdigit() for c in password),
        any(not (c.islower() or c.isupper() or c.isdigit()) for c in password),
    )
    return [name for name, found in zip(CATEGORIES, present, strict=True) if not found]


def check_complexity(password: str) -> None:
    """Raises InvalidParameters with the broken rules."""
    problems = complexity_problems(password)
    if problems:
        raise InvalidParameters(problems[0], problems)


def check_new(account: Account, password: str) -> None:
    """Whether an account may take this password now: age, complexity, history, in this order.

    Raises InvalidOperation, InvalidParameters.
    """
    earliest = can_change_at(account)
    if earliest is not None and earliest > now():
        days = int((now() - account.password_changed) // DAY)
        raise InvalidOperation(
            f"The password was changed {days} days ago; it can be changed again "
            f"{settings.PASSWORD_MIN_AGE_DAYS} days after that.",
            {"canBeChangedAt": earliest},
        )
    check_complexity(password)
    if any(hashers.check_password(password, used) for used in _used(account)):
        raise InvalidOperation(
            f"This password was used before; the last {settings.PASSWORD_HISTORY} can't be used again."
        )


def _used(account: Account) -> Sequence[str]:
    if not settings.PASSWORD_HISTORY:
        return ()
    past = PastPassword.objects.filter(account_id=account.id).order_by("-replaced", "-id")
    return [account.password, *past.values_list("hash", flat=True)[: settings.PASSWORD_HISTORY - 1]]


def expires_at(account: Account) -> float | None:
    """When the password gets too old, or None."""
    days = settings.PASSWORD_MAX_AGE_DAYS
    return account.password_changed + days * DAY if days else None


def can_change_at(account: Account) -> float | None:
    """From when on the password may be changed, or None where there is no such rule."""
    days = settings.PASSWORD_MIN_AGE_DAYS
    return account.password_changed + days * DAY if days else None


def check_age(account: Account) -> None:
    """Raises PasswordExpired when the password is too old to sign in with."""
    expiry = expires_at(account)
    if expiry is not None and expiry <= now():
        raise PasswordExpired(expiry)


def change(account: Account, old: str, new: str) -> None:
    """Replace a password that is known. Raises InvalidOperation, InvalidParameters."""
    try:
        check(account, old)
    except InvalidCredentials:
        raise InvalidOperation(NO_MATCH) from None
    check_new(account, new)
    hashed = hashers.make_password(new)
    with transaction.atomic(durable=True):
        if not _replace(account, hashed):
            raise InvalidOperation(NO_MATCH)
    mail.send_password_changed(account)


def request_reset(account: Account | None, login: str = "") -> None:
    """Mail a link to set a new password. For no account (of this login), or one without address, the same
    work is done but the mail. Raises TooManyRequests."""
    limits.take_from_address("RESET")
    limits.take("RESET_ACCOUNT", account.id if account else f"nobody:{login.strip().lower()}")
    secret = tickets.issue("reset", account.id if account else None, settings.PASSWORD_RESET_MAX_AGE)
    mail.send_password_reset(account, secret)


def renewal_secret(account: Account, age: int) -> str:
    """A secret that sets a new password, for an owner who proved to know the one that expired."""
    return tickets.issue("reset", account.id, age)


def is_present(account: Account, password: str) -> bool:
    """Whether a password is the one that an account has now."""
    return hashers.check_password(password, account.password)


def account_of_reset(secret: str) -> Account:
    """Whose password a secret may reset. Raises InvalidTicket."""
    return tickets.account_of(_find(secret))


def _find(secret: str, account_id: int | None = None) -> Ticket:
    try:
        return tickets.find("reset", secret, account_id)
    except InvalidTicket:
        limits.wrong("LINKS", account_id or 0)
        raise


def reset(secret: str, new: str, account_id: int | None = None) -> Account:
    """Set a new password by a mailed secret (of this account). The secret is spent on success only.

    Raises InvalidTicket, InvalidOperation, InvalidParameters.
    """
    ticket = _find(secret, account_id)
    account = tickets.account_of(ticket)
    check_new(account, new)
    hashed = hashers.make_password(new)
    with transaction.atomic(durable=True):
        tickets.use(ticket)
        if not _replace(account, hashed):
            raise InvalidTicket
    mail.send_password_changed(account)
    return account


def _replace(account: Account, hashed: str) -> bool:
    """Store a new hash and remember the old one; whether the account's password was still the old one."""
    current = Account.objects.select_for_update().get(id=account.id)
    if current.password != account.password:
        return False
    moment = now()
    if settings.PASSWORD_HISTORY:
        PastPassword.objects.create(account_id=account.id, hash=current.password, replaced=moment)
    kept = PastPassword.objects.filter(account_id=account.id).order_by("-replaced", "-id")
    surplus = kept.values_list("id", flat=True)[max(settings.PASSWORD_HISTORY - 1, 0) :]
    PastPassword.objects.filter(id__in=list(surplus)).delete()
    account.password, account.password_changed = hashed, moment
    Account.objects.filter(id=account.id).update(password=hashed, password_changed=moment)
    tickets.withdraw("reset", account.id)
    return True
