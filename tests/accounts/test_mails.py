"""Every mail as it leaves: text and HTML, the same links, nothing loaded from anywhere (ui §0.6, §1.2)."""

import re
from collections.abc import Callable
from concurrent.futures import Future
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives

from accounts import mail
from accounts.mail_kinds import KINDS
from accounts.models import Account, Identity
from tests.accounts.mails import mails_to
from tests.cast import PASSWORD, Api

ORCHARD = "Fruit & <b>Co</b>"  # a name that is no markup
SECRET = "x7" * 16
MAILS: dict[str, Callable[[Account], Future[bool] | bool | None]] = {
    "welcome": lambda a: mail.send_welcome(a, "Switzerland, Europe"),
    "reset-password": lambda a: mail.send_password_reset(a, SECRET),
    "password-changed": mail.send_password_changed,
    "verify-email": lambda a: mail.send_verification(a, str(a.email), SECRET),
    "email-changed": lambda a: mail.send_email_changed(a, str(a.email)),
    "access-granted": lambda a: mail.send_access_granted(a, "c0ffee", "An <i>app</i>\n", ["See <b>it</b>"]),
    "leaving": lambda a: mail.send_leaving(a, 1_900_000_000, SECRET),
    "test": lambda a: mail.send_test(str(a.email)),
}
LINKS = {
    "welcome": {"/u/alice/", "/account/security"},
    "reset-password": {f"/reset-password?resetToken={SECRET}"},
    "password-changed": {"/reset-password"},
    "verify-email": {f"/verify-email?verifyToken={SECRET}"},
    "email-changed": {"/account/profile"},
    "access-granted": {"/auth/revoke?token="},
    "leaving": {f"/auth/stay?token={SECRET}"},
    "test": {"/"},
}
EVERYWHERE = {"/", "/p/help"}  # home and support, at the foot


class Links(HTMLParser):
    """Addresses that a page leads to, and all that it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loaded: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag leads to or loads."""
        self.tags.add(tag)
        for name, value in attrs:
            if tag == "a" and name == "href":
                self.links.add(str(value))
            elif name in ("src", "srcset", "href", "background", "action", "poster", "data"):
                self.loaded.append(f"{tag} {name}={value}")


def short(url: str) -> str:
    """An address of this platform without its host, and without a secret that differs each time."""
    parts = urlsplit(url)
    assert parts.netloc == "testserver", url
    query = "token=" if parts.path == "/auth/revoke" else parts.query
    return f"{parts.path}?{query}" if query else parts.path


def sent(kind: str) -> EmailMultiAlternatives:
    account = Account.objects.get()
    mail.flush()
    outbox.outbox.clear()
    assert MAILS[kind](account)
    mail.flush()
    (message,) = outbox.outbox
    assert isinstance(message, EmailMultiAlternatives)
    return message


def test_all_are_looked_at() -> None:
    assert set(MAILS) == set(LINKS) == set(KINDS)


@pytest.mark.parametrize("kind", MAILS)
@pytest.mark.django_db(transaction=True)
def test_both_parts(alice: Api, kind: str) -> None:
    Identity.objects.create(name=ORCHARD)
    message = sent(kind)
    ((html, media),) = message.alternatives
    page = Links(str(html))
    assert (media, message.to) == ("text/html", ["alice@example.org"])
    assert "\n" not in message.subject
    assert page.loaded == []  # no picture, style sheet or script from anywhere
    assert not page.tags & {"img", "script", "link", "iframe", "form", "object", "b", "i"}
    assert "url(" not in str(html)
    assert "@import" not in str(html)

    links = {short(url) for url in page.links}
    assert LINKS[kind] <= links <= LINKS[kind] | EVERYWHERE
    urls = re.findall(r"https?://[^\s,]+", str(message.body))
    written = {short(url) for url in urls if not url.endswith("testserver/alice/")}  # that one is no link
    assert LINKS[kind] - {"/u/alice/"} <= written <= LINKS[kind] | EVERYWHERE

    for told in (str(message.body), unescape(str(html))):
        assert ORCHARD in told
        assert "alice" in told or kind == "test"
        assert PASSWORD not in told + message.subject
        assert str(alice.token) not in told
    assert "&lt;b&gt;Co" in str(html)
    assert "&amp;" not in str(message.body)
    assert not re.search(r"\{[{%]|None\b", str(message.body) + str(html))
    assert not re.search(r"\n\n\n", str(message.body).strip())


@pytest.mark.django_db(transaction=True)
def test_as_they_travel(alice: Api) -> None:
    """Text first, so that clients prefer the HTML, both in UTF-8."""
    whole = sent("welcome").message()
    assert whole.get_content_type() == "multipart/alternative"
    parts = [part for part in whole.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert {str(part.get_content_charset()) for part in parts} == {"utf-8"}


@pytest.mark.django_db(transaction=True)
class TestAddressChanged:
    def test_the_former_address_is_told(self, alice: Api) -> None:
        alice.put("account", {"email": "new@example.org"})
        (told,) = [text for text in mails_to("alice@example.org") if "no longer this one" in text]
        assert "is now new@example.org" in told

    def test_nobody_where_there_was_none(self, carol: Api) -> None:
        carol.put("account", {"email": "new@example.org"})
        mail.flush()
        assert not [m for m in outbox.outbox if "address was changed" in m.subject]

    def test_not_when_it_stays(self, alice: Api, settings: Any) -> None:
        alice.put("account", {"email": "Alice@example.org"})
        mail.flush()
        assert not [m for m in outbox.outbox if "address was changed" in m.subject]
