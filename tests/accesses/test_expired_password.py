"""Signing in with a password that expired: a form to set a new one, then on as before (ui §1.3)."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accesses import sessions
from accounts.mail import flush
from accounts.models import Account, Ticket
from pryvsite.kernel.clock import now
from tests.accesses.test_pages import ask, state, text
from tests.accesses.test_password_pages import NEW, next_code, signed_in, turn_on
from tests.cast import PASSWORD, Api

DAY = 86400
PAGE = "/change-password"
LOGIN = {"login": "alice", "password": PASSWORD, "action": "signin"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def expired(alice: Api, settings: Any) -> Api:
    """Alice, whose password is three days old where two are allowed."""
    settings.PASSWORD_MAX_AGE_DAYS = 2
    Account.objects.update(password_changed=now() - 3 * DAY)
    return alice


def begin(path: str = "/signin", **login: str) -> tuple[Client, str]:
    """A browser that is asked for a new password, and where."""
    client = Client(headers={"Accept": "text/html"})
    answer = client.post(path, {**LOGIN, **login})
    assert answer.headers["Location"].startswith(PAGE), answer.content
    return client, str(answer.headers["Location"])


def test_whole_way(expired: Api) -> None:
    client, page = begin("/signin?next=/u/alice/add")
    shown = client.get(page)
    assert "It expired on" in text(shown)
    assert "for alice to go on" in text(shown)
    assert 'hx-post="/register/password"' in shown.content.decode()  # checked while it is typed
    assert client.get("/u/alice/").status_code == 302  # not in yet
    done = client.post(page, {"password": NEW})
    assert done.headers["Location"] == "/u/alice/add"
    assert "Your password was changed." in text(client.get("/u/alice/"))
    assert "Username or password not right" in text(Client().post("/signin", LOGIN))
    signed_in(password=NEW)
    flush()
    assert mail.outbox[-1].subject == "Your password was changed"


def test_a_wrong_password_is_told_nothing_of_it(expired: Api) -> None:
    wrong = Client().post("/signin", {**LOGIN, "password": "wrong-horse"})
    assert (wrong.status_code, "expired" in text(wrong)) == (422, False)


def test_rules(expired: Api, settings: Any) -> None:
    settings.PASSWORD_MIN_LENGTH, settings.PASSWORD_HISTORY = 8, 3
    client, page = begin()
    for password, confirm, told in [
        ("", "", "Choose a new password."),
        ("1234567", "", "8 characters needed, 7 so far."),
        (PASSWORD, "", "the password that expired"),
        (NEW, "other", "The two passwords differ."),
    ]:
        refused = client.post(page, {"password": password, "confirm": confirm})
        assert (refused.status_code, told in text(refused)) == (422, True), told
        assert f'value="{NEW}"' not in refused.content.decode()
    assert client.post(page, {"password": NEW, "confirm": NEW}).status_code == 303
    Account.objects.update(password_changed=now() - 3 * DAY)
    client, page = begin(password=NEW)
    assert "was used before" in text(client.post(page, {"password": PASSWORD}))


@pytest.mark.parametrize(("given", "stays"), [({"end_others": "on"}, False), ({}, True)])
def test_other_sessions(alice: Api, settings: Any, given: dict[str, str], stays: bool) -> None:
    elsewhere = signed_in()
    settings.PASSWORD_MAX_AGE_DAYS = 2
    Account.objects.update(password_changed=now() - 3 * DAY)
    client, page = begin()
    client.post(page, {"password": NEW, **given})
    assert (elsewhere.get("/u/alice/").status_code == 200) is stays
    assert client.get("/u/alice/").status_code == 200


def test_the_second_step_comes_first(expired: Api) -> None:
    secret, _ = turn_on(expired)
    client = Client(headers={"Accept": "text/html"})
    asked = client.post("/signin?next=/u/alice/add", LOGIN).headers["Location"]
    assert asked.startswith("/mfa-challenge")
    assert client.get(PAGE).headers["Location"] == f"/signin?next={PAGE}"  # the code can't be gone round
    assert not Ticket.objects.exists()
    page = client.post(asked, {"action": "verify", "code": next_code(secret)}).headers["Location"]
    assert page.startswith(PAGE)
    assert client.post(page, {"password": NEW}).headers["Location"] == "/u/alice/add"


def test_with_a_recovery_code(expired: Api) -> None:
    _, codes = turn_on(expired)
    client = Client(headers={"Accept": "text/html"})
    asked = client.post("/signin", LOGIN).headers["Location"]
    given = {"action": "recover", "password": PASSWORD, "recovery_code": codes[0]}
    page = client.post(asked, given).headers["Location"]
    assert page == PAGE
    assert "The second step is off now" in text(client.get(page))
    assert client.post(page, {"password": NEW}).headers["Location"] == "/u/alice/"


@pytest.mark.parametrize("second_step", [False, True])
def test_inside_a_request_of_an_app(expired: Api, second_step: bool) -> None:
    secret = turn_on(expired)[0] if second_step else ""
    question = ask(Client())
    client = Client(headers={"Accept": "text/html"})
    page = str(client.post(question, LOGIN).headers["Location"])
    if second_step:
        assert page.startswith("/mfa-challenge")
        page = str(client.post(page, {"action": "verify", "code": next_code(secret)}).headers["Location"])
    assert page.startswith(PAGE)
    assert client.post(page, {"password": NEW}).headers["Location"] == question
    assert client.post(question, {"action": "accept"}).status_code == 200
    assert state(client, question)["status"] == "ACCEPTED"


def test_cancel_leads_back(expired: Api) -> None:
    client, page = begin()
    assert client.post(page, {"action": "cancel"}).headers["Location"] == "/signin"
    assert client.get(PAGE).headers["Location"] == f"/signin?next={PAGE}"
    question = ask(Client())
    client, page = begin(question)
    assert client.post(page, {"action": "cancel"}).headers["Location"] == question


def test_it_takes_some_minutes_at_most_and_works_once(expired: Api) -> None:
    client, page = begin()
    other, other_page = begin()
    assert client.post(page, {"password": NEW}).status_code == 303
    late = other.post(other_page, {"password": "third-horse"})
    assert (late.status_code, "Sign in again" in text(late)) == (410, True)
    assert other.get("/u/alice/").status_code == 302
    signed_in(password=NEW)


def test_time_runs_out(expired: Api) -> None:
    client, page = begin()
    Ticket.objects.update(expires=now() - 1)
    assert client.post(page, {"password": NEW}).status_code == 410
    assert Account.objects.get().password_changed < now() - DAY


def test_the_secret_stays_on_the_server(expired: Api) -> None:
    client, page = begin()
    renewal = sessions.waiting_renewal(client.session)
    assert renewal
    shown = client.get(page).content.decode()
    assert renewal.secret not in shown + page + str(client.session.items())
    assert PASSWORD not in shown


def test_the_api_answers_as_before(expired: Api) -> None:
    """api-access §2.7: no form there, the error with its date."""
    turn_on(expired)
    given = {"username": "alice", "password": PASSWORD, "appId": "an-app-id"}
    answer = expired.call("POST", "auth/login", given, Origin="http://localhost:1234")
    assert answer.status == 401
    assert answer["error"]["id"] == "invalid-credentials"
    assert answer["error"]["data"]["expiredTime"] < now()
    assert re.fullmatch("The password expired; set a new one.", answer["error"]["message"])
