"""Methods about one's own account (spec api-access §2.8–2.11)."""

from django.conf import settings

from accounts import emails, mail, names, operations, passwords
from accounts.inputs import (
    ChangePassword,
    ChangeUsername,
    RequestPasswordReset,
    ResetPassword,
    UpdateAccount,
    VerifyEmail,
)
from accounts.models import Account
from accounts.results import AccountGot, EmailVerified, UsernameChanged, UsernameChanges
from accounts.trust import check_trusted
from pryvsite.api.registry import Wire, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.errors import (
    InvalidCredentials,
    InvalidOperation,
    InvalidTicket,
    ItemAlreadyExists,
    UnexpectedError,
)
from pryvsite.kernel.inputs import Nothing
from pryvsite.kernel.results import Done
from pryvsite.visitor import visitor


@method("account.get", ("GET", "account"), result=AccountGot, allow="personal")
def get(actor: Actor, _: Nothing) -> Wire:
    """The account: name, language, addresses, storage used."""
    return {"account": operations.present_account(Account.objects.get(id=actor.account_id))}


@method(
    "account.update",
    ("PUT", "account"),
    input=UpdateAccount,
    result=AccountGot,
    errors=(InvalidOperation, ItemAlreadyExists),
    allow="personal",
    writes=True,
    update=True,
)
def update(actor: Actor, given: UpdateAccount) -> Wire:
    """Change language or addresses: `emails` adds, sets primary, removes and mails links again, in this
    order. `email` alone sets the primary address at once."""
    return {"account": operations.present_account(operations.update_account(actor, given.update))}


@method(
    "account.changePassword",
    ("POST", "account/change-password"),
    input=ChangePassword,
    result=Done,
    errors=(InvalidOperation,),
    allow="personal",
)
def change_password(actor: Actor, given: ChangePassword) -> Wire:
    """Set a new password, knowing the present one. Tokens stay valid."""
    passwords.change(Account.objects.get(id=actor.account_id), given.old_password, given.new_password)
    announce(actor.account_id, Change.ACCOUNT)
    return {}


@method(
    "account.requestPasswordReset",
    ("POST", "account/request-password-reset"),
    input=RequestPasswordReset,
    result=Done,
    errors=(InvalidCredentials, UnexpectedError),
    allow="open",
)
def request_password_reset(actor: Actor, given: RequestPasswordReset) -> Wire:
    """Mail a link to set a new password, to accounts that have an address; for trusted apps."""
    check_trusted(given.app_id, visitor().origin)  # a Referer doesn't count here
    account = Account.objects.get(id=actor.account_id)
    passwords.request_reset(account)
    # Asked for accounts without address, too: else the answer, or its time, would tell who has one.
    if settings.MAIL_PASSWORD_RESET and not mail.service_answers():
        raise UnexpectedError("The mail could not be sent. Try again later.")
    return {}


@method(
    "account.resetPassword",
    ("POST", "account/reset-password"),
    input=ResetPassword,
    result=Done,
    errors=(InvalidCredentials, InvalidTicket, InvalidOperation),
    allow="open",
)
def reset_password(actor: Actor, given: ResetPassword) -> Wire:
    """Set a new password with the secret that was mailed; for trusted apps."""
    check_trusted(given.app_id, actor.origin)
    passwords.reset(given.reset_token, given.new_password, actor.account_id)
    announce(actor.account_id, Change.ACCOUNT)
    return {}


@method(
    "account.verifyEmail",
    ("POST", "account/verify-email"),
    input=VerifyEmail,
    result=EmailVerified,
    errors=(InvalidCredentials, InvalidTicket),
    allow="open",
)
def verify_email(actor: Actor, given: VerifyEmail) -> Wire:
    """Prove an address with the secret that was mailed to it; for trusted apps."""
    check_trusted(given.app_id, actor.origin)
    account_id, email = emails.verify(given.token, actor.account_id)
    announce(account_id, Change.ACCOUNT)
    return {"email": email}


@method(
    "account.changeUsername",
    ("POST", "account/change-username"),
    input=ChangeUsername,
    result=UsernameChanged,
    errors=(InvalidOperation, ItemAlreadyExists),
    allow="personal",
    writes=True,
)
def change_username(actor: Actor, given: ChangeUsername) -> Wire:
    """Take another name; the former one goes on leading to the account."""
    account = names.change_username(actor.account_id, given.new_username)
    announce(actor.account_id, Change.ACCOUNT)
    shown = operations.present_account(account)
    del shown["emails"]
    return {"account": shown, "usernameChangesRemaining": _changes(account.id)["usernameChangesRemaining"]}


@method(
    "account.usernameChanges",
    ("GET", "account/username-changes"),
    result=UsernameChanges,
    allow="personal",
)
def username_changes(actor: Actor, _: Nothing) -> Wire:
    """How often the name may still change."""
    return _changes(actor.account_id)


def _changes(account_id: int) -> Wire:
    used, limit = names.changes_used(account_id), settings.USERNAME_CHANGES
    return {
        "usernameChangesUsed": used,
        "usernameChangesLimit": limit,
        "usernameChangesRemaining": max(0, limit - used),
    }
