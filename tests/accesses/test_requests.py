"""The authorisation flow over the API (access H134–H142)."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from pryvsite.kernel.changes import Change
from tests.cast import PASSWORD, Answer, Api

BODY = {
    "requestingAppId": "an-app",
    "requestedPermissions": [{"streamId": "heart", "defaultName": "Heart", "level": "manage"}],
    "clientData": {"a": 1},
    "oauthState": "xyz",
    "returnURL": "https://app.example.org/?",
    "expireAfter": 3600,
    "deviceName": "phone",
}
public = Api("")


def start(**fields: Any) -> Answer:
    return public.call("POST", "/reg/access/", {**BODY, **fields})


def decide(key: str, **body: Any) -> Answer:
    return public.call("POST", f"/reg/access/{key}", body)


@pytest.mark.parametrize(
    "fields",
    [
        {"requestingAppId": None},
        {"requestingAppId": ""},
        {"requestedPermissions": None},
        {"requestedPermissions": {}},
        {"requestedPermissions": []},
        {"clientData": 3},
        {"returnURL": 3},
        {"returnURL": True},
        {"expireAfter": "3"},
        {"expireAfter": -1},
        {"oauthState": {}},
        {"deviceName": 1},
        {"clientData": {"text": "x" * 300_000}},
    ],
)
def test_h134_malformed(db: None, fields: dict[str, Any]) -> None:
    answer = start(**fields)
    assert (answer.status, answer.error) == (400, "invalid-parameters")
    assert "meta" not in answer.body


def test_h135_start_and_poll(db: None) -> None:
    answer = start()
    assert answer.status == 201
    assert answer.body.keys() == {"status", "key", "authUrl", "poll", "poll_rate_ms"}
    state = public.get(f"/reg/access/{answer['key']}")
    assert (state.status, state["status"]) == (201, "NEED_SIGNIN")
    for name in (
        "requestingAppId",
        "requestedPermissions",
        "clientData",
        "oauthState",
        "returnURL",
        "expireAfter",
    ):
        assert state[name] == BODY[name]
    assert state["lang"] == "en"
    assert state["serviceInfo"]["name"] == "Pryvsite"


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://a.org/auth", True),
        ("https://a.org/auth/x?y", True),
        ("https://a.org/auth-evil", False),
        ("https://a.org.evil.io/auth", False),
        ("http://a.org/auth", False),
        ("https://u:p@a.org/auth", False),
        ("https://a.org:444/auth", False),
        ("https://a.org/auth/../x", False),
    ],
)
def test_h136_trusted_auth_urls(db: None, settings: Any, url: str, fits: bool) -> None:
    settings.TRUSTED_AUTH_URLS = ["https://a.org/auth"]
    answer = start(authUrl=url)
    assert (answer.status == 201) is fits
    if fits:
        assert answer["authUrl"].startswith(url)


def test_h136_none_trusted(db: None) -> None:
    assert "(none configured)" in start(authUrl="https://a.org/")["error"]["message"]


def test_h139_unknown_and_expired_keys(db: None) -> None:
    assert public.get("/reg/access/nothing").error == "unknown-access-key"
    assert decide("nothing", status="REFUSED").error == "unknown-access-key"
    key = start()["key"]
    with time_machine.travel(3700 + __import__("time").time()):
        assert public.get(f"/reg/access/{key}").error == "unknown-access-key"


@pytest.mark.parametrize(
    "body",
    [
        {"status": "ACCEPTED", "username": "alice"},
        {"status": "ACCEPTED", "token": "x"},
        {"status": "INVALID"},
        {"status": "REDIRECTED"},
        {},
        {"status": ["ACCEPTED"]},
    ],
)
def test_h140_malformed_answers(db: None, body: Any) -> None:
    assert decide(start()["key"], **body).error == "invalid-parameters"


def test_h141_acceptance_stays(db: None) -> None:
    key = start()["key"]
    accepted = {"status": "ACCEPTED", "username": "alice", "token": "tok"}
    assert decide(key, **accepted)["apiEndpoint"] == "http://tok@testserver/alice/"
    for _ in range(2):
        state = public.get(f"/reg/access/{key}")
        assert state.status == 200
        assert state.body.keys() == {"status", "username", "token", "apiEndpoint"}
    assert decide(key, **accepted).status == 200
    assert decide(key, **{**accepted, "token": "other"}).error == "invalid-parameters"
    assert decide(key, status="REFUSED").error == "invalid-parameters"


def test_h142_refusal(db: None) -> None:
    key = start()["key"]
    refused = {"status": "REFUSED", "reasonId": "REFUSED_BY_USER", "message": "No"}
    assert (decide(key, **refused).status, public.get(f"/reg/access/{key}").body) == (403, refused)


@pytest.mark.parametrize(
    "change",
    [
        {"token": "other"},
        {"username": "carol"},
        {"apiEndpoint": "http://x@evil.example/alice/"},
        {"status": "REFUSED"},
        {"status": "ERROR"},
        {"status": "REDIRECTED", "redirectUrl": "https://a.org/"},
    ],
)
def test_an_accepted_request_stays_as_it_is(db: None, change: dict[str, str]) -> None:
    key = start()["key"]
    accepted = {"status": "ACCEPTED", "username": "alice", "token": "tok"}
    first = decide(key, **accepted)
    answer = decide(key, **{**accepted, **change})
    assert (answer.status, answer.error) == (400, "invalid-parameters")
    assert public.get(f"/reg/access/{key}").body == first.body
    assert decide(key, **accepted).body == first.body


@pytest.mark.parametrize("status", ["REFUSED", "ERROR"])
def test_a_refused_request_stays_refused(db: None, status: str) -> None:
    key = start()["key"]
    no = {"status": status, "reasonId": "R", "message": "No"}
    first = decide(key, **no)
    assert (first.status, decide(key, **no).body) == (403, first.body)
    assert decide(key, **{**no, "message": "Yes"}).error == "invalid-parameters"
    assert decide(key, status="ACCEPTED", username="alice", token="tok").error == "invalid-parameters"
    assert public.get(f"/reg/access/{key}").body == first.body


def test_redirection(db: None) -> None:
    key = start()["key"]
    url = "https://other.example/reg/access/abc"
    expected = {"status": "REDIRECTED", "poll": url, "redirectUrl": url}
    answer = decide(key, status="REDIRECTED", redirectUrl=url)
    assert (answer.status, answer.body) == (301, expected)
    assert "Location" not in answer.headers
    assert public.get(f"/reg/access/{key}").body == expected


@pytest.mark.parametrize("url", [None, False, "", "false"])
def test_no_return_address(db: None, url: Any) -> None:
    state = public.get(f"/reg/access/{start(returnURL=url)['key']}")
    assert state["returnURL"] in (None, "false")
    assert "returnURL" not in start(returnURL=url)["authUrl"] or url == "false"


def test_absent_values_are_null(db: None) -> None:
    body = {name: BODY[name] for name in ("requestingAppId", "requestedPermissions")}
    state = public.get(f"/reg/access/{public.call('POST', '/reg/access', body)['key']}").body
    for name in ("clientData", "oauthState", "returnURL"):
        assert state[name] is None
    for name in ("poll", "authUrl", "poll_rate_ms", "lang", "key"):
        assert state[name]
    assert not {"deviceName", "expireAfter", "token", "referer"} & state.keys()


def test_polling_and_answering_prolong_nothing(db: None) -> None:
    from time import time

    begun = time()
    key = start()["key"]
    with time_machine.travel(begun + 3500):
        assert decide(key, status="ACCEPTED", username="alice", token="tok").status == 200
        assert public.get(f"/reg/access/{key}").status == 200
    with time_machine.travel(begun + 3700):
        assert public.get(f"/reg/access/{key}").error == "unknown-access-key"
        start()
    from accesses.models import AccessRequest

    assert AccessRequest.objects.count() == 1  # the expired one was swept


def test_state_is_sealed(db: None) -> None:
    from accesses.models import AccessRequest

    key = start()["key"]
    decide(key, status="ACCEPTED", username="alice", token="secret-token")
    row = str(AccessRequest.objects.values().get())
    assert key not in row
    assert "secret-token" not in row


def test_h137_auth_pages_with_a_query(db: None, settings: Any) -> None:
    settings.TRUSTED_AUTH_URLS = ["https://a.org/auth"]
    assert start(authUrl="https://a.org/auth?x=1")["authUrl"].startswith(
        "https://a.org/auth?x=1&lang=en&key="
    )


def test_h151_the_consent_page_answers_by_itself_or_replaces(alice: Api) -> None:
    browser = Client()
    assert browser.post("/signin", {"login": "alice", "password": PASSWORD}).status_code == 303
    first = start()["key"]
    assert browser.get(f"/auth?key={first}").status_code == 200
    browser.post(f"/auth?key={first}", {"action": "accept"})
    token = public.get(f"/reg/access/{first}")["token"]
    again = start()["key"]
    page = browser.get(f"/auth?key={again}")
    assert "You already allowed this" in page.content.decode()
    assert browser.get(page.context["go"]).status_code == 303  # no question
    assert public.get(f"/reg/access/{again}")["token"] == token
    access_id = Api("alice", token).get("access-info")["id"]
    alice.put(f"accesses/{access_id}", {"clientData": {"b": 2}})  # its id has a serial now
    third = start(requestedPermissions=[{"streamId": "diary", "defaultName": "D", "level": "read"}])["key"]
    assert browser.get(f"/auth?key={third}").status_code == 200
    browser.post(f"/auth?key={third}", {"action": "accept"})
    state = public.get(f"/reg/access/{third}")
    assert state["status"] == "ACCEPTED"
    assert Api("alice", token).get("access-info").error == "invalid-access-token"
    info = Api("alice", state["token"]).get("access-info")
    assert info["permissions"][1] == {"streamId": "diary", "level": "read"}
    assert (info["deviceName"], info["clientData"]) == ("phone", {"a": 1})
    assert info["expires"] == pytest.approx(info["created"] + 3600, abs=2)


def test_listeners_hear_of_what_was_granted(alice: Api, told: list[Change]) -> None:
    browser = Client()
    browser.post("/signin", {"login": "alice", "password": PASSWORD})
    key = start()["key"]
    told.clear()
    browser.post(f"/auth?key={key}", {"action": "accept"})
    assert set(told) == {Change.ACCESSES, Change.STREAMS}


@pytest.mark.parametrize("fields", [{}, {"returnURL": "http://127.0.0.1:3000/#"}], ids=["popup", "redirect"])
def test_the_consent_page_of_an_unregistered_app_names_its_host(alice: Api, fields: dict[str, str]) -> None:
    browser = Client()
    browser.post("/signin", {"login": "alice", "password": PASSWORD})
    body = {name: BODY[name] for name in ("requestingAppId", "requestedPermissions")} | fields
    made = public.call("POST", "/reg/access", body, Origin="http://127.0.0.1:3000")
    page = browser.get(f"/auth?key={made['key']}")
    assert page.status_code == 200
    assert "127.0.0.1:3000" in page.content.decode()
