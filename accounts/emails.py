"""The e-mail addresses of an account (spec api-access §2.10). None is needed; one of them is primary.

Nobody else can take an address that somebody has or claims. The account's row is locked before its
addresses change, which keeps their number and the primary one right.
"""

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import limits, mail, tickets
from accounts.inputs import EmailChanges
from accounts.models import Account, EmailAddress, Ticket
from accounts.rules import email_violation
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidOperation, InvalidParameters, InvalidTicket, ItemAlreadyExists


def normal_email(typed: str) -> str:
    """The form in which addresses are stored and compared: trimmed, lower case."""
    return typed.strip().lower()


def email_taken(email: str) -> bool:
    """Whether an account has or claims this address."""
    return EmailAddress.objects.filter(value=normal_email(email)).exists()


def owner_of(email: str) -> Account | None:
    """The account of an address that is proved to be its own."""
    rows = Account.objects.filter(addresses__value=normal_email(email), addresses__verified=True)
    return rows.first()


def addresses_of(account: Account) -> list[EmailAddress]:
    """The primary address, then the others as they came."""
    rows = EmailAddress.objects.filter(account_id=account.id).order_by("created", "value")
    return sorted(rows, key=lambda address: address.value != account.email)


def claim(account: Account, value: str, *, method: str = "") -> EmailAddress:
    """Take an address for an account; `method` tells how it was verified, if it was.

    Raises ItemAlreadyExists.
    """
    address = EmailAddress(
        value=value, account_id=account.id, verified=bool(method), method=method, created=now()
    )
    try:
        with transaction.atomic():
            address.save(force_insert=True)
    except IntegrityError:
        raise ItemAlreadyExists("user", {"email": value}) from None
    return address


def change_emails(account: Account, changes: EmailChanges, author: str) -> None:
    """Add, set primary, remove, resend: in this order, all or nothing; on a locked account.

    Raises ItemAlreadyExists, InvalidOperation, InvalidParameters.
    """
    for typed in changes.add:
        _add(account, _checked(typed, "add"))
    if changes.set_primary is not None:
        _set_primary(account, normal_email(changes.set_primary), author)
    for typed in changes.remove:
        _remove(account, normal_email(typed))
    for typed in changes.resend:
        _resend(account, normal_email(typed))


def _checked(typed: str, param: str) -> str:
    wrong = email_violation(typed)
    value = normal_email(typed)
    if wrong or not value:
        message = str(wrong["message"]) if wrong else "An address is needed."
        entry = {"code": "email-invalid", "message": message, "path": f"#/emails/{param}", "param": "email"}
        raise InvalidParameters(message, [entry])
    return value


def _own(account: Account, value: str) -> EmailAddress:
    found = EmailAddress.objects.filter(account_id=account.id, value=value).first()
    if found is None:
        raise InvalidOperation("This address is not one of the account's.", {"email": value})
    return found


def _add(account: Account, value: str) -> None:
    own = EmailAddress.objects.filter(account_id=account.id)
    if own.filter(value=value).exists():
        raise InvalidOperation("This address is one of the account's already.", {"email": value})
    _check_room(account)
    _send_link(account, claim(account, value))


def _check_room(account: Account) -> None:
    if EmailAddress.objects.filter(account_id=account.id).count() >= settings.MAX_EMAILS:
        raise InvalidOperation(
            f"An account has {settings.MAX_EMAILS} addresses at most; remove one first.",
            {"maxEmails": settings.MAX_EMAILS},
        )


def _set_primary(account: Account, value: str, author: str) -> None:
    if not _own(account, value).verified:
        raise InvalidOperation("Only a verified address can be the primary one.", {"email": value})
    _make_primary(account, value, author)


def _make_primary(account: Account, value: str | None, author: str) -> None:
    former = account.email
    if former and value and former != value:
        transaction.on_commit(lambda: mail.send_email_changed(account, former), robust=True)
    account.email = value
    account.field_changes = {**account.field_changes, "email": [now(), author]}
    account.save(update_fields=["email", "field_changes"])


def _remove(account: Account, value: str) -> None:
    address = _own(account, value)
    if value == account.email:
        raise InvalidOperation("The primary address can't be removed.", {"email": value})
    address.delete()
    tickets.withdraw("email", account.id, value)


def _resend(account: Account, value: str) -> None:
    address = _own(account, value)
    if address.verified:
        raise InvalidOperation("This address is verified already.", {"email": value})
    left = address.mailed + settings.EMAIL_RESEND_COOLDOWN - now()
    if left > 0:
        raise InvalidOperation(
            "A mail was sent moments ago; wait before asking for another one.",
            {"email": value, "retryAfterSeconds": max(1, round(left))},
        )
    _send_link(account, address)


def _send_link(account: Account, address: EmailAddress) -> None:
    limits.take("CONFIRM_ACCOUNT", account.id)
    limits.take("CONFIRM_MAILBOX", address.value)
    tickets.withdraw("email", account.id, address.value)
    secret = tickets.issue("email", account.id, settings.EMAIL_VERIFICATION_MAX_AGE, address.value)
    EmailAddress.objects.filter(value=address.value).update(mailed=now())
    transaction.on_commit(lambda: mail.send_verification(account, address.value, secret), robust=True)


def set_email(account: Account, typed: str, author: str, *, method: str = "legacy") -> None:
    """Set the primary address at once, as old clients and operators do; the former one stays. On a locked
    account; `method` tells whose word it is that verifies the address.

    Raises ItemAlreadyExists, InvalidOperation.
    """
    value = normal_email(typed)
    own = EmailAddress.objects.filter(account_id=account.id, value=value).first()
    if own is None:
        _check_room(account)
        claim(account, value, method=method)
    elif not own.verified:
        EmailAddress.objects.filter(value=value).update(verified=True, method=method)
        tickets.withdraw("email", account.id, value)
    _make_primary(account, value, author)


def release(account: Account, typed: str, author: str) -> None:
    """Take an address from an account, if it is its own, the primary one too; links that were mailed there
    end. On a locked account."""
    value = normal_email(typed)
    if not EmailAddress.objects.filter(account_id=account.id, value=value).delete()[0]:
        return
    tickets.withdraw("email", account.id, value)
    if value == account.email:
        tickets.withdraw("reset", account.id)
        _make_primary(account, None, author)


def verify(secret: str, account_id: int | None = None) -> tuple[int, str]:
    """Prove an address by a mailed secret; (account id, address).

    An account without primary address gets this one. Raises InvalidTicket, TooManyRequests.
    """
    try:
        ticket = tickets.find("email", secret, account_id)
    except InvalidTicket:
        limits.wrong("LINKS", account_id or 0)
        raise
    with transaction.atomic(durable=True):
        return _verify(ticket)


def _verify(ticket: Ticket) -> tuple[int, str]:
    account = Account.objects.select_for_update().get(id=tickets.account_of(ticket).id)
    tickets.use(ticket)
    moment = now()
    EmailAddress.objects.filter(account_id=account.id, value=ticket.subject).update(
        verified=True, verified_at=moment, method="email-link"
    )
    if account.email is None:
        _make_primary(account, ticket.subject, "system")
    return account.id, ticket.subject
