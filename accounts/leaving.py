"""Owners who delete their account: some days of grace in which they may change their mind (ui §1.13, §9)."""

from contextlib import suppress

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner

from accounts import mail
from accounts.deletion import delete_account
from accounts.models import Account, Leaving
from pryvsite.kernel.clock import now

DAY = 86400
SALT = "stay"


def may_leave() -> bool:
    """Whether owners may delete their accounts on the pages."""
    return settings.ACCOUNT_DELETION_GRACE_DAYS is not None


def leaving_of(account_id: int) -> Leaving | None:
    """That, and when, an account will be deleted; None where it stays."""
    return Leaving.objects.filter(account_id=account_id).first()


def leave(account: Account) -> float | None:
    """Delete the account after the days of grace; when (Unix seconds), or None where it is gone at once."""
    days = settings.ACCOUNT_DELETION_GRACE_DAYS or 0
    if not days:
        delete_account(account.id)
        return None
    moment = now()
    found, made = Leaving.objects.get_or_create(
        account_id=account.id, defaults={"asked": moment, "due": moment + days * DAY}
    )
    if made:
        mail.send_leaving(account, found.due, TimestampSigner(salt=SALT).sign(str(account.id)))
    return found.due


def stay(account_id: int) -> bool:
    """Keep the account after all; whether it was about to go."""
    return bool(Leaving.objects.filter(account_id=account_id).delete()[0])


def account_of(secret: str) -> int | None:
    """Whose account the secret of the mail keeps, or None where it is wrong or too old."""
    days = settings.ACCOUNT_DELETION_GRACE_DAYS or 0
    try:
        return int(TimestampSigner(salt=SALT).unsign(secret, max_age=(days + 1) * DAY))
    except (BadSignature, ValueError):
        return None


def sweep() -> int:
    """Delete the accounts whose time is over; their number."""
    due = list(Leaving.objects.filter(due__lte=now()).values_list("account_id", flat=True))
    for account_id in due:
        with suppress(Account.DoesNotExist):  # another process was faster
            delete_account(account_id)
    return len(due)
