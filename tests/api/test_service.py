"""Service information and what it leads to (access A11, B16–B23), and routes that are gone (I177)."""

from typing import Any

import pytest

from pryvsite.api.registry import _FIND, _words_first, match
from tests.cast import Api

public = Api("")


def test_a11_the_access_id_is_told_when_the_call_fails(alice: Api) -> None:
    guest = alice.guest("read")
    access_id = guest.get("access-info")["id"]
    for answer in (guest.get("events/unknown"), guest.post("streams", {"name": "x"}), guest.get("account")):
        assert answer.status in (403, 404)
        assert answer.headers["Pryv-Access-Id"] == access_id


def test_b16_what_the_operator_adds(db: None, settings: Any) -> None:
    settings.SERVICE_INFO = {"adapters": ["https://a.org/{username}"], "anything": {"x": [1]}}
    info = public.get("/reg/service/info")
    assert info["adapters"] == ["https://a.org/{username}"]
    assert info["anything"] == {"x": [1]}
    assert info["name"] == "Pryvsite"


def test_b17_series_are_there(db: None) -> None:
    assert public.get("/reg/service/info")["features"]["noHF"] is False


def test_b18_the_document_below_an_account(alice: Api) -> None:
    expected = public.get("/reg/service/info").body
    for path in ("/alice/service/infos", "/alice/service/info", "/service/info"):
        found = public.get(path).body
        assert {**found, "meta": 0} == {**expected, "meta": 0}


def test_b20_final_slashes(db: None) -> None:
    info = public.get("/reg/service/info")
    assert all(info[name].endswith("/") for name in ("access", "api", "register"))
    body = {"requestingAppId": "an-app", "requestedPermissions": [{"streamId": "a", "level": "read"}]}
    for path in ("/reg/access", "/reg/access/"):
        assert public.call("POST", path, body).status == 201


def test_b21_b22_b23_assets(db: None) -> None:
    assets = public.get(
        public.get("/reg/service/info")["assets"]["definitions"].removeprefix("http://testserver")
    )
    base = assets["baseUrl"].removeprefix("http://testserver")
    button = assets["lib-js"]["buttonSignIn"]
    assert b"pryv-access-btn-text" in public.get(base + button["html"]).body
    messages = public.get(base + button["messages"]).body
    for name in ("LOADING", "ERROR", "LOGIN", "SIGNOUT_CONFIRM"):
        assert messages[name]["en"]
    for path in (button["css"], assets["css"]["default"]["url"], assets["favicon"]["default"]["url"]):
        assert public.get(base + path).status == 200


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_i177_followed_slices_are_gone(alice: Api, verb: str) -> None:
    assert alice.call(verb, "followed-slices").error == "unknown-resource"
    results = alice.post("", [{"method": "followedSlices.get", "params": {}}])["results"]
    assert results[0]["error"]["id"] == "invalid-method"


def test_routes_that_end_in_a_word_come_first() -> None:
    """`access` is a word of other routes; the order in which modules are loaded doesn't matter."""
    for place, verb, path in (
        ("platform", "GET", "reg/access/check_username"),
        ("platform", "POST", "reg/access/server"),
        ("account", "POST", "accesses/check-app"),
    ):
        found = match(place, verb, path)
        assert found is not None and not found[0].segments[-1].startswith("{"), path
    assert all(found == sorted(found, key=_words_first) for found in _FIND.values())
