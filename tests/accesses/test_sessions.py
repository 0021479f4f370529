"""Sessions and fresh accounts (access C46, D50, D55, D57)."""

import logging
from typing import Any

import pytest
from django.conf import settings as django
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from accesses.models import Access
from pryvsite import settings
from pryvsite.logs import WithoutKeys
from tests.cast import PASSWORD, Answer, Api
from tests.events.test_races import at_once


def login(app_id: str = "free-app", password: str = PASSWORD, **headers: str) -> Answer:
    body = {"username": "alice", "password": password, "appId": app_id}
    return Api("alice").post("auth/login", body, **headers)


def test_c46_a_fresh_account(alice: Api) -> None:
    assert [stream["id"] for stream in alice.trees()] == ["diary"]
    found = {event["id"]: event["content"] for event in alice.get("events")["events"]}
    assert found[":_system:language"] == "en"
    assert found[":system:email"] == "alice@example.org"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's writers wait for each other")
@pytest.mark.django_db(transaction=True)
def test_d50_simultaneous_logins(alice: Api) -> None:
    answers = at_once(5, lambda _: login())
    assert {answer.status for answer in answers} == {200}
    assert Access.objects.filter(type="personal", name="free-app", deleted=None).count() == 1
    effective = [t for t in {a["token"] for a in answers} if Api("alice", t).get("access-info").status == 200]
    assert len(effective) == 1


@pytest.mark.parametrize(
    ("app_id", "headers", "status"),
    [
        ("free-app", {}, 200),
        ("free-app", {"Origin": "https://anywhere.example"}, 200),
        ("other-app", {}, 401),
        ("other-app", {"Referer": "http://localhost:3000/page"}, 200),
        ("other-app", {"Referer": "https://anywhere.example/page"}, 401),
    ],
)
def test_d55_trust_without_origin(alice: Api, app_id: str, headers: dict[str, str], status: int) -> None:
    assert login(app_id, **headers).status == status


def test_d57_passwords_are_not_logged(alice: Api, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    assert login(password="a-wrong-secret-word").status == 401
    assert login().status == 200
    assert "auth/login" in caplog.text
    assert "a-wrong-secret-word" not in caplog.text
    assert PASSWORD not in caplog.text


def test_keys_of_requests_are_not_logged(alice: Api, caplog: Any) -> None:
    """Who knows the key may read the token that was granted."""
    caplog.handler.addFilter(WithoutKeys())
    body = {"requestingAppId": "some-app", "requestedPermissions": [{"streamId": "diary", "level": "read"}]}
    key = alice.call("POST", "/reg/access", body)["key"]
    assert alice.call("POST", f"/reg/access/{key}", {"status": "INVALID"}).status == 400
    assert "/reg/access/(key)" in caplog.text
    assert key not in caplog.text
    assert "no-keys" in settings.LOGGING["handlers"]["stderr"]["filters"]


def test_keys_of_page_sessions_are_not_stored(alice: Api) -> None:
    """Whoever reads the database can't sign in with what is in it."""
    browser = Client(headers={"Accept": "text/html"})
    browser.post("/signin", {"login": "alice", "password": PASSWORD})
    key = browser.cookies[django.SESSION_COOKIE_NAME].value
    assert browser.get("/u/alice/").status_code == 200
    stored = list(Session.objects.values_list("session_key", flat=True))
    assert len(stored) == 1 and key not in stored
    thief = Client(headers={"Accept": "text/html"})
    thief.cookies[django.SESSION_COOKIE_NAME] = stored[0]
    assert thief.get("/u/alice/").status_code != 200
    browser.post("/signout")
    assert not Session.objects.filter(session_key__in=stored).exists()
    assert browser.get("/u/alice/").status_code != 200
