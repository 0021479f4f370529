"""Secrets that are mailed and work once (spec api-access §2.9, §2.10). Only their digests are stored."""

from typing import Literal

from accounts.models import Account, Ticket
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidTicket
from pryvsite.kernel.ids import new_key
from pryvsite.tokens import digest

Purpose = Literal["reset", "email"]


def issue(purpose: Purpose, account_id: int | None, age: int, subject: str = "") -> str:
    """A new secret for `age` seconds. Earlier ones stay good: else a stranger who goes on asking for
    links would make each worthless before its owner gets to it."""
    Ticket.objects.filter(expires__lte=now()).delete()
    secret = new_key(32)
    Ticket.objects.create(
        digest=_digest(purpose, secret),
        account_id=account_id,
        purpose=purpose,
        subject=subject,
        expires=now() + age,
    )
    return secret


def find(purpose: Purpose, secret: str, account_id: int | None = None) -> Ticket:
    """The ticket of a secret that would work now (for this account). Raises InvalidTicket."""
    rows = Ticket.objects.filter(digest=_digest(purpose, secret), expires__gt=now())
    rows = rows.exclude(account=None) if account_id is None else rows.filter(account_id=account_id)
    found = rows.first()
    if found is None:
        raise InvalidTicket(_words(purpose))
    return found


def use(ticket: Ticket) -> None:
    """Spend a ticket; of several who try, one succeeds. Inside a transaction. Raises InvalidTicket."""
    if not Ticket.objects.filter(digest=ticket.digest, expires__gt=now()).delete()[0]:
        raise InvalidTicket(_words(ticket.purpose))


def account_of(ticket: Ticket) -> Account:
    """Whose ticket it is. Raises InvalidTicket."""
    account = Account.objects.filter(ticket=ticket).first()
    if account is None:
        raise InvalidTicket(_words(ticket.purpose))
    return account


def withdraw(purpose: Purpose, account_id: int | None, subject: str = "") -> None:
    """Make earlier secrets worthless."""
    rows = Ticket.objects.filter(purpose=purpose, subject=subject)
    rows = rows.filter(account=None) if account_id is None else rows.filter(account_id=account_id)
    rows.delete()


def _digest(purpose: str, secret: str) -> str:
    return digest(f"{purpose}:{secret}")


def _words(purpose: str) -> str:
    what = "reset" if purpose == "reset" else "verification"
    return f"The {what} token is invalid or expired."
