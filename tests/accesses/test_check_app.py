"""accesses.checkApp (access G125–G133)."""

from typing import Any

import pytest

from tests.cast import Answer, Api

HEART = {"streamId": "heart", "defaultName": "Heart", "level": "manage"}


def check(alice: Api, *permissions: Any, **fields: Any) -> Answer:
    body = {"requestingAppId": "an-app", "requestedPermissions": list(permissions), **fields}
    return alice.post("accesses/check-app", body)


def test_g125_names_of_streams(alice: Api) -> None:
    answer = check(alice, HEART, {"streamId": "diary", "defaultName": "Journal", "level": "read"})
    assert answer["checkedPermissions"] == [HEART, {"streamId": "diary", "level": "read", "name": "Diary"}]
    assert "matchingAccess" not in answer.body
    assert [s["id"] for s in alice.trees()] == ["diary"]


def test_g126_match(alice: Api) -> None:
    alice.share(HEART, type="app", name="an-app")
    found = check(alice, HEART)
    assert found["matchingAccess"]["name"] == "an-app"
    assert "apiEndpoint" not in found["matchingAccess"]
    assert "checkedPermissions" not in found.body


@pytest.mark.parametrize(
    "change",
    [
        {"permissions": [{**HEART, "level": "read"}]},
        {"permissions": [HEART, {"streamId": "diary", "defaultName": "D", "level": "read"}]},
        {"clientData": {"a": 1}},
    ],
)
def test_g127_mismatch(alice: Api, change: dict[str, Any]) -> None:
    alice.share(HEART, type="app", name="an-app")
    permissions = change.pop("permissions", [HEART])
    answer = check(alice, *permissions, **change)
    assert answer["mismatchingAccess"]["token"]
    assert answer["checkedPermissions"]


def test_g127_expired(alice: Api) -> None:
    alice.share(HEART, type="app", name="an-app", expireAfter=0)
    assert "mismatchingAccess" in check(alice, HEART).body


def test_g128_no_client_data_is_null(alice: Api) -> None:
    alice.share(HEART, type="app", name="an-app")
    assert "matchingAccess" in check(alice, HEART, clientData=None).body


def test_g129_another_device(alice: Api) -> None:
    alice.share(HEART, type="app", name="an-app", deviceName="phone")
    answer = check(alice, HEART, deviceName="watch")
    assert not {"matchingAccess", "mismatchingAccess"} & answer.body.keys()


def test_g130_star(alice: Api) -> None:
    star = {"streamId": "*", "level": "read"}
    assert check(alice, {**star, "defaultName": "All"})["checkedPermissions"] == [star]
    assert check(alice, {"streamId": "heart", "level": "read"}).error == "invalid-parameters-format"


def test_g131_taken_name(alice: Api) -> None:
    answer = check(alice, {"streamId": "journal", "defaultName": "Diary", "level": "read"})
    assert answer.status == 200
    assert answer["checkedPermissions"][0]["defaultName"] == "Diary (1)"
    assert answer["error"]["id"] == "item-already-exists"


def test_g133_owners_only(alice: Api) -> None:
    assert check(alice.guest("manage"), HEART).error == "forbidden"
    assert check(alice, HEART, foo=1).error == "invalid-parameters-format"
    assert check(alice, HEART, token="x", expireAfter=3).status == 200


def test_g127_values_of_another_kind(alice: Api) -> None:
    alice.share(HEART, type="app", name="an-app", clientData={"a": 1})
    assert "mismatchingAccess" in check(alice, HEART, clientData={"a": True}).body
    assert "mismatchingAccess" in check(alice, HEART).body
    assert "matchingAccess" in check(alice, HEART, clientData={"a": 1.0}).body


def test_g132_former_versions_do_not_match(alice: Api) -> None:
    app = alice.share(HEART, type="app", name="an-app")
    access_id = app.get("access-info")["id"]
    assert (
        alice.put(f"accesses/{access_id}", {"permissions": [{"streamId": "heart", "level": "read"}]}).status
        == 200
    )
    answer = check(alice, HEART)
    assert answer["mismatchingAccess"]["id"] == f"{access_id}:1"
    update = {"permissions": [{"streamId": "heart", "level": "manage"}]}
    assert alice.put(f"accesses/{access_id}:1", update).status == 200
    assert check(alice, HEART)["matchingAccess"]["id"] == f"{access_id}:2"
