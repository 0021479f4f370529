"""The profile (access I153, I154)."""

from typing import Any

import pytest

from tests.cast import Api

ALL = {"streamId": "*", "level": "manage"}


def app(alice: Api, name: str = "some-app", **fields: Any) -> Api:
    return alice.share(ALL, type="app", name=name, **fields)


@pytest.mark.parametrize("name", ["public", "private"])
def test_i153_sets_of_the_owner(alice: Api, name: str) -> None:
    assert alice.get(f"profile/{name}")["profile"] == {}
    body = {"name": "Alice", "gone": 1, "deep": {"a": 1, "b": 2}}
    assert alice.put(f"profile/{name}", body)["profile"] == body
    merged = alice.put(f"profile/{name}", {"gone": None, "deep": {"a": None}, "new": [None]})
    expected = {"name": "Alice", "deep": {"a": None}, "new": [None]}
    assert merged["profile"] == alice.get(f"profile/{name}")["profile"] == expected
    assert alice.put(f"profile/{name}", {"never": None})["profile"] == expected


def test_sets_are_apart(alice: Api, carol: Api) -> None:
    alice.put("profile/public", {"a": 1})
    alice.put("profile/private", {"b": 2})
    assert alice.get("profile/public")["profile"] == {"a": 1}
    assert carol.get("profile/public")["profile"] == {}
    assert alice.guest("create-only").get("profile/public")["profile"] == {"a": 1}
    assert Api("alice").get("profile/public").status == 401


@pytest.mark.parametrize("kind", ["app", "shared"])
@pytest.mark.parametrize(
    ("verb", "path"),
    [("PUT", "profile/public"), ("PUT", "profile/private"), ("GET", "profile/private")],
)
def test_i154_owner_only(alice: Api, kind: str, verb: str, path: str) -> None:
    answer = alice.share(ALL, type=kind).call(verb, path, {"a": 1} if verb == "PUT" else None)
    assert (answer.status, answer.error) == (403, "forbidden")


def test_i154_sets_of_apps_are_for_apps(alice: Api) -> None:
    for api in (alice, alice.guest("manage")):
        for answer in (api.get("profile/app"), api.put("profile/app", {"a": 1})):
            assert (answer.status, answer.error) == (400, "invalid-operation")


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", "profile/other"), ("PUT", "profile/other"), ("GET", "profile")]
)
def test_i154_other_names(alice: Api, verb: str, path: str) -> None:
    answer = alice.call(verb, path, {"a": 1} if verb == "PUT" else None)
    assert (answer.status, answer.error) == (404, "unknown-resource")


def test_devices_of_an_app_share_its_set(alice: Api) -> None:
    phone, laptop = app(alice, deviceName="phone"), app(alice, deviceName="laptop")
    other = app(alice, "other")
    assert phone.put("profile/app", {"theme": "dark", "beta": None})["profile"] == {"theme": "dark"}
    assert laptop.put("profile/app", {"lang": "fr"})["profile"] == {"theme": "dark", "lang": "fr"}
    assert other.get("profile/app")["profile"] == {}


@pytest.mark.parametrize("name", ["private", "public", "app", "app:some-app"])
def test_no_name_of_an_app_reaches_another_set(alice: Api, name: str) -> None:
    alice.put("profile/private", {"secret": 1})
    alice.put("profile/public", {"shown": 1})
    app(alice).put("profile/app", {"mine": 1})
    sly = app(alice, name)
    assert sly.get("profile/app")["profile"] == {}
    sly.put("profile/app", {"sly": 1})
    assert alice.get("profile/private")["profile"] == {"secret": 1}
    assert alice.get("profile/public")["profile"] == {"shown": 1}


@pytest.mark.parametrize("body", ['"text"', "[1]", "{bad"])
def test_bad_bodies(alice: Api, body: str) -> None:
    assert alice.put("profile/public", body).status == 400


def test_batch(alice: Api) -> None:
    calls = [
        {"method": "profile.update", "params": {"id": "public", "update": {"a": 1}}},
        {"method": "profile.get", "params": {"id": "public"}},
        {"method": "profile.update", "params": {"id": "app:some-app", "update": {"a": 1}}},
    ]
    results = alice.post("", calls)["results"]
    assert results[1]["profile"] == {"a": 1}
    assert results[2]["error"]["id"] == "unknown-resource"
