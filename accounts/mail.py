"""Mails about accounts. They leave in the background; a failing mail fails nothing else."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from accounts.models import Account
from pryvsite.api.platform import api_endpoint, public_url, service_info

log = logging.getLogger("pryvsite.mail")
_postman = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send_welcome(account: Account) -> Future[None] | None:
    """Queue the welcome mail (ui §1.2); None when there is no address or mails are off."""
    if not account.email or not settings.MAIL_WELCOME:
        return None
    context = {
        "username": account.username,
        "email": account.email,
        "dashboard": f"{public_url()}/u/{account.username}/",
        "api": api_endpoint(account.username),
        "service": service_info(),
    }
    message = EmailMultiAlternatives(
        subject=f"Welcome to {settings.PLATFORM_NAME}",
        body=render_to_string("emails/welcome.txt", context),
        to=[account.email],
    )
    message.attach_alternative(render_to_string("emails/welcome.html", context), "text/html")
    return _postman.submit(_send, message)


def _send(message: EmailMultiAlternatives) -> None:
    try:
        message.send()
    except Exception:
        log.exception("A mail could not be sent")


def flush() -> None:
    """Wait until all queued mails are sent or have failed."""
    _postman.submit(lambda: None).result()
