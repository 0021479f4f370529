"""What the operator may know and do about accounts (spec api-access §2.6, §2.13)."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from accesses.models import Access, UsageCounter
from accesses.operator_inputs import (
    CreateUser,
    FieldsToDelete,
    FieldsToSet,
    ReleaseUser,
    UpdateUser,
    ValidateUser,
)
from accounts import emails, invitations
from accounts import operations as accounts
from accounts.hashers import stored_form
from accounts.inputs import Registration
from accounts.models import Account, EmailAddress, Username
from accounts.rules import check_field, check_registration, email_violation, username_violation
from pryvsite.kernel.actor import system_actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidOperation, InvalidParameters, ItemAlreadyExists, UnknownResource
from pryvsite.kernel.inputs import UnsetType
from streams import operations as streams
from streams.inputs import StreamCreate

Wire = dict[str, Any]
PLACEHOLDER = "not-a-password"  # stands in while the other fields are checked; the hash is stored


def account_or_unknown(username: str) -> Account:
    """An account by a name it has or had. Raises UnknownResource."""
    account = accounts.find_by_login(username) if "@" not in username else None
    if account is None:
        raise UnknownResource("user", username)
    return account


def user_info(username: str) -> Wire:
    """Storage and use of an account; counts are some seconds old at most."""
    account = account_or_unknown(username)
    methods: Counter[str] = Counter()
    users: Counter[str] = Counter()
    named = dict(Access.objects.filter(account_id=account.id).values_list("id", "name"))
    shared = set(Access.objects.filter(account_id=account.id, type="shared").values_list("id", flat=True))
    rows = UsageCounter.objects.filter(account_id=account.id).values_list("access_id", "method", "calls")
    for access_id, method, calls in rows:
        methods[method] += calls
        users["shared" if access_id in shared else named.get(access_id, access_id)] += calls
    last = Access.objects.filter(account_id=account.id).aggregate(last=Max("last_used"))["last"]
    return {
        "username": account.username,
        "storageUsed": accounts.present_account(account)["storageUsed"],
        "lastAccess": last or 0,
        "callsTotal": sum(methods.values()),
        "callsDetail": dict(methods),
        "callsPerAccess": dict(users),
    }


def access_index(access_id: str) -> Wire:
    """Whose an access is, deleted ones included. Raises UnknownResource."""
    rows = Access.objects.filter(id=access_id.partition(":")[0]).select_related("account")
    access = rows.first()
    if access is None:
        raise UnknownResource("access", access_id)
    wire: Wire = {
        "id": access.id,
        "owner": access.account.username,
        "type": access.type,
        "name": access.name,
        "created": access.created,
    }
    return wire | {"deleted": access.deleted} if access.deleted is not None else wire


def create_user(given: CreateUser) -> Account:
    """An account whose password came as a hash. Raises InvalidParameters, ItemAlreadyExists."""
    new = Registration(
        app_id=given.app_id if isinstance(given.app_id, str) else "system-create-user",
        username=given.username,
        password=PLACEHOLDER,
        email=given.email,
        language=given.language,
        referer=given.referer,
        invitation_token=given.invitation_token,
    )
    check_registration(new)
    hashed = _known_hash(given.password_hash)
    with transaction.atomic():
        account = accounts.create_account(new, hashed, invited=True)
        streams.create_stream(
            system_actor(account.id, account.username), StreamCreate(id="diary", name="Diary")
        )
    return account


def _known_hash(given: str) -> str:
    """The hash as it is stored; bcrypt, argon2 and PBKDF2 are understood. Raises InvalidParameters."""
    stored = stored_form(given)
    if stored is None:
        entry = {"code": "PATTERN", "message": "Not a known hash.", "params": [], "path": "#/passwordHash"}
        raise InvalidParameters(data=[entry])
    return stored


def registration_problem(given: ValidateUser) -> Wire | None:
    """Why a registration would be refused now, as an error; None where it would pass."""
    email = given.unique_fields.email
    wrong = [one for one in (username_violation(given.username), email_violation(email)) if one]
    if wrong:
        return InvalidParameters(str(wrong[0]["message"]), wrong).body()
    token = given.invitation_token
    if not invitations.invitation_valid(token if isinstance(token, str) else ""):
        return {"id": "invitationToken-invalid", "message": "Invalid invitation token"}
    conflicts = accounts.conflicts(given.username, emails.normal_email(email) if email else None)
    return ItemAlreadyExists("user", conflicts).body() if conflicts else None


def update_user(given: UpdateUser) -> None:
    """Set and take away fields of an account. Inside a transaction.

    Raises UnknownResource, InvalidParameters, InvalidOperation, ItemAlreadyExists.
    """
    account = Account.objects.select_for_update().get(id=account_or_unknown(given.username).id)
    fields = _plain_fields(given.user, given.fields_to_delete)
    for name, value in fields.items():
        setattr(account, name, value)
        account.field_changes = {**account.field_changes, name: [now(), "system"]}
    account.save(update_fields=[*fields, "field_changes"])
    if not isinstance(given.fields_to_delete.email, UnsetType):
        emails.release(account, given.fields_to_delete.email, "system")
    if not isinstance(given.user.email, UnsetType):
        check_field("email", given.user.email, "#/user/email")
        emails.set_email(account, given.user.email, "system", method="operator")
    announce(account.id, Change.ACCOUNT)


def _plain_fields(new: FieldsToSet, gone: FieldsToDelete) -> dict[str, str]:
    """What fields that are no addresses become; those taken away are as if never given."""
    absent = {
        "language": settings.DEFAULT_LANGUAGE,
        "app_id": "",
        "invitation_token": "no-token",
        "referer": "",
    }
    fields = {}
    for name, default in absent.items():
        value = getattr(new, name)
        if not isinstance(value, UnsetType):
            fields[name] = value
        elif not isinstance(getattr(gone, name), UnsetType):
            fields[name] = default
    return fields


def release_addresses(target: ReleaseUser) -> bool:
    """Release all addresses of an account; False for a trial. Inside a transaction.

    Raises InvalidOperation, UnknownResource.
    """
    if not target.only_reg:
        raise InvalidOperation(
            "This releases the addresses of an account only, and onlyReg=true must say that it is meant; "
            "DELETE /users/{username} deletes an account."
        )
    account = Account.objects.select_for_update().get(id=account_or_unknown(target.username).id)
    if target.dry_run:
        return False
    for address in emails.addresses_of(account):
        emails.release(account, address.value, "system")
    announce(account.id, Change.ACCOUNT)
    return True


def users() -> list[Wire]:
    """All accounts by name."""
    rows = Account.objects.filter(deleted=None).order_by("username")
    return [
        {"username": username, "id": str(account_id), "email": email, "language": language}
        for account_id, username, email, language in rows.values_list("id", "username", "email", "language")
    ]


def integrity_checks() -> list[Wire]:
    """Whether names and addresses agree with the accounts that they belong to."""
    live = Account.objects.filter(deleted=None)
    present = Username.objects.filter(account_id=OuterRef("id"), name=OuterRef("username"))
    without_name = live.filter(~Exists(present)).values_list("username", flat=True)
    proved = EmailAddress.objects.filter(account_id=OuterRef("id"), value=OuterRef("email"), verified=True)
    strangers = live.filter(~Exists(proved)).exclude(email=None).values_list("username", flat=True)
    return [
        {
            "title": "Every account has its username",
            "infos": {"accounts": live.count(), "usernames": Username.objects.count()},
            "errors": [f"{username} has no entry" for username in without_name],
        },
        {
            "title": "Every primary address is a verified one of its account",
            "infos": {"addresses": EmailAddress.objects.count()},
            "errors": [f"{username} has another address" for username in strangers],
        },
    ]
