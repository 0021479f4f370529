"""Accounts at the same time: exactly one outcome. Needs an engine that lets transactions run side by side."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from accounts import invitations, passwords, tickets
from accounts.models import Account, EmailAddress, Invitation, RecoveryCode, SecondFactor
from tests.accesses.test_mfa import App, enrol, login
from tests.cast import PASSWORD, Answer, Api
from tests.events.test_races import at_once, statuses

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # The tests' SQLite lives in memory, where writers fail instead of waiting for each other.
    pytest.mark.skipif(connection.vendor == "sqlite", reason="needs transactions side by side"),
]
MANY = 6


def sign_up(**fields: Any) -> Answer:
    return Api("x").call("POST", "/users", {"appId": "test-app", "password": PASSWORD, **fields})


def test_one_name_for_many() -> None:
    answers = at_once(MANY, lambda n: sign_up(username="wanted", email=f"{n}@example.org"))
    assert statuses(answers) == [201] + [409] * (MANY - 1)
    assert {tuple(answer.data) for answer in answers if answer.status == 409} == {("username",)}
    assert Account.objects.count() == EmailAddress.objects.count() == 1, "losers keep no address"


def test_one_address_for_many() -> None:
    answers = at_once(MANY, lambda n: sign_up(username=f"person-{n}", email="wanted@example.org"))
    assert statuses(answers) == [201] + [409] * (MANY - 1)
    assert {tuple(answer.data) for answer in answers if answer.status == 409} == {("email",)}
    assert Account.objects.count() == 1


def test_one_invitation_for_many() -> None:
    (invitation,) = invitations.create(1, "")
    answers = at_once(MANY, lambda n: sign_up(username=f"person-{n}", invitationToken=invitation.id))
    assert statuses(answers) == [201] + [400] * (MANY - 1)
    used = Invitation.objects.get()
    assert used.consumed_by == Account.objects.get().username


def test_a_name_by_registration_and_by_change(alice: Api) -> None:
    def run(number: int) -> Answer:
        if number % 2:
            return sign_up(username="wanted")
        return Api("alice", alice.token).post("account/change-username", {"newUsername": "wanted"})

    answers = at_once(2, run)
    assert [answer.status for answer in answers] in ([200, 409], [409, 201])
    assert Account.objects.filter(username="wanted").count() == 1


def test_an_address_claimed_by_two(alice: Api, carol: Api) -> None:
    body = {"emails": {"add": ["wanted@example.org"]}}
    answers = at_once(2, lambda n: (alice, carol)[n].put("account", body))
    assert statuses(answers) == [200, 409]


def test_addresses_of_one_account_stay_within_bounds(alice: Api) -> None:
    with override_settings(MAX_EMAILS=3):
        body = lambda n: {"emails": {"add": [f"{n}@example.org"]}}  # noqa: E731
        answers = at_once(MANY, lambda n: Api("alice", alice.token).put("account", body(n)))
    assert statuses(answers) == [200] * 2 + [400] * (MANY - 2)


def test_a_reset_token_works_once(alice: Api) -> None:
    account = Account.objects.get(username="alice")
    secret = tickets.issue("reset", account.id, 3600)

    def reset(number: int) -> Answer:
        body = {"appId": "some-app", "resetToken": secret, "newPassword": f"password-{number}"}
        return Api("alice").post("account/reset-password", body, Origin="http://localhost:3000")

    answers = at_once(MANY, reset)
    assert statuses(answers) == [200] + [401] * (MANY - 1)
    winner = next(n for n, answer in enumerate(answers) if answer.status == 200)
    account.refresh_from_db()
    passwords.check(account, f"password-{winner}")


def test_changes_of_a_password(alice: Api) -> None:
    def change(number: int) -> Answer:
        body = {"oldPassword": PASSWORD, "newPassword": f"password-{number}"}
        return Api("alice", alice.token).post("account/change-password", body)

    assert statuses(at_once(MANY, change)) == [200] + [400] * (MANY - 1)


def test_a_recovery_code_works_once(alice: Api) -> None:
    _, codes = enrol(alice)
    body = {"username": "alice", "password": PASSWORD, "recoveryCode": codes[0]}
    answers = at_once(MANY, lambda _: Api("alice").post("mfa/recover", body))
    assert statuses(answers) == [200] + [400] * (MANY - 1)
    assert not SecondFactor.objects.exists() and not RecoveryCode.objects.exists()


@pytest.mark.parametrize("one_step", [True, False])
def test_a_code_of_an_app_works_once(alice: Api, one_step: bool) -> None:
    app, _ = enrol(alice)
    tokens = [login()["mfaToken"]] * 4 if one_step else [login()["mfaToken"] for _ in range(4)]
    code = app.code()
    answers = at_once(4, lambda n: Api("alice", tokens[n]).post("mfa/verify", {"code": code}))
    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.status for answer in answers} <= {200, 400, 401}


def test_an_enrolment_is_confirmed_once(alice: Api) -> None:
    begun = alice.post("mfa/activate")
    code = App(begun["secret"]).code()
    answers = at_once(4, lambda _: Api("alice", begun["mfaToken"]).post("mfa/confirm", {"code": code}))
    assert [answer.status for answer in answers].count(200) == 1
    assert RecoveryCode.objects.count() == 10


def test_a_limit_counts_everybody(alice: Api) -> None:
    with override_settings(RATE_LIMITS=True, LIMIT_SIGN_IN_ACCOUNT=(3, 900)):
        answers = at_once(8, lambda _: login(password="wrong-password"))
    assert statuses(answers) == [401] * 3 + [429] * 5


def test_profiles_are_merged(alice: Api) -> None:
    put: Callable[[int], Answer] = lambda n: Api("alice", alice.token).put("profile/public", {f"k{n}": n})  # noqa: E731
    assert statuses(at_once(MANY, put)) == [200] * MANY
    assert alice.get("profile/public")["profile"] == {f"k{n}": n for n in range(MANY)}


def test_two_logins_have_one_session(alice: Api) -> None:
    answers = at_once(MANY, lambda _: login(appId="new-app"))
    assert statuses(answers) == [200] * MANY
    assert len({answer["token"] for answer in answers}) == 1
