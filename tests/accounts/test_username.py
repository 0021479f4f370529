"""account.changeUsername (access D74)."""

from typing import Any

import pytest

from tests.cast import PASSWORD, Api


def rename(api: Api, name: Any) -> Any:
    return api.post("account/change-username", {"newUsername": name})


def test_d74_both_names_lead_to_the_account(alice: Api, carol: Api) -> None:
    answer = rename(alice, "alice-new")
    assert answer.status == 200
    assert answer["account"]["username"] == "alice-new"
    assert "emails" not in answer["account"]
    assert answer["usernameChangesRemaining"] == 1
    for name in ("alice", "alice-new"):
        info = Api(name, alice.token).get("access-info")
        assert info["user"]["username"] == "alice-new"
        login = {"username": name, "password": PASSWORD, "appId": "test-app"}
        assert Api(name).post("auth/login", login, Origin="http://localhost:3000").status == 200
    assert rename(carol, "alice").status == 409, "a former name is nobody else's"


def test_d74_limit(alice: Api) -> None:
    assert alice.get("account/username-changes").body | {"meta": 0} == {
        "usernameChangesUsed": 0,
        "usernameChangesLimit": 2,
        "usernameChangesRemaining": 2,
        "meta": 0,
    }
    rename(alice, "alice-two")
    rename(alice, "alice-three")
    answer = rename(alice, "alice-four")
    assert (answer.status, answer.error) == (400, "invalid-operation")
    assert answer.data == {"usernameChangesUsed": 2, "usernameChangesLimit": 2}


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("alice", 400, "invalid-operation"),
        ("pryv-me", 400, "invalid-operation"),
        ("admin", 400, "invalid-operation"),
        ("carol", 409, "item-already-exists"),
        ("Upper", 400, "invalid-parameters-format"),
        ("abc", 400, "invalid-parameters-format"),
        (5, 400, "invalid-parameters-format"),
    ],
)
def test_refused(alice: Api, carol: Api, name: Any, status: int, error: str) -> None:
    answer = rename(alice, name)
    assert (answer.status, answer.error) == (status, error)
    assert alice.get("access-info")["user"]["username"] == "alice"
