"""Accounts: find, create, read, change (spec api-access §2)."""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import emails, invitations, names, rules
from accounts.emails import email_taken, normal_email, owner_of
from accounts.inputs import AccountUpdate, Registration
from accounts.invitations import invitation_needed, invitation_valid
from accounts.meter import waiting
from accounts.models import Account
from accounts.names import account_named, is_reserved, username_problem, username_taken
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import ItemAlreadyExists
from pryvsite.kernel.inputs import UNSET, UnsetType

__all__ = [
    "conflicts",
    "create_account",
    "email_taken",
    "find_by_login",
    "invitation_needed",
    "invitation_valid",
    "normal_email",
    "present_account",
    "set_field",
    "update_account",
    "username_problem",
    "username_taken",
]


def find_by_login(login: str) -> Account | None:
    """The account of a username or e-mail as typed into a form."""
    typed = login.strip()
    return owner_of(typed) if "@" in typed else account_named(typed)


def create_account(new: Registration, hashed_password: str, *, invited: bool = False) -> Account:
    """Create an account of checked fields, all or nothing. To be called inside a transaction.
    `invited`: no invitation is needed.

    Raises InvalidOperation (invitation), ItemAlreadyExists with every conflict.
    """
    invitation = new.invitation_token if isinstance(new.invitation_token, str) else ""
    if not invited:
        invitations.consume(invitation, str(new.username))
    username, email = new.username, _email_of(new)
    taken = conflicts(username, email)
    if taken:
        raise ItemAlreadyExists("user", taken)
    moment = now()
    account = Account(
        username=username,
        password=hashed_password,
        password_changed=moment,
        email=email,
        language=new.language if isinstance(new.language, str) else settings.DEFAULT_LANGUAGE,
        app_id=new.app_id,
        referer=new.referer if isinstance(new.referer, str) else "",
        invitation_token=invitation or "no-token",
        hosting=str(new.hosting) if new.hosting not in (UNSET, None) else "default",
        created=moment,
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
            names.give(account, username)
            if email:
                emails.claim(account, email, method="registration")
    except (IntegrityError, ItemAlreadyExists):  # another registration was faster
        taken = conflicts(username, email) or {"username": username}
        raise ItemAlreadyExists("user", taken) from None
    return account


def _email_of(new: Registration) -> str | None:
    return normal_email(new.email) or None if isinstance(new.email, str) else None


def conflicts(username: str, email: str | None) -> dict[str, str]:
    """Which of the two can't be had, by field."""
    found: dict[str, str] = {}
    if is_reserved(username) or username_taken(username):
        found["username"] = username
    if email and email_taken(email):
        found["email"] = email
    return found


def present_account(account: Account) -> dict[str, Any]:
    """The account as its owner sees it (spec api-access §2.8)."""
    return {
        "username": account.username,
        "email": account.email,
        "language": account.language,
        "storageUsed": {
            "dbDocuments": max(0, account.db_documents + waiting(account.id)),
            "attachedFiles": account.attached_files,
        },
        "emails": [
            {
                "value": address.value,
                "primary": address.value == account.email,
                "status": "verified" if address.verified else "pending",
                "verifiedAt": address.verified_at,
                "verificationMethod": address.method or None,
            }
            for address in emails.addresses_of(account)
        ],
    }


def update_account(actor: Actor, update: AccountUpdate) -> Account:
    """Change language and addresses. Raises as `set_field` and `change_emails`. Inside a transaction."""
    account = Account.objects.select_for_update().get(id=actor.account_id)
    if not isinstance(update.language, UnsetType):
        _set_language(account, update.language, actor.author)
    if not isinstance(update.email, UnsetType):
        rules.check_field("email", update.email, "#/email")
        emails.set_email(account, update.email, actor.author)
    if not isinstance(update.emails, UnsetType):
        emails.change_emails(account, update.emails, actor.author)
    announce(actor.account_id, Change.ACCOUNT)
    return account


def set_field(account_id: int, attribute: str, value: str, author: str) -> Account:
    """Change a field of an account. Raises InvalidParameters, ItemAlreadyExists, InvalidOperation.
    Inside a transaction."""
    rules.check_field(attribute, value)
    account = Account.objects.select_for_update().get(id=account_id)
    if attribute == "email":
        emails.set_email(account, value, author)
    else:
        _set_language(account, value, author)
    return account


def _set_language(account: Account, value: str, author: str) -> None:
    account.language = value
    account.field_changes = {**account.field_changes, "language": [now(), author]}
    account.save(update_fields=["language", "field_changes"])
