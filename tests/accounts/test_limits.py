"""Brute force: what is limited, for whom, and that owners still get in."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail as outbox
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts import limits
from accounts.models import Bucket, KnownAddress
from pryvsite import env
from pryvsite.kernel.errors import TooManyRequests
from tests.accounts.mails import mails_to, secret_in
from tests.cast import PASSWORD, Answer, Api, answer_of

HOME, AWAY, ELSEWHERE = "192.0.2.1", "198.51.100.7", "203.0.113.9"
ORIGIN = "http://localhost:3000"
LOW = {
    "LIMIT_SIGN_IN_ACCOUNT": (3, 900),
    "LIMIT_SIGN_IN_ADDRESS": (5, 900),
    "LIMIT_MFA_ACCOUNT": (2, 900),
    "LIMIT_RESET_ACCOUNT": (2, 3600),
    "LIMIT_RESET_ADDRESS": (3, 3600),
    "LIMIT_LINKS_ACCOUNT": (3, 3600),
    "LIMIT_LINKS_ADDRESS": (2, 3600),
    "LIMIT_TOKENS_ACCOUNT": (4, 3600),
    "LIMIT_TOKENS_ADDRESS": (3, 3600),
    "LIMIT_LOOKUPS_ADDRESS": (3, 300),
    "LIMIT_REGISTRATION_ADDRESS": (2, 3600),
}


@pytest.fixture(autouse=True)
def low_limits(settings: Any, alice: Api) -> Iterator[None]:
    """Few tries, after Alice has registered without limits."""
    with override_settings(RATE_LIMITS=True, **LOW):
        yield


def send(address: str, verb: str, path: str, body: Any = None, token: str = "") -> Answer:
    headers = {"Origin": ORIGIN} | ({"Authorization": token} if token else {})
    client, kind = Client(REMOTE_ADDR=address), "application/json"
    return answer_of(client.generic(verb, path, _json(body), content_type=kind, headers=headers))


def _json(body: Any) -> str:
    return "" if body is None else json.dumps(body)


def login(address: str, password: str = PASSWORD, username: str = "alice") -> Answer:
    body = {"username": username, "password": password, "appId": "some-app"}
    return send(address, "POST", f"/{username}/auth/login", body)


def statuses(count: int, run: Any) -> list[int]:
    return [run().status for _ in range(count)]


# --- the buckets


def test_a_bucket_refills() -> None:
    with time_machine.travel(1_800_000_000.0, tick=False) as clock:
        for _ in range(3):
            limits.take("SIGN_IN_ACCOUNT", "x")
        with pytest.raises(TooManyRequests) as caught:
            limits.take("SIGN_IN_ACCOUNT", "x")
        assert caught.value.retry_after == 300
        limits.take("SIGN_IN_ACCOUNT", "y")
        clock.shift(301)
        limits.take("SIGN_IN_ACCOUNT", "x")
        with pytest.raises(TooManyRequests):
            limits.take("SIGN_IN_ACCOUNT", "x")
        limits.give_back("SIGN_IN_ACCOUNT", "x")
        limits.take("SIGN_IN_ACCOUNT", "x")


def test_full_buckets_are_swept() -> None:
    with time_machine.travel(1_800_000_000.0, tick=False) as clock:
        limits.take("SIGN_IN_ACCOUNT", "x")
        clock.shift(1000)
        limits.take("SIGN_IN_ACCOUNT", "y")
        assert Bucket.objects.count() == 1


@pytest.mark.parametrize("off", [{"RATE_LIMITS": False}, {"LIMIT_SIGN_IN_ACCOUNT": None}])
def test_switched_off(off: dict[str, Any]) -> None:
    with override_settings(**off):
        for _ in range(10):
            limits.take("SIGN_IN_ACCOUNT", "x")
        assert Bucket.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "expected"),
    [("10/15m", (10, 900)), ("1/s", (1, 1)), ("5/2h", (5, 7200)), ("7/d", (7, 86400)), ("off", None)],
)
def test_settings_of_limits(monkeypatch: pytest.MonkeyPatch, given: str, expected: Any) -> None:
    monkeypatch.setenv("LIMIT_X", given)
    assert env.limit("LIMIT_X", "1/h") == expected


@pytest.mark.parametrize("given", ["10", "0/h", "10/0m", "-1/h", "10/15x", "ten/h"])
def test_wrong_settings_of_limits(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("LIMIT_X", given)
    with pytest.raises(env.ImproperlyConfigured, match="LIMIT_X"):
        env.limit("LIMIT_X", "1/h")


# --- signing in


def test_sign_in_of_an_account(carol: Api) -> None:
    assert statuses(4, lambda: login(AWAY, "wrong-password")) == [401, 401, 401, 429]
    refused = login(ELSEWHERE)
    assert (refused.status, refused.error) == (429, "too-many-requests")
    assert refused.headers["Retry-After"] == str(refused.data["retryAfterSeconds"])
    assert "minutes" in refused.body["error"]["message"]
    assert login(AWAY, username="carol").status == 200, "others aren't affected"


def test_sign_in_from_an_address(carol: Api) -> None:
    for name in ("alice", "carol"):
        statuses(3, lambda name=name: login(AWAY, "wrong-password", name))
    assert login(AWAY, username="carol").status == 429
    assert login(ELSEWHERE, username="carol").status == 200


def test_right_passwords_cost_nothing() -> None:
    assert statuses(8, lambda: login(AWAY)) == [200] * 8


def test_known_address_still_gets_in() -> None:
    assert login(HOME).status == 200
    assert statuses(4, lambda: login(AWAY, "wrong-password"))[-1] == 429
    assert login(ELSEWHERE).status == 429
    assert login(HOME).status == 200
    assert statuses(4, lambda: login(HOME, "wrong-password"))[-1] == 429, "it has its own limit"
    with override_settings(KNOWN_PLACE_MAX_AGE=-1):
        assert login(HOME).status == 429


def test_known_browser_still_gets_in_from_anywhere() -> None:
    browser = Client(REMOTE_ADDR=HOME)
    form = {"login": "alice", "password": PASSWORD}
    assert browser.post("/signin", form).status_code == 303
    cookie = browser.cookies["pryvsite_known"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    statuses(4, lambda: login(AWAY, "wrong-password"))
    assert browser.post("/signin", form, REMOTE_ADDR=ELSEWHERE).status_code == 303
    stranger = Client(REMOTE_ADDR="203.0.113.44")
    page = stranger.post("/signin", form)
    assert page.status_code == 422
    assert "Too many tries" in page.content.decode()
    stranger.cookies["pryvsite_known"] = cookie.value[:-2] + "xx"
    assert stranger.post("/signin", form).status_code == 422, "a cookie that isn't ours"


def test_unknown_names_are_limited_alike() -> None:
    def try_it(name: str) -> list[str]:
        pages = []
        for _ in range(4):
            page = Client(REMOTE_ADDR=AWAY).post("/signin", {"login": name, "password": "wrong-password"})
            pages.append("Too many tries" in page.content.decode())
        Bucket.objects.all().delete()
        return pages

    assert try_it("alice") == try_it("nobody42") == try_it("nobody@example.org") == [False] * 3 + [True]


def test_ipv6_neighbours_share_a_bucket() -> None:
    statuses(4, lambda: login("2001:db8:1:2::1", "wrong-password", "alice"))
    Bucket.objects.all().delete()
    for number in range(6):
        login(f"2001:db8:1:2::{number + 1}", "wrong-password")
    keys = {limits._key("SIGN_IN_ADDRESS", "2001:db8:1:2::/64")}
    assert Bucket.objects.filter(key__in=keys).exists()


@override_settings(BEHIND_PROXY=True)
def test_behind_a_proxy_its_own_word_counts() -> None:
    body = {"username": "alice", "password": PASSWORD, "appId": "some-app"}
    client = Client(REMOTE_ADDR="127.0.0.1")
    headers = {"X-Forwarded-For": f"{AWAY}, {HOME}", "Origin": ORIGIN}
    client.post("/alice/auth/login", body, content_type="application/json", headers=headers)
    statuses(4, lambda: login(ELSEWHERE, "wrong-password"))
    headers["X-Forwarded-For"] = f"{HOME}, {ELSEWHERE}"
    client.post("/alice/auth/login", body, content_type="application/json", headers=headers)
    assert KnownAddress.objects.count() == 1, "the first word is the caller's own"


def test_change_of_password_is_guessing_too(alice: Api) -> None:
    body = {"oldPassword": "wrong-password", "newPassword": "another-password"}
    assert statuses(4, lambda: alice.post("account/change-password", body)) == [400, 400, 400, 429]


def test_wait_is_over_some_day() -> None:
    with time_machine.travel(1_800_000_000.0, tick=False) as clock:
        assert statuses(4, lambda: login(AWAY, "wrong-password"))[-1] == 429
        clock.shift(901)
        assert login(AWAY).status == 200


def test_the_place_of_registration_is_known() -> None:
    body = {"appId": "test-app", "username": "dorothy", "password": PASSWORD}
    assert send(HOME, "POST", "/users", body).status == 201
    statuses(4, lambda: login(AWAY, "wrong-password", "dorothy"))
    assert login(HOME, username="dorothy").status == 200


# --- the second step


def test_codes_of_the_second_step(alice: Api) -> None:
    begun = alice.post("mfa/activate")

    def confirm() -> Answer:
        return Api("alice", begun["mfaToken"]).post("mfa/confirm", {"code": "000000"})

    assert statuses(3, confirm) == [400, 400, 429]


# --- resets and links


def ask(address: str) -> Answer:
    return send(address, "POST", "/alice/account/request-password-reset", {"appId": "some-app"})


def test_requests_of_resets() -> None:
    assert [ask(AWAY).status, ask(ELSEWHERE).status, ask(HOME).status] == [200, 200, 429]
    assert len(mails_to("alice@example.org")) == len(outbox.outbox) == 2
    body = {"appId": "some-app", "newPassword": "another-password"}
    body["resetToken"] = secret_in(mails_to("alice@example.org")[0], "resetToken")
    assert send(HOME, "POST", "/alice/account/reset-password", body).status == 200, "the way back stays open"


def test_wrong_secrets_of_links() -> None:
    def reset(secret: str, address: str) -> Answer:
        body = {"appId": "some-app", "newPassword": "another-password", "resetToken": secret}
        return send(address, "POST", "/alice/account/reset-password", body)

    ask(HOME)
    assert [reset(f"wrong{n}", AWAY).status for n in range(3)] == [401, 401, 429]
    assert [reset(f"wrong{n}", ELSEWHERE).status for n in range(2)] == [401, 429], "of the account"
    right = secret_in(mails_to("alice@example.org")[0], "resetToken")
    assert reset(right, ELSEWHERE).status == 200


def test_wrong_secrets_of_addresses() -> None:
    body = {"appId": "some-app", "token": "wrong"}
    run = lambda: send(AWAY, "POST", "/alice/account/verify-email", body)  # noqa: E731
    assert statuses(3, run) == [401, 401, 429]


# --- tokens


def get(address: str, token: str) -> int:
    return send(address, "GET", "/alice/access-info", token=token).status


def test_guessing_tokens(alice: Api, carol: Api) -> None:
    assert alice.token and alice.get("access-info").status == 200
    fresh = alice.guest("read")
    assert fresh.token
    assert [get(AWAY, f"guess-{n}") for n in range(4)] == [403, 403, 403, 429]
    assert get(AWAY, fresh.token) == 429, "a right guess isn't told either"
    assert get(AWAY, alice.token) == 200, "what is in use goes on"
    assert get(ELSEWHERE, fresh.token) == 200


def test_an_ended_token_is_no_guess() -> None:
    assert [get(AWAY, "ended-token") for _ in range(6)] == [403] * 6
    assert get(AWAY, "another-token") == 403


def test_guesses_from_many_addresses() -> None:
    answers = [get(f"192.0.2.{n}", f"guess-{n}") for n in range(6)]
    assert answers == [403] * 4 + [429] * 2


def test_valid_tokens_cost_no_statement(alice: Api) -> None:
    alice.get("access-info")
    with CaptureQueriesContext(connection) as limited:
        alice.get("streams")
    with override_settings(RATE_LIMITS=False), CaptureQueriesContext(connection) as free:
        alice.get("streams")
    assert len(limited) == len(free)
    assert not any("bucket" in query["sql"] for query in limited)


# --- look-ups and registration


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/reg/alice/check_username"),
        ("GET", "/reg/free@example.org/check_email"),
        ("GET", "/reg/alice@example.org/uid"),
        ("GET", "/reg/alice@example.org/username"),
        ("POST", "/reg/alice/server"),
        ("GET", "/reg/cores?username=alice"),
        ("POST", "/access/invitationtoken/check"),
    ],
)
def test_public_lookups(verb: str, path: str) -> None:
    answers = statuses(4, lambda: send(AWAY, verb, path, {} if verb == "POST" else None))
    assert answers == [200, 200, 200, 429]
    assert send(ELSEWHERE, verb, path, {} if verb == "POST" else None).status == 200


def test_lookups_while_typing() -> None:
    browser = Client(REMOTE_ADDR=AWAY)
    pages = [browser.get("/register/check?username=somebody").content.decode() for _ in range(4)]
    assert ["Too many tries" in page for page in pages] == [False] * 3 + [True]


def test_registrations() -> None:
    def make(number: int) -> int:
        body = {"appId": "test-app", "username": f"person-{number}", "password": PASSWORD}
        return send(AWAY, "POST", "/users", body).status

    assert [make(n) for n in range(3)] == [201, 201, 429]
