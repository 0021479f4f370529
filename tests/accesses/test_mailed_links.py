"""Secrets of mailed links: out of the address at once, in no page, cookie, log or stored session, good once
(ui §0.7; spec api-access §2.9, §2.10)."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail as outbox
from django.test import Client

from accounts import leaving, mail
from accounts.models import Account
from tests.accesses.test_pages import ask, text
from tests.accesses.test_password_pages import NEW, signed_in
from tests.cast import Api

pytestmark = pytest.mark.django_db(transaction=True)


def lose_password(_: Api) -> None:
    Client().post("/reset-password", {"login": "alice"})


def add_address(alice: Api) -> None:
    alice.put("account", {"emails": {"add": ["second@example.org"]}})


def allow_app(_: Api) -> None:
    client = signed_in()
    client.post(ask(client), {"action": "accept"})


def leave(_: Api) -> None:
    leaving.leave(Account.objects.get())


@dataclass(frozen=True)
class Link:
    """How a mail with a link comes about, where it leads, what is pressed there."""

    cause: Callable[[Api], None]
    page: str
    form: dict[str, str]
    done: str


LINKS = [
    pytest.param(Link(lose_password, "/reset-password", {"password": NEW}, ""), id="reset"),
    pytest.param(Link(add_address, "/verify-email", {}, "Address confirmed"), id="verify"),
    pytest.param(Link(allow_app, "/auth/revoke", {}, "Access ended"), id="revoke"),
    pytest.param(Link(leave, "/auth/stay", {}, "Your account stays"), id="stay"),
]


def mailed(link: Link, alice: Api) -> tuple[str, str]:
    """The path of the link that was mailed last, and its secret."""
    link.cause(alice)
    mail.flush()
    bodies = " ".join(str(message.body) for message in outbox.outbox)
    found = re.findall(rf"http://testserver({link.page}\?\w+=(\S+))", bodies)[-1]
    return found[0], found[1]


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """All that is logged, at the most talkative."""
    caplog.set_level(logging.DEBUG)
    # Statements are logged by Django's debugging alone; digests stand in them anyway.
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    return caplog


@pytest.mark.parametrize("link", LINKS)
def test_the_secret_stays_nowhere(
    link: Link, alice: Api, everything_logged: pytest.LogCaptureFixture
) -> None:
    path, secret = mailed(link, alice)
    visitor = Client(headers={"Accept": "text/html"})
    moved = visitor.get(path)
    assert (moved.status_code, moved.headers["Location"]) == (303, link.page)
    assert "no-store" in moved.headers["Cache-Control"]  # not even the step between is kept
    page = visitor.get(link.page)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["Referrer-Policy"] in ("no-referrer", "same-origin")
    done = visitor.post(link.page, link.form)
    assert done.status_code in (200, 303)
    assert link.done in text(done)
    for answer in (moved, page, done):
        told = answer.content.decode() + str(answer.headers) + str(answer.cookies)
        assert secret not in told
    assert secret not in str([session.get_decoded() for session in Session.objects.all()])
    assert secret not in everything_logged.text


@pytest.mark.parametrize("link", LINKS)
def test_a_look_spends_nothing_and_a_use_all(link: Link, alice: Api) -> None:
    path, _ = mailed(link, alice)
    for _ in range(2):  # programs that look at mails open links, too
        looker = Client()
        looker.get(path)
        assert looker.get(link.page).status_code == 200
    first, second = Client(), Client()
    for one in (first, second):
        one.get(path)
    first.post(link.page, link.form)
    again = second.post(link.page, link.form)
    assert again.status_code == 410
    third = Client()
    third.get(path)
    assert third.get(link.page).status_code == 410


@pytest.mark.parametrize("link", LINKS)
def test_failures_tell_no_secret(
    link: Link, alice: Api, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """What an operator is mailed of an exception holds none of it."""
    settings.ADMINS = [("Operator", "operator@example.org")]
    path, secret = mailed(link, alice)
    visitor = Client(headers={"Accept": "text/html"}, raise_request_exception=False)
    visitor.get(path)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("any fault")

    for module in ("password", "verify", "revoke", "data"):
        monkeypatch.setattr(f"accesses.views.{module}.screen", fail)
    outbox.outbox.clear()
    assert visitor.get(link.page).status_code == 500
    reports = [message for message in outbox.outbox if message.to == ["operator@example.org"]]
    assert reports
    for report in reports:
        told = report.subject + str(report.message())
        assert f"Internal Server Error: {link.page}" in told
        assert secret not in told
