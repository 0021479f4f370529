"""Opening and ending sessions: registration, login, logout, and the pages' own sign-in.

Whatever hands out or ends a token lives in this app; passwords and uniqueness are `accounts`' matter.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accesses import hosting, second_step
from accesses.authenticate import actor_of
from accesses.models import Access, SecondStep
from accesses.presenters import seal_integrity
from accesses.second_step import SecondStepNeeded, check_signed_in
from accounts import operations as accounts
from accounts import passwords
from accounts.inputs import Registration
from accounts.limits import remember_place, take_from_address
from accounts.mail import send_welcome
from accounts.models import Account
from accounts.names import account_named
from accounts.passwords import PasswordExpired
from accounts.rules import check_registration
from accounts.trust import check_trusted
from pryvsite.caching import changed
from pryvsite.kernel.actor import Actor, system_actor
from pryvsite.kernel.changes import Change, announce, gathering
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidCredentials, InvalidOperation, InvalidTicket
from pryvsite.kernel.ids import is_alias, new_id, new_token
from pryvsite.tokens import digest, seal, unseal
from streams import operations as streams
from streams.inputs import StreamCreate

WEB_APP = "pryv-user-account"  # whose session a browser has where no app sent it (ui §0.4)
PROVED = "proved_at"  # of a browser: when its owner gave the password last
RECENT = 600  # seconds
RENEWAL = "renewal"  # of a browser: whose expired password may be replaced, see `waiting_renewal`
STEP = "second_step"  # of a browser: the sealed token of the step it is at


def log_in(account: Account, password: str, app_id: str) -> Actor:
    """The personal access of (account, app), its token renewed if the session had ended.

    Raises InvalidCredentials, SecondStepNeeded.
    """
    passwords.check(account, password)
    passwords.check_age(account)
    check_signed_in(account, app_id)
    remember_place(account.id)
    with transaction.atomic(durable=True):
        return personal_session(account, app_id)


def complete(step: SecondStep, code: str) -> Actor:
    """The session of a sign-in whose code is given. Raises InvalidCode, InvalidTicket."""
    account = second_step.complete(step, code)
    remember_place(account.id)
    with transaction.atomic(durable=True):
        return personal_session(account, step.app_id)


def register(new: Registration) -> Actor:
    """Create an account; its first session is that of the calling app. Raises as `_create`."""
    return _create(new, new.app_id if isinstance(new.app_id, str) else "")


def register_browser(store: SessionBase, new: Registration, device: str) -> Actor:
    """Create an account and sign this browser in."""
    app_id = new.app_id if isinstance(new.app_id, str) else ""
    actor = _create(new, app_id or WEB_APP, _browser_label(device))
    store.cycle_key()
    store["account_id"], store["access_id"] = actor.account_id, actor.access_id
    mark_recent(store)
    return replace(actor, via="web")


def _create(new: Registration, app_id: str, device: str = "") -> Actor:
    """An account with its first stream and session; the welcome mail follows the commit.

    The password is hashed before the transaction, which is to be short. Raises as `create_account`.
    """
    take_from_address("REGISTRATION")
    check_registration(new)
    passwords.check_complexity(new.password)
    hashed = make_password(new.password)
    with transaction.atomic(durable=True):
        account = accounts.create_account(new, hashed)
        owner = system_actor(account.id, account.username)
        streams.create_stream(owner, StreamCreate(id="diary", name="Diary"))
        session = personal_session(account, app_id, device)
        where = hosting.residence(account.hosting)
        transaction.on_commit(lambda: send_welcome(account, where), robust=True)
    remember_place(account.id, browser=bool(device))
    return session


def _browser_label(device: str) -> str:
    """A browser's name, told apart from others of its kind."""
    return f"{device or 'Browser'} {new_id()[-6:]}"


def personal_session(account: Account, app_id: str, device: str = "") -> Actor:
    """Reuse the live session of an app, or start one (spec api-access §2.7)."""
    rows = Access.objects.filter(
        account_id=account.id, type="personal", name=app_id, device_name=device, deleted=None
    )
    moment = now()
    end = moment + settings.SESSION_MAX_AGE
    if not rows.exists():
        try:
            with transaction.atomic():
                return actor_of(_new_session(account, app_id, device, end), account.username)
        except IntegrityError:
            pass  # a simultaneous login made it: one session is effective
    access = rows.select_for_update().get()
    if not access.session_expires or access.session_expires <= moment:
        token = new_token()
        access.digest, access.sealed_token = digest(token), seal(token)
        access.modified, access.modified_by = moment, "system"
        seal_integrity(access)
    access.session_expires = end
    access.save()
    changed("accesses", account.id)
    return actor_of(access, account.username)


def _new_session(account: Account, app_id: str, device: str, end: float) -> Access:
    token = new_token()
    moment = now()
    access = Access(
        account_id=account.id,
        id=new_id(),
        type="personal",
        name=app_id,
        device_name=device,
        digest=digest(token),
        sealed_token=seal(token),
        session_expires=end,
        created=moment,
        created_by="system",
        modified=moment,
        modified_by="system",
    )
    seal_integrity(access)
    access.save(force_insert=True)
    return access


def token_of(actor: Actor) -> str:
    """The actor's own token."""
    rows = Access.objects.filter(account_id=actor.account_id, id=actor.access_id)
    return unseal(rows.values_list("sealed_token", flat=True).get())


def log_out(actor: Actor) -> None:
    """End the session of a personal access; other accesses have none to end."""
    rows = Access.objects.filter(account_id=actor.account_id, id=actor.access_id, type="personal")
    rows.exclude(device_name="").update(deleted=now())  # a browser's session: nothing to come back to
    rows.update(session_expires=0.0)
    changed("accesses", actor.account_id)


def mark_recent(store: SessionBase) -> None:
    """Note that the owner proved just now to be the one."""
    store[PROVED] = now()


def is_recent(store: SessionBase) -> bool:
    """Whether the owner proved to be the one a moment ago."""
    return bool(store.get(PROVED, 0) > now() - RECENT)


def live_ids(account_id: int) -> dict[str, str]:
    """The sessions of an account that have not ended: id and name of the browser, empty for apps."""
    rows = _live(account_id)
    return dict(rows.values_list("id", "device_name"))


def _live(account_id: int) -> QuerySet[Access]:
    return Access.objects.filter(
        account_id=account_id, type="personal", deleted=None, session_expires__gt=now()
    )


def end_session(account_id: int, access_id: str) -> None:
    """End one session."""
    _end_all(account_id, _live(account_id).filter(id=access_id))


def end_sessions(account_id: int, *, keep: str = "") -> int:
    """End all sessions of an account but one; their number. Apps and shares keep their accesses."""
    return _end_all(account_id, _live(account_id).exclude(id=keep))


def _end_all(account_id: int, rows: QuerySet[Access]) -> int:
    with gathering() as deliver:
        with transaction.atomic():
            ids = list(rows.values_list("id", flat=True))
            ended = Access.objects.filter(account_id=account_id, id__in=ids)
            ended.exclude(device_name="").update(deleted=now())  # browsers have nothing to come back to
            ended.update(session_expires=0.0)
            changed("accesses", account_id)
            announce(account_id, Change.ACCESSES)
        deliver()
    return len(ids)


def open_web_session(store: SessionBase, account: Account, device: str = "", app_id: str = "") -> Actor:
    """Sign a browser in: its own personal access, known to the cookie's session only.

    `app_id` is that of the app which sent the visitor.
    """
    remember_place(account.id, browser=True)
    store.cycle_key()
    store.pop(RENEWAL, None)
    with transaction.atomic():
        actor = personal_session(account, app_id or WEB_APP, _browser_label(device))
    store["account_id"], store["access_id"] = actor.account_id, actor.access_id
    mark_recent(store)
    return replace(actor, via="web")


def sign_in(store: SessionBase, login: str, password: str, device: str = "", app_id: str = "") -> Actor:
    """Sign a browser in by username or e-mail.

    Raises InvalidCredentials, the same for all causes; SecondStepNeeded and PasswordExpired, and the browser
    remembers which step it is at (`waiting_step`, `finish_sign_in`; `waiting_renewal`, `finish_renewal`).
    """
    account = accounts.find_by_login(login)
    neutral = InvalidCredentials("Username or password not right.")
    if account is None:
        passwords.check_nobody(login, password)
        raise neutral
    try:
        passwords.check(account, password)
    except InvalidCredentials:
        raise neutral from None
    try:
        check_signed_in(account, app_id or WEB_APP)
    except SecondStepNeeded as needed:
        store[STEP] = seal(needed.token)
        raise
    return _enter(store, account, device, app_id)


def _enter(store: SessionBase, account: Account, device: str, app_id: str) -> Actor:
    """Let an owner in who proved to be the one. With an old password, its replacement is the last step:
    after the second one, so that a password alone never changes itself. Raises PasswordExpired."""
    try:
        passwords.check_age(account)
    except PasswordExpired as expired:
        secret = passwords.renewal_secret(account, RECENT)
        store[RENEWAL] = {"secret": seal(secret), "app_id": app_id, "expired": expired.expired}
        raise
    return open_web_session(store, account, device, app_id)


@dataclass(frozen=True)
class Renewal:
    """That this browser may replace an expired password: the secret for it, and the app to sign in for."""

    account: Account
    secret: str
    app_id: str
    expired: float


def waiting_renewal(store: SessionBase) -> Renewal | None:
    """The replacement that this browser is at, for some minutes after the sign-in; or None."""
    kept = store.get(RENEWAL)
    if kept is None:
        return None
    secret = unseal(kept["secret"])
    try:
        return Renewal(passwords.account_of_reset(secret), secret, kept["app_id"], kept["expired"])
    except InvalidTicket:
        return None


def finish_renewal(store: SessionBase, renewal: Renewal, device: str = "") -> Actor:
    """Sign in whose password was replaced."""
    account = Account.objects.get(id=renewal.account.id)
    return open_web_session(store, account, device, renewal.app_id)


def step_token(store: SessionBase) -> str:
    """The token of the second step that this browser is at, or nothing."""
    return unseal(store[STEP]) if STEP in store else ""


def waiting_step(store: SessionBase) -> SecondStep | None:
    """The second step that this browser is at, or None."""
    if STEP not in store:
        return None
    try:
        return second_step.find(step_token(store), purpose="sign-in")
    except InvalidTicket:
        del store[STEP]
        return None


def finish_sign_in(store: SessionBase, code: str, device: str = "") -> Actor:
    """Complete this browser's sign-in. Raises InvalidCode, InvalidTicket (sign in again), PasswordExpired."""
    step = waiting_step(store)
    if step is None:
        raise InvalidTicket("This sign-in took too long; sign in again.")
    account = second_step.complete(step, code)
    del store[STEP]
    return _enter(store, account, device, step.app_id)


def sign_out(store: SessionBase, actor: Actor | None) -> None:
    """End the browser's session here and on the server."""
    if actor is not None:
        log_out(actor)
    store.flush()


def login_parameters(actor: Actor, given: dict[str, Any]) -> tuple[str, str]:
    """Check presence and the username of the path (spec api-access §2.7, steps 1 and 4)."""
    if any(given.get(name) is None for name in ("username", "password", "appId")):
        raise InvalidOperation("Missing parameters: username, password and appId are required.")
    check_trusted(given["appId"], actor.origin)
    if given["username"].lower() != actor.username:
        # A former name is fine, too; but nobody is told whose alias stands in the path.
        named = None if is_alias(actor.username) else account_named(given["username"])
        if named is None or named.id != actor.account_id:
            raise InvalidOperation("The username in the path does not match the one in the body.")
    return given["password"], given["appId"]
