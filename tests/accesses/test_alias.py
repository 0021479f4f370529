"""Accesses that hide the account's name (`randomAlias`; access E98, E99)."""

import re

import pytest

from tests.cast import Answer, Api, register

READ = {"streamId": "diary", "level": "read"}
MANAGE = {"streamId": "diary", "level": "manage"}


def aliased(alice: Api, **fields: object) -> tuple[Api, dict[str, str]]:
    body = {"name": "hidden", "permissions": [MANAGE], "randomAlias": True, **fields}
    made = alice.post("accesses", body)["access"]
    return Api(made["alias"], made["token"]), made


def test_e98_the_alias_stands_for_the_username(alice: Api) -> None:
    guest, made = aliased(alice)
    assert re.fullmatch(r"r-[a-z0-9]{8}", made["alias"])
    assert made["apiEndpoint"] == f"http://{made['token']}@testserver/{made['alias']}/"
    info = guest.get("access-info")
    assert (info["user"], info["alias"]) == ({"username": made["alias"]}, made["alias"])
    assert guest.get("streams")["streams"][0]["id"] == "diary"
    assert guest.call("GET", f"/{made['alias'].upper()}/events").status == 200


def test_e98_a_deleted_alias_leads_nowhere(alice: Api) -> None:
    guest, made = aliased(alice)
    assert guest.get("events").status == 200
    alice.delete(f"accesses/{made['id']}")
    answer = guest.get("events")
    assert (answer.status, answer.error) == (404, "unknown-resource")


def test_e99_other_accesses_on_that_path(alice: Api) -> None:
    _, made = aliased(alice)
    assert Api(made["alias"], alice.token).get("access-info")["user"]["username"] == "alice"


def test_an_aliased_access_on_the_real_path(alice: Api) -> None:
    _, made = aliased(alice)
    info = Api("alice", made["token"]).get("access-info")
    assert info["user"]["username"] == made["alias"]


def test_an_aliased_app_never_learns_the_username(alice: Api) -> None:
    app, made = aliased(alice, type="app")
    child = app.post("accesses", {"name": "child", "permissions": [READ]})
    answers: list[Answer] = [child, app.get("accesses"), app.get("access-info"), app.get("streams"),
                             app.get(f"accesses/{made['id']}"), app.get("events"), app.get("service/info"),
                             app.put(f"accesses/{child['access']['id']}", {"name": "b"})]  # fmt: skip
    assert all(answer.status < 300 for answer in answers)
    assert all("alice" not in str(answer.body) for answer in answers)


def test_login_does_not_tell_whose_alias_it_is(alice: Api, carol: Api) -> None:
    _, made = aliased(alice)
    path = Api(made["alias"])
    body = {"password": "wrong-horse", "appId": "free-app"}
    answers = [path.post("auth/login", {**body, "username": name}) for name in ("alice", "carol")]
    assert {(a.status, a["error"]["message"]) for a in answers} == {
        (400, "The username in the path does not match the one in the body.")
    }


@pytest.mark.django_db
def test_nobody_registers_the_form_of_an_alias() -> None:
    body = {"appId": "test-app", "username": "r-abcdefgh", "password": "correct-horse"}
    assert Api("").call("POST", "/users", body).error == "item-already-exists"
    assert register("r-abcdefg1").get("access-info").status == 200


def test_accesses_without_alias_have_none(alice: Api) -> None:
    assert "alias" not in alice.post("accesses", {"name": "a", "permissions": [READ]})["access"]
    assert alice.post("accesses", {"name": "b", "permissions": [READ], "randomAlias": "x"}).status == 400
