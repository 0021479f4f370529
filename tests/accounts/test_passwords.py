"""Changing and resetting passwords, and their rules (access C34, D58, D63–D67)."""

from typing import Any

import pytest
from django.test import override_settings

from accounts import mail
from accounts.models import Account, Ticket
from tests.accounts.mails import MailServer, free_port, mails_to, secret_in
from tests.cast import PASSWORD, Answer, Api, register

ORIGIN = {"Origin": "http://localhost:3000"}
NEW = "another-password"
DAY = 86400


def change(api: Api, new: Any = NEW, old: Any = PASSWORD) -> Answer:
    return api.post("account/change-password", {"oldPassword": old, "newPassword": new})


def login(password: str, username: str = "alice") -> Answer:
    body = {"username": username, "password": password, "appId": "some-app"}
    return Api(username).post("auth/login", body, **ORIGIN)


def ask(username: str = "alice", origin: str = "http://localhost:3000") -> Answer:
    return Api(username).post("account/request-password-reset", {"appId": "some-app"}, Origin=origin)


def mailed_token(address: str = "alice@example.org") -> str:
    return secret_in(mails_to(address)[-1], "resetToken")


def reset(token: str, new: str = NEW, username: str = "alice", **headers: str) -> Answer:
    body = {"appId": "some-app", "resetToken": token, "newPassword": new}
    return Api(username).post("account/reset-password", body, **(headers or ORIGIN))


def test_change(alice: Api) -> None:
    assert change(alice).status == 200
    assert login(PASSWORD).status == 401
    assert login(NEW).status == 200
    assert "was changed" in mails_to("alice@example.org")[-1]


@pytest.mark.parametrize(
    ("new", "old", "error"),
    [
        (NEW, "wrong-password", "invalid-operation"),
        ("short", PASSWORD, "invalid-parameters-format"),
        ("x" * 101, PASSWORD, "invalid-parameters-format"),
        (None, PASSWORD, "invalid-parameters-format"),
    ],
)
def test_change_refused(alice: Api, new: Any, old: str, error: str) -> None:
    answer = change(alice, new, old)
    assert (answer.status, answer.error) == (400, error)
    assert login(PASSWORD).status == 200


def test_d67_tokens_survive(alice: Api) -> None:
    guest = alice.guest("read")
    change(alice)
    assert alice.get("access-info").status == guest.get("access-info").status == 200


@pytest.mark.parametrize(("length", "status"), [(0, 200), (1, 400), (3, 400)])
def test_d63_current_password(alice: Api, length: int, status: int) -> None:
    with override_settings(PASSWORD_HISTORY=length):
        answer = change(alice, PASSWORD)
    assert answer.status == status
    assert status == 200 or answer.error == "invalid-operation"


def test_history(alice: Api) -> None:
    with override_settings(PASSWORD_HISTORY=2):
        assert change(alice, "second-password").status == 200
        assert change(alice, PASSWORD, "second-password").error == "invalid-operation"
        assert change(alice, "third-password", "second-password").status == 200
        assert change(alice, PASSWORD, "third-password").status == 200, "two later ones were used"


def test_d64_minimum_age(alice: Api) -> None:
    with override_settings(PASSWORD_MIN_AGE_DAYS=1):
        assert change(alice).error == "invalid-operation"
        ask()
        token = mailed_token()
        assert reset(token).error == "invalid-operation"
        Account.objects.update(password_changed=0)
        assert reset(token).status == 200, "a refused reset doesn't spend the token"


@pytest.mark.parametrize(
    ("rules", "bad", "good"),
    [
        ({"PASSWORD_MIN_LENGTH": 12}, "eleven-char", "twelve-chars"),
        ({"PASSWORD_MIN_CATEGORIES": 3}, "lower-only", "Lower-and-Upper"),
        ({"PASSWORD_MIN_CATEGORIES": 4}, "Lower-and-Upper", "Lower-and-Upper-4"),
    ],
)
def test_c34_complexity(alice: Api, rules: dict[str, int], bad: str, good: str) -> None:
    with override_settings(**rules):
        answer = change(alice, bad)
        assert (answer.status, answer.error) == (400, "invalid-parameters-format")
        assert isinstance(answer.data[0], str)
        ask()
        assert reset(mailed_token(), bad).error == "invalid-parameters-format"
        body = {"appId": "test-app", "username": "dorothy", "password": bad}
        refused = Api("x").call("POST", "/users", body)
        assert (refused.status, refused.error) == (400, "invalid-parameters-format")
        assert Api("x").call("POST", "/users", body | {"password": good}).status == 201
        assert change(alice, good).status == 200


def test_c34_first_password_is_in_the_history(db: None) -> None:
    with override_settings(PASSWORD_HISTORY=2):
        dorothy = register("dorothy")
        assert change(dorothy, PASSWORD).error == "invalid-operation"


def test_d58_password_age(alice: Api) -> None:
    changed = Account.objects.get(username="alice").password_changed
    with override_settings(PASSWORD_MAX_AGE_DAYS=30, PASSWORD_MIN_AGE_DAYS=1):
        answer = login(PASSWORD)
        assert answer["passwordExpires"] == pytest.approx(changed + 30 * DAY)
        assert answer["passwordCanBeChanged"] == pytest.approx(changed + DAY)
        Account.objects.update(password_changed=changed - 31 * DAY)
        old = login(PASSWORD)
        assert (old.status, old.error) == (401, "invalid-credentials")
        assert old.data["expiredTime"] == pytest.approx(changed - DAY)
        assert login("wrong-password").data is None
    assert "passwordExpires" not in login(PASSWORD).body


def test_d65_reset(alice: Api, carol: Api) -> None:
    assert ask().status == 200
    token = mailed_token()
    assert Ticket.objects.filter(digest=token).count() == 0, "only its digest is stored"
    foreign = reset(token, username="carol")
    assert (foreign.status, foreign.error) == (401, "invalid-access-token")
    assert login(PASSWORD, "carol").status == 200
    assert reset(token).status == 200
    assert login(NEW).status == 200
    again = reset(token, "third-password")
    assert (again.status, again.error) == (401, "invalid-access-token")
    assert login(NEW).status == 200


def test_asking_again_leaves_the_first_link_good(alice: Api) -> None:
    ask()
    older = mailed_token()
    ask()
    newer = mailed_token()
    assert older != newer
    assert reset(older).status == 200, "a stranger who asks on can't make the owner's link worthless"
    assert reset(newer).status == 401, "one success ends them all"


def test_a_referer_is_no_origin(alice: Api) -> None:
    body = {"appId": "some-app"}
    refused = Api("alice").post("account/request-password-reset", body, Referer="http://localhost:3000/x")
    assert refused.error == "invalid-credentials"


def test_a_change_makes_reset_tokens_worthless(alice: Api) -> None:
    ask()
    token = mailed_token()
    change(alice)
    assert reset(token, "third-password").status == 401


def test_expired_token(alice: Api) -> None:
    with override_settings(PASSWORD_RESET_MAX_AGE=-1):
        ask()
    assert reset(mailed_token()).status == 401


def test_untrusted_apps(alice: Api) -> None:
    assert ask(origin="https://evil.example.org").error == "invalid-credentials"
    ask()
    refused = reset(mailed_token(), Origin="https://evil.example.org")
    assert (refused.status, refused.error) == (401, "invalid-credentials")


def test_d66_without_mail(alice: Api, carol: Api) -> None:
    with override_settings(MAIL_PASSWORD_RESET=False):
        assert ask().status == 200
    assert ask("carol").status == 200, "no address"
    assert mails_to("alice@example.org") == []


SMTP = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "EMAIL_HOST": "127.0.0.1",
        "EMAIL_HOST_USER": "", "EMAIL_USE_TLS": False}  # fmt: skip


def test_d66_mail_service_down(alice: Api, carol: Api, caplog: pytest.LogCaptureFixture) -> None:
    """Carol has no address: that she gets the same answer tells nobody so."""
    with override_settings(**SMTP, EMAIL_PORT=free_port()):
        answers = [ask(name) for name in ("alice", "carol")]
        mail.flush()
    assert [(answer.status, answer.error) for answer in answers] == [(500, "unexpected-error")] * 2
    assert answers[0]["error"] == answers[1]["error"]
    assert "could not be sent" in answers[0]["error"]["message"]
    told = [record.message for record in caplog.records if record.name == "pryvsite.mail"]
    assert told.count("The mail service can't be reached") == 2
    assert told.count("A mail could not be sent") == 1, "Carol has no address"
    with override_settings(**SMTP, EMAIL_PORT=free_port(), MAIL_PASSWORD_RESET=False):
        assert ask().status == 200, "no mail, no service needed"


def test_d66_mail_service_up(alice: Api, carol: Api) -> None:
    with MailServer() as server, override_settings(**SMTP, EMAIL_PORT=server.port):
        assert [ask(name).status for name in ("alice", "carol")] == [200, 200]
        mail.flush()
    assert len(server.letters) == 1
    reset_token = secret_in(server.letters[0], "resetToken")
    assert reset(reset_token).status == 200


def test_d66_mail_that_is_refused(alice: Api, carol: Api, caplog: pytest.LogCaptureFixture) -> None:
    """What becomes of a mail afterwards is the operator's to know, from the log."""
    with MailServer(refuse=True) as server, override_settings(**SMTP, EMAIL_PORT=server.port):
        assert [ask(name).status for name in ("alice", "carol")] == [200, 200]
        mail.flush()
    assert server.letters == []
    assert "A mail could not be sent" in [record.message for record in caplog.records]


def test_mail_in_both_forms(alice: Api) -> None:
    from django.core import mail as outbox

    ask()
    mailed_token()
    message = outbox.outbox[-1]
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    token = secret_in(message.body, "resetToken")
    assert f"http://testserver/reset-password?resetToken={token}" in message.body
    assert token in html
    assert "&amp;" not in message.body


def test_unknown_accounts_are_told_by_the_path_alone(db: None) -> None:
    assert ask("nobody-here").status == 404
