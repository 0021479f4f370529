"""The token generator as a plain form (ui §2)."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from accesses.endpoint import Endpoint
from accesses.generator import Trouble
from pryvsite.web.fetch import FetchError, fetch_json
from tests.accesses.test_pages import text
from tests.cast import PASSWORD, Api

FORM = {
    "action": "request",
    "service_url": "http://testserver/reg/service/info",
    "app_id": "app-web-access-test",
    "view": "rows",
    "stream_id": ["heart"],
    "default_name": ["Heart"],
    "level": ["manage"],
}


@pytest.fixture
def visitor(alice: Api) -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.post("/signin", {"login": "alice", "password": PASSWORD})
    return client


def post(client: Client, **fields: Any) -> Any:
    return client.post("/access-token/", {**FORM, **fields})


def test_whole_flow_without_script(alice: Api, visitor: Client) -> None:
    consent = post(visitor).headers["Location"].removeprefix("http://testserver")
    back = visitor.post(consent, {"action": "accept"}).headers["Location"]
    assert back.startswith("http://testserver/access-token/return?prYvkey=")
    clean = visitor.get(back.removeprefix("http://testserver"))
    assert clean.headers["Location"] == "/access-token/"
    page = visitor.get("/access-token/").content.decode()
    token = re.search(r'data-token="(\w+)"', page)
    assert "Access granted by alice" in page
    assert token
    assert Api("alice", token.group(1)).get("streams")["streams"][0]["name"] == "Heart"
    assert "It works: app-web-access-test" in text(post(visitor, action="test"))
    assert "data-token" not in post(visitor, action="forget").content.decode()
    assert "data-token" not in visitor.get("/access-token/").content.decode()


def test_refusal_is_told(visitor: Client) -> None:
    consent = post(visitor).headers["Location"].removeprefix("http://testserver")
    visitor.post(consent, {"action": "refuse"})
    assert "The request was refused" in text(visitor.get("/access-token/"))


def test_results_are_of_their_visitor_only(visitor: Client) -> None:
    consent = post(visitor).headers["Location"].removeprefix("http://testserver")
    visitor.post(consent, {"action": "accept"})
    assert "Access granted" not in text(Client().get("/access-token/"))


def test_polling_stops_with_the_answer(visitor: Client) -> None:
    asked = visitor.post("/access-token/", FORM, headers={"HX-Request": "true"})
    assert "Log in to Pryvsite" in text(asked)
    assert visitor.get("/access-token/status", headers={"HX-Request": "true"}).status_code == 200
    post(visitor, action="cancel")
    assert visitor.get("/access-token/status", headers={"HX-Request": "true"}).status_code == 286


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"app_id": "short"}, "at least 6 characters"),
        ({"stream_id": [""], "default_name": [""], "level": ["read"]}, "the stream id needs"),
        ({"default_name": [""]}, "give the name"),
        ({"level": ["own"]}, "the level must be"),
        ({"stream_id": ["a", "a"], "default_name": ["A", "A"], "level": ["read", "read"]}, "named twice"),
        ({"view": "json", "permissions": "[{]"}, "not valid JSON at line 1, column 3"),
        ({"view": "json", "permissions": "{}"}, "at least one permission"),
        ({"client_data": "[]"}, "must be a JSON object"),
        ({"service_url": "https://testserver.invalid/info"}, "Could not read service information"),
        ({"service_url": "http://127.0.0.1:1/"}, "not a public one"),
        ({"service_url": "ftp://x/"}, "must begin with http"),
    ],
)
def test_problems_are_told_and_nothing_is_lost(visitor: Client, fields: dict[str, Any], problem: str) -> None:
    page = post(visitor, **fields)
    assert page.status_code == 422
    assert problem in text(page)
    if "app_id" not in fields:
        assert 'value="app-web-access-test"' in page.content.decode()


def test_rows_and_json_are_one_value(visitor: Client) -> None:
    page = post(visitor, action="view:json").content.decode()
    shown = re.search(r'<textarea class="area mono" id="permissions"[^>]*>(.*?)</textarea>', page, re.S)
    assert shown
    permissions = json.loads(shown.group(1).replace("&quot;", '"'))
    assert permissions == [{"streamId": "heart", "defaultName": "Heart", "level": "manage"}]
    permissions.append({"streamId": "*", "level": "read"})
    rows = post(
        visitor, action="view:rows", view="json", permissions=json.dumps(permissions)
    ).content.decode()
    assert rows.count('name="stream_id"') == 2
    assert post(visitor, action="add").content.decode().count('name="stream_id"') == 2
    assert post(visitor, action="remove:0").content.decode().count('name="stream_id"') == 0


def test_linked_form(db: None) -> None:
    query = {"appId": "linked-app", "permissions": '[{"streamId":"x","defaultName":"X","level":"read"}]'}
    page = Client().get("/access-token/", query).content.decode()
    assert 'value="linked-app"' in page
    assert "&quot;streamId&quot;" in page


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://0.0.0.0/",
        "file:///etc/passwd",
        "http://user@/",
        "http://192.168.0.1:99999/",
    ],
)
def test_own_network_is_out_of_reach(url: str) -> None:
    with pytest.raises(FetchError):
        fetch_json(url)


@pytest.fixture
def granted(alice: Api, visitor: Client) -> Client:
    """A visitor whose request was accepted and who is back on the page."""
    consent = post(visitor).headers["Location"].removeprefix("http://testserver")
    visitor.post(consent, {"action": "accept"})
    return visitor


def token_in(page: str) -> str:
    found = re.search(r'data-token="(\w+)"', page)
    assert found
    return found.group(1)


def test_endpoint_is_shown_once(granted: Client) -> None:
    assert "data-token" in granted.get("/access-token/").content.decode()
    again = granted.get("/access-token/")
    assert "data-token" not in again.content.decode()
    assert "was shown once" in text(again)


def test_snippets_and_log_hide_the_token(granted: Client) -> None:
    page = granted.get("/access-token/").content.decode()
    token = token_in(page)
    for name in ("curl", "JavaScript", "Python", "Postman"):
        assert f">{name}</summary>" in page
    visible = re.sub(r'(data-copy|data-token)="[^"]*"', "", page)
    visible = re.sub(r'<span class="no-js">[^<]*</span>', "", visible)
    assert token not in visible
    assert "Accepted by alice" in text(granted.get("/access-token/status"))
    assert token not in str(granted.session["generator"])


def test_try_it(alice: Api, granted: Client) -> None:
    granted.get("/access-token/")
    event = {"streamIds": ["heart"], "type": "note/txt", "content": "Hello"}
    page = post(granted, action="try", event=json.dumps(event))
    assert "201 The event is in the account" in text(page)
    assert alice.events()[0]["content"] == "Hello"
    refused = text(post(granted, action="try", event=json.dumps({**event, "streamIds": ["diary"]})))
    assert "403 Nothing was created" in refused
    assert "not valid JSON" in text(post(granted, action="try", event="{"))


def test_revoke(alice: Api, granted: Client) -> None:
    token = token_in(granted.get("/access-token/").content.decode())
    assert "The token is revoked" in text(post(granted, action="revoke"))
    assert Api("alice", token).get("access-info").status == 403
    assert "There is no token" in text(post(granted, action="test"))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"return_url": "https://a.example.org/x"}, "must end with ?, &amp; or #"),
        ({"return_url": "javascript:alert(1)?"}, "give auto#, self#, or an http(s) address"),
        ({"oauth_state": "abc"}, "needs a return URL"),
        ({"referer": "x" * 100}, "99 characters at most"),
    ],
)
def test_advanced_fields(visitor: Client, fields: dict[str, Any], problem: str) -> None:
    answer = post(visitor, **fields)
    assert (answer.status_code, problem in answer.content.decode()) == (422, True)


def test_return_url_and_state_travel(visitor: Client) -> None:
    asked = post(visitor, return_url="https://a.example.org/?", oauth_state="s1", referer="me")
    consent = asked.headers["Location"].removeprefix("http://testserver")
    back = visitor.post(consent, {"action": "refuse"}).headers["Location"]
    assert back.startswith("https://a.example.org/?state=s1&code=")


def test_permissions_are_judged_while_edited(visitor: Client) -> None:
    def judged(**fields: Any) -> str:
        return text(visitor.post("/access-token/check", {**FORM, **fields}))

    assert "The owner will read: Everything in Heart" in judged()
    assert "named twice" in judged(stream_id=["a", "a"], default_name=["A", "A"], level=["read", "read"])
    assert "line 1, column 3" in judged(view="json", permissions="[{]")
    odd = '[{"streamId": "x", "defaultName": "X", "level": "read", "colour": "red"}]'
    assert "colour is not known" in judged(view="json", permissions=odd)


def test_master_keeps_the_permissions_for_later(visitor: Client) -> None:
    with_master = post(visitor, master="on", action="add").content.decode()
    assert 'value="heart"' in with_master
    consent = post(visitor, master="on").headers["Location"].removeprefix("http://testserver")
    assert "all your data" in text(visitor.get(consent))


def test_own_streams_are_offered(alice: Api, visitor: Client) -> None:
    alice.stream("lungs", name="Lungs")
    assert '<option value="lungs">Lungs</option>' in visitor.get("/access-token/").content.decode()
    assert "lungs" not in Client().get("/access-token/").content.decode()


def test_form_can_be_linked(visitor: Client) -> None:
    page = post(visitor, action="add").content.decode()
    link = re.search(r'data-copy="(http://testserver/access-token/[^"]+)"', page)
    assert link
    shown = Client().get(link.group(1).replace("&amp;", "&").removeprefix("http://testserver"))
    assert "&quot;streamId&quot;: &quot;heart&quot;" in shown.content.decode()


@pytest.mark.parametrize(
    ("endpoint", "base"),
    [
        ("https://tok@mira.pryv.me/", "https://mira.pryv.me/"),
        ("https://tok@pryv.me/mira/", "https://pryv.me/mira/"),
        ("https://tok@pryv.me/mira", "https://pryv.me/mira/"),
    ],
)
def test_both_forms_of_endpoints(endpoint: str, base: str) -> None:
    parsed = Endpoint.parse(endpoint)
    assert (parsed.base, parsed.token) == (base, "tok")


@pytest.mark.parametrize("endpoint", ["", "https://pryv.me/mira/", "ftp://t@x/", "https://t@x/?a=1"])
def test_no_endpoints(endpoint: str) -> None:
    with pytest.raises(Trouble):
        Endpoint.parse(endpoint)


def test_a_template_takes_the_place_of_the_master_token(visitor: Client) -> None:
    assert "checked" in master_box(post(visitor, action="add", master="on"))
    started = post(visitor, action="template:diary", master="on")
    assert "checked" not in master_box(started)
    assert 'value="diary"' in started.content.decode()


def master_box(page: Any) -> str:
    found = re.search(r'<input [^>]*name="master"[^>]*>', page.content.decode())
    assert found
    return found.group()
