"""Mails about accounts. They leave in the background; a failing mail fails nothing else."""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.signing import BadSignature, TimestampSigner
from django.template.loader import render_to_string

from accounts.models import Account
from pryvsite.api.platform import api_endpoint, platform_name, public_url, service_info

REVOCATION_DAYS = 30
MOST_WAIT = 10  # seconds that a caller waits for a mail
FOLDER = settings.BASE_DIR / "templates" / "emails"
log = logging.getLogger("pryvsite.mail")
_postman = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send_welcome(account: Account, region: str = "") -> Future[bool] | None:
    """Queue the welcome mail (ui §1.2), with the place of the data in words; None when there is no address
    or mails are off."""
    if not account.email or not settings.MAIL_WELCOME:
        return None
    context = {
        "email": account.email,
        "dashboard": f"{public_url()}/u/{account.username}/",
        "api": api_endpoint(account.username),
        "security": f"{public_url()}/account/security",
        "region": region,
    }
    return _queue(account, account.email, "welcome", f"Welcome to {platform_name()}", context)


def send_password_reset(account: Account, secret: str) -> Future[bool] | None:
    """Queue the mail with the link to set a new password (spec api-access §2.9)."""
    if not account.email or not settings.MAIL_PASSWORD_RESET:
        return None
    context = {
        "link": _link(settings.PASSWORD_RESET_PAGE, "resetToken", secret),
        "minutes": settings.PASSWORD_RESET_MAX_AGE // 60,
    }
    return _queue(account, account.email, "reset_password", "Set a new password", context)


def send_password_changed(account: Account) -> Future[bool] | None:
    """Queue the notice that the password was changed; who didn't do it learns of it so."""
    if not account.email or not settings.MAIL_PASSWORD_RESET:
        return None
    context = {"reset": f"{public_url()}/reset-password"}
    return _queue(account, account.email, "password_changed", "Your password was changed", context)


def send_verification(account: Account, address: str, secret: str) -> Future[bool] | None:
    """Queue the mail with the link that proves an address (spec api-access §2.10)."""
    if not settings.MAIL_EMAIL_VERIFICATION:
        return None
    context = {
        "address": address,
        "link": _link(settings.EMAIL_VERIFICATION_PAGE, "verifyToken", secret),
        "hours": settings.EMAIL_VERIFICATION_MAX_AGE // 3600,
    }
    return _queue(account, address, "verify_email", "Confirm your e-mail address", context)


def send_email_changed(account: Account, former: str) -> Future[bool] | None:
    """Queue the notice to the former primary address that there is another one now (ui §1.9)."""
    if not settings.MAIL_EMAIL_VERIFICATION:
        return None
    context = {"new": account.email, "profile": f"{public_url()}/account/profile"}
    return _queue(account, former, "email_changed", "Your e-mail address was changed", context)


def send_access_granted(
    account: Account, access_id: str, app: str, sentences: Sequence[str]
) -> Future[bool] | None:
    """Queue the notice that an app got access, with a link to end it (ui §3.7)."""
    if not account.email or not settings.MAIL_NEW_ACCESS:
        return None
    app = " ".join(app.split())[:60]
    secret = revocation_secret(account.id, access_id)
    context = {
        "app": app,
        "sentences": list(sentences),
        "link": _link(f"{public_url()}/auth/revoke", "token", secret),
        "days": REVOCATION_DAYS,
    }
    return _queue(account, account.email, "access_granted", f"{app} got access to your data", context)


def send_leaving(account: Account, due: float, secret: str) -> Future[bool] | None:
    """Queue the notice that the account will be deleted, with a link to keep it (ui §1.13)."""
    if not account.email:
        return None
    context = {
        "due": f"{datetime.fromtimestamp(due, UTC):%-d %B %Y, %H:%M} UTC",
        "link": _link(f"{public_url()}/auth/stay", "token", secret),
    }
    return _queue(account, account.email, "leaving", "Your account will be deleted", context)


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


def send_test(address: str) -> bool:
    """Send a mail now; whether it left."""
    context = {"service": service_info()}
    subject = f"A test of {platform_name()}"
    try:
        _message("test", subject, address, context).send()
    except Exception:
        log.exception("A mail could not be sent")
        return False
    return True


def templates() -> list[tuple[str, str, str]]:
    """The parts of all mails: (mail, text or html, source)."""
    found = []
    for path in sorted(Path(FOLDER).iterdir()):
        found.append((path.stem, "html" if path.suffix == ".html" else "text", path.read_text()))
    return found


def _link(page: str, name: str, secret: str) -> str:
    return f"{page}{'&' if '?' in page else '?'}{name}={secret}"


def _queue(
    account: Account, address: str, template: str, subject: str, context: Mapping[str, object]
) -> Future[bool]:
    # What the mail tells is read here: the postman's thread has no business with the database.
    full = {"username": account.username, "service": service_info(), **context}
    return _postman.submit(_send, address, template, subject, full)


def _send(address: str, template: str, subject: str, context: Mapping[str, object]) -> bool:
    try:
        _message(template, subject, address, context).send()
    except Exception:
        log.exception("A mail could not be sent")
        return False
    return True


def _message(
    template: str, subject: str, address: str, context: Mapping[str, object]
) -> EmailMultiAlternatives:
    text = render_to_string(f"emails/{template}.txt", dict(context))
    message = EmailMultiAlternatives(subject=subject, body=text, to=[address])
    message.attach_alternative(render_to_string(f"emails/{template}.html", dict(context)), "text/html")
    return message


def has_left(sending: Future[bool]) -> bool:
    """Whether a queued mail could be sent; one that still waits after a while counts as if."""
    try:
        return sending.result(MOST_WAIT)
    except TimeoutError:
        return True


def flush() -> None:
    """Wait until all queued mails are sent or have failed."""
    _postman.submit(lambda: None).result()
