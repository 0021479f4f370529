"""The token generator as a plain form (ui §2)."""

import json
import re
from typing import Any

import pytest
from django.test import Client

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
