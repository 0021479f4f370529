"""Reading the mails that a test made the platform send."""

import re

from django.core import mail as outbox

from accounts import mail


def mails_to(address: str) -> list[str]:
    """The texts of the mails to an address, in order."""
    mail.flush()
    return [message.body for message in outbox.outbox if message.to == [address]]


def secret_in(text: str, name: str) -> str:
    """The secret in a mail's link."""
    found = re.search(rf"[?&]{name}=(\w+)", text)
    assert found, text
    return found.group(1)
