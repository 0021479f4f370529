"""Looking through all data for what does not fit: one command, checks of every app."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import Account, EmailAddress, Username


@dataclass(frozen=True)
class Fault:
    """Something that does not fit."""

    where: str
    what: str


Check = Callable[[], Iterator[Fault | None]]  # None: one thing looked at, and fine
_checks: dict[str, Check] = {}


def register_check(name: str, check: Check) -> None:
    """Add a check."""
    _checks[name] = check


def run_all() -> Iterator[tuple[str, int, list[Fault]]]:
    """Each check: its name, how many things were looked at, and what does not fit."""
    for name, check in {"accounts": check_accounts, **_checks}.items():
        looked, faults = 0, []
        for found in check():
            looked += 1
            if found is not None:
                faults.append(found)
        yield name, looked, faults


def check_accounts() -> Iterator[Fault | None]:
    """Every account has its name and, if any, its address as its own."""
    names = Username.objects.filter(account_id=OuterRef("id"), name=OuterRef("username"))
    addresses = EmailAddress.objects.filter(account_id=OuterRef("id"), value=OuterRef("email"))
    rows = Account.objects.filter(deleted=None).annotate(named=Exists(names), owned=Exists(addresses))
    for account in rows.iterator():
        if not account.named:
            yield Fault(account.username, "the username has no entry")
        elif account.email and not account.owned:
            yield Fault(account.username, "the primary address has no entry")
        else:
            yield None
