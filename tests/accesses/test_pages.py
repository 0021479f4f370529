"""Pages of accounts and accesses as plain forms: no script is needed for any of them."""

import re
from typing import Any

import pytest
from django.test import Client

from accesses.sentences import duration_in_words
from tests.cast import PASSWORD, Api, register

HEART = [{"streamId": "heart", "defaultName": "Heart", "level": "manage"}]


@pytest.fixture
def browser_of_alice(alice: Api) -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.post("/signin", {"login": "alice", "password": PASSWORD})
    return client


def ask(client: Client, permissions: Any = HEART, **fields: Any) -> str:
    """Start a request; the path of its consent page."""
    body = {"requestingAppId": "an-app", "requestedPermissions": permissions, **fields}
    made = client.post("/reg/access", body, content_type="application/json").json()
    return str(made["authUrl"]).removeprefix("http://testserver")


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def state(client: Client, path: str) -> dict[str, Any]:
    key = re.search(r"key=(\w+)", path)
    assert key
    return client.get(f"/reg/access/{key.group(1)}").json()


def test_sign_in_tells_nothing(alice: Api) -> None:
    client = Client()
    answers = [
        text(client.post("/signin", {"login": login, "password": "wrong"}))
        for login in ("alice", "nobody42", "alice@example.org", "nobody@example.org")
    ]
    assert len({re.sub(r'value="[^"]*"', "", answer) for answer in answers}) == 1
    assert "Username or password not right." in answers[0]


@pytest.mark.parametrize("target", ["https://evil.example.org/", "//evil.example.org", "/\\evil.example.org"])
def test_sign_in_stays_on_the_site(alice: Api, target: str) -> None:
    response = Client().post("/signin", {"login": "alice", "password": PASSWORD, "next": target})
    assert response.headers["Location"] == "/u/alice/"


def test_sign_out_ends_the_session_on_the_server(browser_of_alice: Client) -> None:
    cookie = browser_of_alice.cookies["pryvsite_session"].value
    response = browser_of_alice.post("/signout")
    assert "cache" in response.headers["Clear-Site-Data"]
    thief = Client()
    thief.cookies["pryvsite_session"] = cookie
    assert thief.get("/u/alice/").headers["Location"].startswith("/signin")


def test_a_link_signs_nobody_out(browser_of_alice: Client) -> None:
    assert browser_of_alice.get("/signout").headers["Location"] == "/account/profile"
    assert browser_of_alice.get("/account/profile").status_code == 200


def test_session_ends_when_its_access_is_deleted(alice: Api, browser_of_alice: Client) -> None:
    assert browser_of_alice.get("/u/alice/").status_code == 200
    for access in alice.get("accesses")["accesses"]:
        if access["name"] == "pryv-user-account":
            alice.delete(f"accesses/{access['id']}")
    assert browser_of_alice.get("/u/alice/").status_code == 302


def test_register_keeps_what_was_typed(db: None) -> None:
    page = Client().post(
        "/register", {"username": "Bad Name", "password": "correct-horse", "email": "a@b.org"}
    )
    content = page.content.decode()
    assert page.status_code == 422
    assert 'value="a@b.org"' in content
    assert "correct-horse" not in content
    assert "5 to 60 characters" in content


def test_live_checks(alice: Api) -> None:
    client = Client()
    assert "Already taken – for instance" in text(client.get("/register/check?username=alice"))
    assert "bob-k is free" in text(client.get("/register/check?username=bob-k"))
    assert "already uses" in text(client.get("/register/check?email=alice@example.org"))


def test_taken_names_come_with_free_ones(alice: Api) -> None:
    register("alice-2")
    answer = text(Client().post("/register", {"username": "alice", "password": "correct-horse"}))
    offered = re.search(r"for instance ([a-z0-9-]+) and ([a-z0-9-]+) are free", answer)
    assert offered
    assert "alice-2" not in offered.groups()
    for name in offered.groups():
        register(name)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", ""),
        ("abc", "6 characters needed, 3 so far."),
        ("abcdef", "longer is better"),
        ("x" * 101, "at most"),
        ("correct-horse", "Good."),
        ("Correct-horse-22", "Strong."),
    ],
)
def test_password_is_judged_while_typed(db: None, typed: str, said: str) -> None:
    answer = Client().post("/register/password", {"password": typed})
    assert said in text(answer)
    assert not typed or typed not in answer.content.decode()


@pytest.mark.parametrize("path", ["/registre", "/nobody42/events", "/u/alice/nothing", "/a/b/c/d"])
def test_mistaken_addresses_are_pages_for_people(alice: Api, path: str) -> None:
    answer = Client().get(path, headers={"Accept": "text/html,*/*"})
    assert (answer.status_code, "Nothing here" in text(answer)) == (404, True)


def test_mistaken_addresses_stay_json_for_clients(alice: Api) -> None:
    assert alice.get("nothing").error == "unknown-resource"
    assert alice.call("GET", "nothing", Accept="text/html").error == "unknown-resource"
    found = Client().get(f"/alice/nothing?auth={alice.token}", headers={"Accept": "text/html"})
    assert found.json()["error"]["id"] == "unknown-resource"


def test_consent_without_request(db: None) -> None:
    page = Client().get("/auth")
    assert (page.status_code, "No request found" in text(page)) == (400, True)
    assert "no longer valid" in text(Client().get("/auth?key=unknownunknown12"))


def test_consent_asks_to_sign_in_first(alice: Api) -> None:
    client = Client(headers={"Accept": "text/html"})
    path = ask(client)
    assert "an-app asks for access" in text(client.get(path))
    assert "not right" in text(client.post(path, {"action": "signin", "login": "alice", "password": "x"}))
    client.post(path, {"action": "signin", "login": "alice", "password": PASSWORD})
    page = text(client.get(path))
    assert "Everything in Heart" in page
    assert "New stream, will be created" in page


def test_refusing_needs_no_account(db: None) -> None:
    client = Client()
    path = ask(client)
    assert "The request was refused" in text(client.post(path, {"action": "refuse"}))
    assert state(client, path)["reasonId"] == "REFUSED_BY_USER"


def test_accepting_twice_is_one_acceptance(alice: Api, browser_of_alice: Client) -> None:
    path = ask(browser_of_alice, expireAfter=86400, deviceName="phone")
    page = text(browser_of_alice.get(path))
    assert re.search(r"Until \d+ \w+ \d{4}, \d\d:\d\d", page)
    assert "phone" in page
    for _ in range(2):
        assert "All done" in text(browser_of_alice.post(path, {"action": "accept"}))
    apps = [a for a in alice.get("accesses")["accesses"] if a["type"] == "app"]
    assert len(apps) == 1
    assert apps[0]["deviceName"] == "phone"
    assert apps[0]["expires"] == pytest.approx(apps[0]["created"] + 86400, abs=5)
    assert state(browser_of_alice, path)["token"] == apps[0]["token"]


def test_asking_again_is_answered_at_once(browser_of_alice: Client) -> None:
    browser_of_alice.post(ask(browser_of_alice), {"action": "accept"})
    path = ask(browser_of_alice)
    page = browser_of_alice.get(path).content.decode()
    assert "You already allowed this" in page
    assert state(browser_of_alice, path)["status"] == "NEED_SIGNIN"
    go_on = re.search(r'content="2;url=([^"]+)"', page)
    assert go_on
    assert "All done" in text(browser_of_alice.get(go_on.group(1).replace("&amp;", "&")))
    assert state(browser_of_alice, path)["status"] == "ACCEPTED"


def test_other_permissions_replace(alice: Api, browser_of_alice: Client) -> None:
    browser_of_alice.post(ask(browser_of_alice), {"action": "accept"})
    path = ask(browser_of_alice, [{**HEART[0], "level": "read"}])
    page = text(browser_of_alice.get(path))
    assert "Accepting replaces what it may do" in page
    assert "Lowered from “Everything, folders too”" in page
    browser_of_alice.post(path, {"action": "accept"})
    apps = [a for a in alice.get("accesses")["accesses"] if a["type"] == "app"]
    assert [a["permissions"][0]["level"] for a in apps] == ["read"]


def test_everything_needs_the_username(alice: Api, browser_of_alice: Client) -> None:
    path = ask(browser_of_alice, [{"streamId": "*", "level": "manage"}])
    assert "all your data" in text(browser_of_alice.get(path))
    refused = browser_of_alice.post(path, {"action": "accept"})
    assert (refused.status_code, "not the username" in text(refused)) == (422, True)
    assert "All done" in text(browser_of_alice.post(path, {"action": "accept", "username": "alice"}))


@pytest.mark.parametrize(
    ("return_url", "begins"),
    [
        ("https://app.example.org/?", "https://app.example.org/?prYvkey="),
        ("https://app.example.org/x#", "https://app.example.org/x#?prYvkey="),
        ("https://app.example.org/?a=1&", "https://app.example.org/?a=1&prYvkey="),
    ],
)
def test_return_address_carries_no_token(browser_of_alice: Client, return_url: str, begins: str) -> None:
    path = ask(browser_of_alice, returnURL=return_url)
    address = browser_of_alice.post(path, {"action": "accept"}).headers["Location"]
    assert address.startswith(begins)
    assert state(browser_of_alice, path)["token"] not in address


def test_oauth_state_and_hostile_return_address(browser_of_alice: Client) -> None:
    path = ask(browser_of_alice, returnURL="https://app.example.org/?", oauthState="a b")
    address = browser_of_alice.post(path, {"action": "refuse"}).headers["Location"]
    assert re.match(r"https://app\.example\.org/\?state=a\+b&code=\w{16}&poll=http", address)
    path = ask(browser_of_alice, returnURL="javascript:alert(1)")
    assert browser_of_alice.post(path, {"action": "refuse"}).status_code == 200


def test_message_of_the_app_is_only_text(browser_of_alice: Client) -> None:
    content = "# Hello\n<script>alert(1)</script> **bold** [x](javascript:alert(1))"
    data = {"app-web-auth:description": {"type": "note/txt", "content": content}}
    page = browser_of_alice.get(ask(browser_of_alice, clientData=data)).content.decode()
    assert "<strong>Hello</strong>" in page
    assert "<strong>bold</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    "permissions", [[{"streamId": "x", "level": "own"}], [{"level": "read"}], ["x"], [{}]]
)
def test_malformed_request_is_told(browser_of_alice: Client, permissions: Any) -> None:
    page = browser_of_alice.get(ask(browser_of_alice, permissions))
    assert (page.status_code, "not well-formed" in text(page)) == (400, True)


@pytest.mark.parametrize("path", ["/register", "/signin", "/access-token/", "/", "/auth"])
def test_headers_of_pages(db: None, path: str) -> None:
    headers = Client().get(path, headers={"Accept": "text/html"}).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/access/access.html?key=1", "/auth?key=1"),
        ("/www/access/register.html", "/register"),
        ("/access/signinhub.html?x=y", "/signin?x=y"),
        ("/app-web-access/", "/access-token/"),
    ],
)
def test_old_addresses(db: None, old: str, new: str) -> None:
    response = Client().get(old)
    assert (response.status_code, response.headers["Location"]) == (308, new)


@pytest.mark.parametrize(
    ("seconds", "words"), [(30, "30 seconds"), (3600, "1 hour"), (172800, "2 days"), (120, "2 minutes")]
)
def test_durations(seconds: int, words: str) -> None:
    assert duration_in_words(seconds) == words
