"""Accounts: find, create, check passwords (spec api-access §2)."""

from typing import Any
from zlib import crc32

from django.conf import settings
from django.contrib.auth import hashers
from django.db import IntegrityError, transaction

from accounts import rules
from accounts.inputs import Registration
from accounts.models import Account, Invitation
from pryvsite.api.platform import public_url
from pryvsite.caching import changed
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidCredentials, InvalidOperation, ItemAlreadyExists
from pryvsite.kernel.inputs import UNSET


def find_by_login(login: str) -> Account | None:
    """The account of a username or e-mail as typed into a form."""
    typed = login.strip()
    if "@" in typed:
        return Account.objects.filter(email=normal_email(typed)).first()
    return Account.objects.filter(username=typed.lower()).first()


def normal_email(typed: str) -> str:
    """The form in which addresses are stored and compared: trimmed, lower case."""
    return typed.strip().lower()


def check_password(account: Account, password: str) -> None:
    """Raises InvalidCredentials for a wrong password; re-hashes an old hash."""

    def upgrade(raw: str) -> None:
        Account.objects.filter(id=account.id).update(password=hashers.make_password(raw))

    if not hashers.check_password(password, account.password, setter=upgrade):
        raise InvalidCredentials


def waste_time(password: str) -> None:
    """Hash as long as a real check takes, so that timing doesn't tell whether an account exists."""
    hashers.make_password(password)


def is_reserved(username: str) -> bool:
    """Words that nobody may take: routes and names of the platform."""
    return username.startswith("pryv") or username in settings.RESERVED_USERNAMES


def username_problem(username: str) -> str | None:
    """Why a username can't be had, as a sentence, or None."""
    wrong = rules.username_violation(username)
    if wrong:
        return str(wrong["message"])
    if is_reserved(username):
        return "This name is reserved."
    if username_taken(username):
        return "Already taken."
    return None


def username_taken(username: str) -> bool:
    """Whether an account has this name."""
    return Account.objects.filter(username=username).exists()


def email_taken(email: str) -> bool:
    """Whether an account uses this address."""
    return Account.objects.filter(email=normal_email(email)).exists()


def hostings() -> dict[str, Any]:
    """Regions, zones and hostings (spec api-access §2.5)."""
    if settings.HOSTINGS:
        return dict(settings.HOSTINGS)
    hosting = {
        "name": settings.PLATFORM_NAME,
        "description": "This server",
        "url": settings.HOME_URL or f"{public_url()}/",
        "available": True,
        "availableCore": f"{public_url()}/",
    }
    zone = {"name": "Default", "hostings": {"default": hosting}}
    region = {"name": "Default", "localizedName": {"en": "Default"}, "zones": {"default": zone}}
    return {"regions": {"default": region}}


def create_account(new: Registration, hashed_password: str) -> Account:
    """Create an account of checked fields, all or nothing. To be called inside a transaction.

    Raises InvalidOperation (invitation), ItemAlreadyExists with every conflict.
    """
    _consume_invitation(new)
    username, email = new.username, _email_of(new)
    conflicts = _conflicts(username, email)
    if conflicts:
        raise ItemAlreadyExists("user", conflicts)
    account = Account(
        username=username,
        password=hashed_password,
        email=email,
        language=new.language if isinstance(new.language, str) else settings.DEFAULT_LANGUAGE,
        app_id=new.app_id,
        referer=new.referer if isinstance(new.referer, str) else "",
        invitation_token=new.invitation_token if isinstance(new.invitation_token, str) else "no-token",
        hosting=str(new.hosting) if new.hosting not in (UNSET, None) else "default",
        created=now(),
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:  # another registration was faster
        conflicts = _conflicts(username, email) or {"username": username}
        raise ItemAlreadyExists("user", conflicts) from None
    changed("names", crc32(username.encode()))
    return account


def _email_of(new: Registration) -> str | None:
    return normal_email(new.email) or None if isinstance(new.email, str) else None


def _conflicts(username: str, email: str | None) -> dict[str, str]:
    conflicts: dict[str, str] = {}
    if is_reserved(username) or username_taken(username):
        conflicts["username"] = username
    if email and email_taken(email):
        conflicts["email"] = email
    return conflicts


def invitation_needed() -> bool:
    """Whether registration asks for an invitation."""
    return settings.INVITATION_TOKENS is not None or Invitation.objects.exists()


def invitation_valid(token: str) -> bool:
    """Whether a registration with this invitation would pass now."""
    if not invitation_needed():
        return True
    _seed_invitations()
    return Invitation.objects.filter(id=token, consumed_at=None).exists()


def _seed_invitations() -> None:
    """Configured invitations enter the store once, and are single-use from then on."""
    if settings.INVITATION_TOKENS and not Invitation.objects.exists():
        moment = now()
        Invitation.objects.bulk_create(
            [Invitation(id=token, created=moment) for token in settings.INVITATION_TOKENS],
            ignore_conflicts=True,
        )


def _consume_invitation(new: Registration) -> None:
    if not invitation_needed():
        return
    _seed_invitations()
    token = new.invitation_token if isinstance(new.invitation_token, str) else ""
    used = Invitation.objects.filter(id=token, consumed_at=None).update(
        consumed_at=now(), consumed_by=str(new.username)
    )
    if not used:
        raise InvalidOperation("Invalid invitation token")


def set_field(account_id: int, attribute: str, value: str, author: str) -> Account:
    """Change a field of an account. Raises InvalidParameters, ItemAlreadyExists. Inside a transaction."""
    rules.check_field(attribute, value)
    account = Account.objects.select_for_update().get(id=account_id)
    value = normal_email(value) if attribute == "email" else value
    setattr(account, attribute, value)
    account.field_changes = {**account.field_changes, attribute: [now(), author]}
    try:
        with transaction.atomic():
            account.save(update_fields=[attribute, "field_changes"])
    except IntegrityError:
        raise ItemAlreadyExists("user", {attribute: value}) from None
    return account
