"""Second factors: apps that make codes, message services, recovery codes (access D59, I168–I170)."""

import time
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
import time_machine
from django.test import Client, override_settings

from accesses import sessions
from accesses.models import Access, SecondStep
from accounts.models import RecoveryCode, SecondFactor
from pryvsite.kernel.errors import InvalidCode, InvalidTicket
from tests.accesses.messenger import Messenger, endpoints, messenger
from tests.cast import PASSWORD, Answer, Api

ORIGIN = {"Origin": "http://localhost:3000"}
PHONE = {"phone": "+41 79 000", "name": 'A "B" & C'}


def login(username: str = "alice", **fields: Any) -> Answer:
    body = {"username": username, "password": PASSWORD, "appId": "some-app", **fields}
    return Api(username).post("auth/login", body, **ORIGIN)


def step(name: str, token: str | None, username: str = "alice", **body: Any) -> Answer:
    return Api(username, token).post(f"mfa/{name}", body)


def recover(code: str, password: str = PASSWORD, **more: Any) -> Answer:
    body = {"username": "alice", "password": password, "recoveryCode": code, **more}
    return Api("alice").post("mfa/recover", body)


class App:
    """An authenticator app."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        from pryvsite.kernel.clock import now

        return self.totp.at(int(now()) + 30 * steps)


def enrol(api: Api) -> tuple[App, list[str]]:
    """Turn codes of an app on."""
    begun = api.post("mfa/activate")
    assert begun.status == 302
    app = App(begun["secret"])
    confirmed = step("confirm", begun["mfaToken"], api.username, code=app.code(-1))
    assert confirmed.status == 200
    return app, confirmed["recoveryCodes"]


@pytest.fixture
def service() -> Iterator[Messenger]:
    with messenger() as running, override_settings(MFA_ENDPOINTS=endpoints(running.url)):
        yield running


# --- apps that make codes


def test_i169_enrol_an_app(alice: Api) -> None:
    begun = alice.post("mfa/activate")
    assert (begun.status, "Location" in begun.headers) == (302, False)
    assert begun["otpauthUrl"].startswith("otpauth://totp/")
    assert begun["secret"] in begun["otpauthUrl"]
    assert login()["token"], "not on before it is confirmed"
    wrong = step("confirm", begun["mfaToken"], code="000000")
    assert (wrong.status, wrong.error, wrong.data) == (400, "invalid-parameters-format", {"id": "invalid-mfa-code"})  # fmt: skip  # noqa: E501
    confirmed = step("confirm", begun["mfaToken"], code=App(begun["secret"]).code())
    assert len(set(confirmed["recoveryCodes"])) == 10
    assert step("confirm", begun["mfaToken"], code=App(begun["secret"]).code(1)).status == 401


def test_d59_login_asks_for_a_code(alice: Api) -> None:
    app, _ = enrol(alice)
    before = Access.objects.count()
    answer = login()
    assert answer.status == 200
    assert answer.body.keys() == {"mfaToken", "meta"}
    assert Access.objects.count() == before, "no session before the code"
    assert Api("alice", answer["mfaToken"]).get("events").status == 403
    assert "authenticator" in step("challenge", answer["mfaToken"])["message"]
    passed = step("verify", answer["mfaToken"], code=f" {app.code()[:3]} {app.code()[3:]} ")
    assert passed.status == 200
    assert passed["apiEndpoint"] == f"http://{passed['token']}@testserver/alice/"
    assert Api("alice", passed["token"]).get("access-info")["type"] == "personal"
    assert step("verify", answer["mfaToken"], code=app.code(1)).status == 401, "used"
    assert login(password="wrong-password").status == 401


def test_bearer_is_understood(alice: Api) -> None:
    app, _ = enrol(alice)
    token = login()["mfaToken"]
    assert step("verify", f"Bearer {token}", code=app.code()).status == 200


def test_codes_work_once_and_for_a_short_time(alice: Api) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        app, _ = enrol(alice)
        code = app.code()
        assert step("verify", login()["mfaToken"], code=code).status == 200
        assert step("verify", login()["mfaToken"], code=code).data == {"id": "invalid-mfa-code"}
        assert step("verify", login()["mfaToken"], code=app.code(-1)).status == 400, "older than the last"
        clock.shift(90)
        assert step("verify", login()["mfaToken"], code=app.code(-2)).status == 400
        assert step("verify", login()["mfaToken"], code=app.code(2)).status == 400
        assert step("verify", login()["mfaToken"], code=app.code(1)).status == 200


def test_a_step_ends_after_wrong_codes(alice: Api) -> None:
    app, _ = enrol(alice)
    token = login()["mfaToken"]
    for _ in range(5):
        assert step("verify", token, code="000000").status == 400
    assert step("verify", token, code=app.code()).status == 401
    assert step("verify", login()["mfaToken"], code=app.code()).status == 200


def test_a_step_ends_in_time(alice: Api) -> None:
    app, _ = enrol(alice)
    with override_settings(MFA_MAX_AGE=-1):
        token = login()["mfaToken"]
    assert step("verify", token, code=app.code()).status == 401


def test_steps_are_of_one_account_and_kind(alice: Api, carol: Api) -> None:
    app, _ = enrol(alice)
    token = login()["mfaToken"]
    assert step("verify", token, "carol", code=app.code()).error == "invalid-access-token"
    assert step("confirm", token, code=app.code()).status == 401
    begun = carol.post("mfa/activate")
    code = App(begun["secret"]).code()
    assert step("verify", begun["mfaToken"], "carol", code=code).status == 401
    assert step("verify", token, code=app.code()).status == 200


@pytest.mark.parametrize("name", ["confirm", "challenge", "verify"])
def test_without_step(alice: Api, name: str) -> None:
    missing = step(name, None, code="123456")
    assert (missing.status, missing.error) == (400, "invalid-parameters-format")
    unknown = step(name, "unknown", code="123456")
    assert (unknown.status, unknown.error) == (401, "invalid-access-token")
    assert step(name, alice.token, code="123456").status == 401


@pytest.mark.parametrize("body", [{}, {"code": 5}, {"code": None}])
def test_code_must_be_a_text(alice: Api, body: dict[str, Any]) -> None:
    enrol(alice)
    answer = step("verify", login()["mfaToken"], **body)
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")


def test_secrets_at_rest(alice: Api) -> None:
    begun = alice.post("mfa/activate")
    app = App(begun["secret"])
    codes = step("confirm", begun["mfaToken"], code=app.code())["recoveryCodes"]
    stored = SecondFactor.objects.get().sealed
    assert begun["secret"] not in stored
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    token = login()["mfaToken"]
    assert not SecondStep.objects.filter(digest=token).exists()
    assert begun["secret"] not in SecondStep.objects.get().sealed


def test_enrolling_again_replaces(alice: Api) -> None:
    old, codes = enrol(alice)
    new, _ = enrol(alice)
    assert recover(codes[0]).data == {"id": "invalid-mfa-code"}
    assert step("verify", login()["mfaToken"], code=old.code(1)).status == 400
    assert step("verify", login()["mfaToken"], code=new.code()).status == 200


def test_changed_factor_ends_waiting_steps(alice: Api) -> None:
    enrol(alice)
    token = login()["mfaToken"]
    new, _ = enrol(alice)
    assert step("verify", token, code=new.code()).status == 401


def test_deactivate(alice: Api) -> None:
    enrol(alice)
    token = login()["mfaToken"]
    answer = alice.post("mfa/deactivate")
    assert (answer.status, "message" in answer.body) == (200, True)
    assert login()["token"]
    assert step("verify", token, code="123456").status == 401


@pytest.mark.parametrize("kind", ["app", "shared"])
@pytest.mark.parametrize("name", ["activate", "deactivate"])
def test_i169_owner_only(alice: Api, kind: str, name: str) -> None:
    guest = alice.share({"streamId": "*", "level": "manage"}, type=kind)
    assert (guest.post(f"mfa/{name}").status, guest.post(f"mfa/{name}").error) == (403, "forbidden")
    assert Api("alice").post(f"mfa/{name}").status == 401


def test_i168_disabled(alice: Api) -> None:
    app, _ = enrol(alice)
    token = login()["mfaToken"]
    with override_settings(MFA_MODE="disabled"):
        activate = alice.post("mfa/activate", PHONE)
        assert (activate.status, activate.error) == (503, "api-unavailable")
        for name in ("confirm", "challenge", "verify"):
            assert step(name, token, code=app.code()).status == 503
        assert login()["token"]


def test_a_browser_waits_for_the_code(alice: Api) -> None:
    app, _ = enrol(alice)
    browser = Client(headers={"Accept": "text/html"})
    browser.post("/signin", {"login": "alice", "password": PASSWORD})
    assert browser.get("/u/alice/").status_code != 200, "not signed in yet"
    store = browser.session
    waiting = sessions.waiting_step(store)
    assert waiting is not None
    with pytest.raises(InvalidCode):
        sessions.finish_sign_in(store, "000000")
    actor = sessions.finish_sign_in(store, app.code(), "Firefox on Linux")
    assert (actor.username, actor.kind, actor.via) == ("alice", "personal", "web")
    assert sessions.waiting_step(store) is None
    with pytest.raises(InvalidTicket):
        sessions.finish_sign_in(store, app.code(1))


# --- recovery codes


def test_i170_recover(alice: Api) -> None:
    _, codes = enrol(alice)
    assert (recover("wrong").status, recover("wrong").error) == (400, "invalid-parameters-format")
    bad = recover(codes[0], "wrong-password")
    assert (bad.status, bad.error) == (401, "invalid-credentials")
    assert recover(codes[0], more="x").error == "invalid-parameters-format"
    assert recover(codes[0]).status == 200
    assert login()["token"]
    again = recover(codes[1])
    assert (again.status, again.error) == (400, "invalid-operation")


def test_recover_checks_the_account(alice: Api, carol: Api) -> None:
    _, codes = enrol(alice)
    body = {"username": "alice", "password": PASSWORD, "recoveryCode": codes[0]}
    assert carol.post("mfa/recover", body).status == 401
    assert "mfaToken" in login().body


# --- message services


@pytest.mark.usefixtures("service")
@override_settings(MFA_MODE="single")
def test_single(alice: Api, service: Messenger) -> None:
    begun = alice.post("mfa/activate", PHONE)
    assert begun.status == 302
    assert begun.body.keys() == {"mfaToken", "meta"}
    path, headers, _ = service.received[0]
    assert path == "/single?to=%2B41%2079%20000"
    assert headers["X-To"] == PHONE["phone"]
    sent = service.bodies("/single")[0]
    assert (sent["name"], len(sent["code"])) == (PHONE["name"], 4)
    assert step("confirm", begun["mfaToken"], code=sent["code"], extra=1).status == 200

    token = login()["mfaToken"]
    first = service.bodies("/single")[-1]["code"]
    step("challenge", token)
    second = service.bodies("/single")[-1]["code"]
    if first != second:
        assert step("verify", token, code=first).status == 400, "a new code replaces the one before"
    assert step("verify", token, code="").status == 400
    assert step("verify", token, code=second).status == 200


@override_settings(MFA_MODE="challenge-verify")
def test_challenge_verify(alice: Api, service: Messenger) -> None:
    begun = alice.post("mfa/activate", PHONE)
    assert service.bodies("/challenge")[0]["phone"] == PHONE["phone"]
    wrong = step("confirm", begun["mfaToken"], code="0000")
    assert (wrong.status, wrong.data) == (400, {"id": "invalid-mfa-code"})
    assert step("confirm", begun["mfaToken"], code=service.code).status == 200
    token = login()["mfaToken"]
    assert len(service.bodies("/challenge")) == 2
    assert step("verify", token, code=service.code).status == 200


@pytest.mark.parametrize("mode", ["single", "challenge-verify"])
@pytest.mark.parametrize("status", [400, 500])
def test_i169_provider_failure(alice: Api, service: Messenger, mode: str, status: int) -> None:
    service.status = status
    with override_settings(MFA_MODE=mode):
        answer = alice.post("mfa/activate", PHONE)
    assert (answer.status, answer.error) == (400, "invalid-operation")
    assert answer.data == {"id": "mfa-sms-provider-error"}
    assert not SecondStep.objects.exists()


@pytest.mark.parametrize("setting", [{}, endpoints("http://127.0.0.1:9")])
def test_unreachable_service(alice: Api, setting: dict[str, Any]) -> None:
    with override_settings(MFA_MODE="single", MFA_ENDPOINTS=setting):
        assert alice.post("mfa/activate", PHONE).data == {"id": "mfa-sms-provider-error"}


@override_settings(MFA_MODE="single")
def test_app_beside_a_message_service(alice: Api, service: Messenger) -> None:
    begun = alice.post("mfa/activate", {"method": "totp"})
    app = App(begun["secret"])
    assert step("confirm", begun["mfaToken"], code=app.code(-1)).status == 200
    assert step("verify", login()["mfaToken"], code=app.code()).status == 200
    assert service.received == []


@override_settings(MFA_MODE="single")
def test_content_is_needed_and_bounded(alice: Api, service: Messenger) -> None:
    assert alice.post("mfa/activate", {}).error == "invalid-parameters-format"
    assert alice.post("mfa/activate", {"phone": "1" * 5000}).error == "invalid-parameters-format"
    assert service.received == []
