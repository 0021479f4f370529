"""Login and sessions (access D49–D60)."""

from typing import Any

import pytest
from django.utils.crypto import get_random_string

from tests.cast import PASSWORD, Answer, Api

ORIGIN = "http://localhost:3000"
BODY = {"username": "alice", "password": PASSWORD, "appId": "some-app"}


def login(alice: Api, origin: str | None = ORIGIN, **fields: Any) -> Answer:
    body = {key: value for key, value in {**BODY, **fields}.items() if value is not None}
    return Api("alice").post("auth/login", body, **({"Origin": origin} if origin else {}))


def test_d49_the_live_session_is_reused(alice: Api) -> None:
    first = login(alice)
    assert first.status == 200
    assert first["preferredLanguage"] == "en"
    assert first["apiEndpoint"] == f"http://{first['token']}@testserver/alice/"
    assert login(alice)["token"] == first["token"]
    assert login(alice, appId="another-app")["token"] != first["token"]


def test_d51_username_in_capitals(alice: Api) -> None:
    assert login(alice, username="ALICE").status == 200


@pytest.mark.parametrize("missing", ["username", "password", "appId"])
def test_d52_missing_parameters(alice: Api, missing: str) -> None:
    assert login(alice, **{missing: None}).error == "invalid-operation"


def test_d52_username_of_the_path(alice: Api, carol: Api) -> None:
    assert login(alice, username="carol").error == "invalid-operation"


@pytest.mark.parametrize(("field", "value"), [("username", ""), ("password", ""), ("password", "wrong")])
def test_wrong_credentials(alice: Api, field: str, value: str) -> None:
    answer = login(alice, **{field: value})
    assert answer.status in (400, 401)
    assert answer.error in ("invalid-credentials", "invalid-operation")


def test_d53_untrusted_app(alice: Api) -> None:
    answer = login(alice, origin="https://evil.example.org")
    assert (answer.status, answer.error) == (401, "invalid-credentials")
    assert login(alice, origin=None).status == 401


@pytest.mark.parametrize(
    ("entry", "origin", "trusted"),
    [
        ("*@https://*.example.org:*", "https://a.b.example.org:8443", True),
        ("*@https://*.example.org:*", "https://a.example.org", True),
        ("*@https://*.example.org:*", "https://a.example.org.evil.io", False),
        ("*@https://*.example.org", "https://evil.io/.example.org", False),
        ("some-app@https://app.example.org", "https://app.example.org", True),
        ("other@https://app.example.org", "https://app.example.org", False),
        ("some-app@*", None, True),
    ],
)
def test_d54_trusted_apps(alice: Api, settings: Any, entry: str, origin: str | None, trusted: bool) -> None:
    settings.TRUSTED_APPS = [entry]
    assert (login(alice, origin=origin).status == 200) is trusted


def test_d56_logout_ends_the_session(alice: Api) -> None:
    session = Api("alice", login(alice)["token"])
    assert session.post("auth/logout").status == 200
    again = session.post("auth/logout")
    assert (again.status, again.error) == (403, "invalid-access-token")
    assert login(alice)["token"] != session.token


def test_d60_who_am_i(alice: Api) -> None:
    assert Api("alice").get("auth/who-am-i").status == 410


def test_unknown_user(alice: Api) -> None:
    assert Api(get_random_string(12).lower()).post("auth/login", BODY).status == 404
