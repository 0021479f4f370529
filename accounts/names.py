"""The names of accounts: who has which, and changing them (spec api-access §2.11).

A former name goes on leading to its account, so nobody else can take it.
"""

from zlib import crc32

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import rules
from accounts.models import Account, Username
from pryvsite.caching import changed
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidOperation, InvalidParameters, ItemAlreadyExists
from pryvsite.kernel.ids import is_alias


def name_slot(username: str) -> int:
    """The number under which what is remembered of a name counts its changes."""
    return crc32(username.encode())


def is_reserved(username: str) -> bool:
    """What nobody may take: routes and names of the platform, and what looks like an access's alias."""
    names_something = username in settings.RESERVED_USERNAMES or is_alias(username)
    return names_something or username.startswith("pryv")


def username_taken(username: str) -> bool:
    """Whether an account has this name, or had it once."""
    return Username.objects.filter(name=username).exists()


def account_named(username: str) -> Account | None:
    """The account of a present or former name, typed in any case."""
    return Account.objects.filter(names__name=username.strip().lower()).first()


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


def give(account: Account, username: str) -> None:
    """Make a name lead to an account that has it already in its row. Raises ItemAlreadyExists."""
    try:
        with transaction.atomic():
            Username(name=username, account_id=account.id, created=now()).save(force_insert=True)
    except IntegrityError:
        raise ItemAlreadyExists("user", {"username": username}) from None
    changed("names", name_slot(username))


def changes_used(account_id: int) -> int:
    """How often the account changed its name."""
    return max(0, Username.objects.filter(account_id=account_id).count() - 1)


def change_username(account_id: int, username: str) -> Account:
    """Give an account another name; inside a transaction.

    Raises InvalidParameters, InvalidOperation (same, reserved, no change left), ItemAlreadyExists.
    """
    wrong = rules.username_violation(username)
    if wrong:
        raise InvalidParameters(str(wrong["message"]), [wrong | {"path": "#/newUsername"}])
    account = Account.objects.select_for_update().get(id=account_id)
    used = changes_used(account_id)
    data = {"usernameChangesUsed": used, "usernameChangesLimit": settings.USERNAME_CHANGES}
    if username == account.username:
        raise InvalidOperation("This is the account's name already.", data)
    if is_reserved(username):
        raise InvalidOperation("This name is reserved.", data)
    own = Username.objects.filter(account_id=account_id)
    if used >= settings.USERNAME_CHANGES:
        raise InvalidOperation("The username can't be changed again.", data)
    if own.filter(name=username).exists() or username_taken(username):
        raise ItemAlreadyExists("user", {"username": username})
    former, account.username = account.username, username
    try:
        with transaction.atomic():
            account.save(update_fields=["username"])
    except IntegrityError:
        raise ItemAlreadyExists("user", {"username": username}) from None
    give(account, username)
    changed("names", name_slot(former))
    changed("accesses", account_id)
    return account
