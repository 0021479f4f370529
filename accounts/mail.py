"""Mails about accounts. They leave in the background; a failing mail is logged and fails nothing else."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.core.signing import BadSignature, TimestampSigner
from django.db import DatabaseError

from accounts.mail_kinds import common, example
from accounts.mail_texts import Letter, compose
from accounts.models import Account
from accounts.placeholders import Values
from pryvsite.api.platform import api_endpoint, public_url

REVOCATION_DAYS = 30
MOST_WAIT = 10  # seconds that a caller waits for the mail service
log = logging.getLogger("pryvsite.mail")
Sending = Future[bool] | None  # whether a mail left; None: there is none to be sent
_postman = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send_welcome(account: Account, region: str = "") -> Sending:
    """Queue the welcome mail (ui §1.2), with the place of the data in words."""
    if not account.email or not settings.MAIL_WELCOME:
        return None
    values: Values = {
        "email": account.email,
        "dashboard": f"{public_url()}/u/{account.username}/",
        "api": api_endpoint(account.username),
        "security": f"{public_url()}/account/security",
        "region": region,
    }
    return _queue(account, account.email, "welcome", values)


def send_password_reset(account: Account | None, secret: str) -> Sending:
    """Queue the mail with the link to set a new password (spec api-access §2.9). Without account or address
    the same is done but for sending, so that the time tells nothing."""
    if not settings.MAIL_PASSWORD_RESET:
        return None
    link = _link(settings.PASSWORD_RESET_PAGE, "resetToken", secret)
    values: Values = {
        "link": link,
        "minutes": settings.PASSWORD_RESET_MAX_AGE // 60,
        "RESET_LINK": link,
        "RESET_URL": settings.PASSWORD_RESET_PAGE,
        "RESET_TOKEN": secret,
    }
    return _queue(account, account.email if account else None, "reset-password", values)


def send_password_changed(account: Account) -> Sending:
    """Queue the notice that the password was changed; who didn't do it learns of it so."""
    if not account.email or not settings.MAIL_PASSWORD_RESET:
        return None
    values: Values = {"reset": f"{public_url()}/reset-password"}
    return _queue(account, account.email, "password-changed", values)


def send_verification(account: Account, address: str, secret: str) -> Sending:
    """Queue the mail with the link that proves an address (spec api-access §2.10)."""
    if not settings.MAIL_EMAIL_VERIFICATION:
        return None
    values: Values = {
        "address": address,
        "link": _link(settings.EMAIL_VERIFICATION_PAGE, "verifyToken", secret),
        "hours": settings.EMAIL_VERIFICATION_MAX_AGE // 3600,
    }
    return _queue(account, address, "verify-email", values)


def send_email_changed(account: Account, former: str) -> Sending:
    """Queue the notice to the former primary address that there is another one now (ui §1.9)."""
    if not settings.MAIL_EMAIL_VERIFICATION:
        return None
    values: Values = {"new": str(account.email), "profile": f"{public_url()}/account/profile"}
    return _queue(account, former, "email-changed", values)


def send_access_granted(account: Account, access_id: str, app: str, sentences: Sequence[str]) -> Sending:
    """Queue the notice that an app got access, with a link to end it (ui §3.7)."""
    if not account.email or not settings.MAIL_NEW_ACCESS:
        return None
    app = " ".join(app.split())[:60]
    secret = revocation_secret(account.id, access_id)
    values: Values = {
        "app": app,
        "sentences": list(sentences),
        "link": _link(f"{public_url()}/auth/revoke", "token", secret),
        "days": REVOCATION_DAYS,
    }
    return _queue(account, account.email, "access-granted", values)


def send_leaving(account: Account, due: float, secret: str) -> Sending:
    """Queue the notice that the account will be deleted, with a link to keep it (ui §1.13)."""
    if not account.email:
        return None
    values: Values = {
        "due": f"{datetime.fromtimestamp(due, UTC):%-d %B %Y, %H:%M} UTC",
        "link": _link(f"{public_url()}/auth/stay", "token", secret),
    }
    return _queue(account, account.email, "leaving", values)


def revocation_secret(account_id: int, access_id: str) -> str:
    """Lets whoever has it end one access, for some days; nothing else."""
    return TimestampSigner(salt="revoke-access").sign(f"{account_id}:{access_id}")


def revocation_of(secret: str) -> tuple[int, str] | None:
    """(account id, access id) of a secret, or None where it is wrong or too old."""
    try:
        text = TimestampSigner(salt="revoke-access").unsign(secret, max_age=REVOCATION_DAYS * 86400)
    except BadSignature:
        return None
    account_id, _, access_id = text.partition(":")
    return int(account_id), access_id


def send_test(address: str, kind: str = "test", language: str = "") -> bool:
    """Send a mail of a kind now, with made-up values; whether it left."""
    letter = compose(kind, language or settings.DEFAULT_LANGUAGE, {**example(kind), **common("ada")})
    return _send(address, letter)


def service_answers() -> bool:
    """Whether the mail service can be reached at present; waits for it some seconds at most."""
    connection = get_connection(timeout=MOST_WAIT)
    if not isinstance(connection, SmtpBackend):  # files can always be written
        return True
    try:
        connection.open()
    except (OSError, SMTPException):
        log.exception("The mail service can't be reached")
        return False
    finally:
        connection.close()
    return True


def _link(page: str, name: str, secret: str) -> str:
    return f"{page}{'&' if '?' in page else '?'}{name}={secret}"


def _queue(account: Account | None, address: str | None, kind: str, values: Values) -> Sending:
    """Compose a mail and send it in the background; with nobody to send it to, the same work is done."""
    try:
        language = account.language if account else settings.DEFAULT_LANGUAGE
        letter = compose(kind, language, {**common(account.username if account else ""), **values})
    except (DatabaseError, KeyError, ValueError):  # whatever the mail is about has happened already
        log.exception("A mail could not be written")
        return None
    return _postman.submit(_send, address, letter) if address else None


def _send(address: str, letter: Letter) -> bool:
    message = EmailMultiAlternatives(subject=letter.subject, body=letter.text, to=[address])
    message.attach_alternative(letter.html, "text/html")
    try:
        message.send()
    except Exception:
        log.exception("A mail could not be sent")
        return False
    return True


def flush() -> None:
    """Wait until all queued mails are sent or have failed."""
    _postman.submit(lambda: None).result()
