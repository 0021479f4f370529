"""Registration and public look-ups (access C24–C46)."""

from typing import Any

import pytest
from django.core import mail

from accounts.mail import flush
from tests.cast import PASSWORD, Answer, Api, register

BODY = {"appId": "test-app", "username": "new-user", "password": PASSWORD}
public = Api("")


def post(**fields: Any) -> Answer:
    return public.call("POST", "/users", {**BODY, **fields})


def codes(answer: Answer) -> set[str]:
    return {entry["code"] for entry in answer.data}


def test_c24_endpoint_works_at_once(db: None) -> None:
    info = register("new-user").get("access-info")
    assert (info["type"], info["name"], info["user"]["username"]) == ("personal", "test-app", "new-user")


def test_new_account_has_its_diary(db: None) -> None:
    diary = register("new-user").get("streams")["streams"][0]
    assert (diary["id"], diary["name"], diary["createdBy"]) == ("diary", "Diary", "system")


def test_c25_both_taken(alice: Api) -> None:
    answer = post(username="alice", email="alice@example.org")
    assert (answer.status, answer.error) == (409, "item-already-exists")
    assert answer.data == {"username": "alice", "email": "alice@example.org"}


def test_c26_only_the_email_taken(alice: Api) -> None:
    assert post(email="alice@example.org").data == {"email": "alice@example.org"}


@pytest.mark.parametrize("username", ["pryv-fan", "access", "register", "signin"])
def test_c27_reserved_names(db: None, username: str) -> None:
    assert post(username=username).data == {"username": username}
    assert public.get(f"/reg/{username}/check_username")["reserved"] is False


@pytest.mark.parametrize(
    "username", ["abcd", "a" * 61, "under_score", "Upper", "dot.ted", "-dash", "dash-", "a b c d e"]
)
def test_c28_malformed_names(db: None, username: str) -> None:
    assert codes(post(username=username)) == {"username-invalid"}


def test_c29_object_as_email(db: None) -> None:
    answer = post(email={"a": 1})
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")


def test_c30_every_missing_field_is_told(db: None) -> None:
    answer = public.call("POST", "/users", {})
    assert codes(answer) == {"username-required", "password-required", "appid-invalid"}
    assert all("params" not in entry and entry["param"] for entry in answer.data)


@pytest.mark.parametrize("password", ["short", "x" * 101, 123456, ""])
def test_password_rules(db: None, password: Any) -> None:
    assert post(password=password).status == 400


@pytest.mark.parametrize(
    ("tokens", "given", "status"),
    [
        (None, None, 201),
        ([], None, 400),
        ([], "spring", 400),
        (["spring"], "spring", 201),
        (["spring"], "autumn", 400),
        (["spring"], None, 400),
    ],
)
def test_c31_invitations(db: None, settings: Any, tokens: Any, given: str | None, status: int) -> None:
    settings.INVITATION_TOKENS = tokens
    answer = post(**({"invitationToken": given} if given else {}))
    assert answer.status == status
    if status == 400:
        assert answer.error == "invalid-operation"


def test_c32_an_invitation_works_once(db: None, settings: Any) -> None:
    settings.INVITATION_TOKENS = ["spring"]
    assert post(invitationToken="spring").status == 201
    assert post(username="second-user", invitationToken="spring").error == "invalid-operation"


def test_c33_a_conflict_keeps_the_invitation(alice: Api, settings: Any) -> None:
    settings.INVITATION_TOKENS = ["spring"]
    assert post(username="alice", invitationToken="spring").status == 409
    assert post(invitationToken="spring").status == 201


def test_c35_mail_failure_changes_nothing(
    transactional_db: None, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.EMAIL_BACKEND = "no.such.Backend"
    assert post(email="new@example.org").status == 201
    flush()


def test_welcome_mail(transactional_db: None) -> None:
    assert post(email="New@Example.org").status == 201
    flush()
    message = mail.outbox[-1]
    assert message.to == ["new@example.org"]
    assert "new-user" in message.body
    assert PASSWORD not in message.body


def test_welcome_mail_tells_where_data_lives(transactional_db: None, settings: Any) -> None:
    assert post(email="new@example.org").status == 201
    flush()
    assert "Your data lives in" not in mail.outbox[-1].body  # the operator named no place
    hosting = {"url": "http://testserver/", "name": "Rack 1", "available": True}
    zones = {"ch": {"name": "Switzerland", "hostings": {"one": hosting}}}
    settings.HOSTINGS = {"regions": {"eu": {"name": "Europe", "zones": zones}}}
    assert post(username="second-user", email="second@example.org", hosting="one").status == 201
    flush()
    message: Any = mail.outbox[-1]
    for told in (message.body, message.alternatives[0][0]):
        assert "Your data lives in: Switzerland, Europe" in told


def test_c36_other_routes(db: None) -> None:
    assert public.call("POST", "/reg/users", BODY).status == 201
    legacy = {**BODY, "username": "old-user", "appid": "old-app-x"}
    del legacy["appId"]
    assert public.call("POST", "/reg/user", legacy).status == 201


def test_c38_email_check(alice: Api) -> None:
    assert public.get("/reg/alice@example.org/check_email").data == {"email": "alice@example.org"}
    assert public.get("/reg/free@example.org/check_email")["reserved"] is False


def test_c39_username_check(alice: Api) -> None:
    assert public.get("/reg/alice/check_username")["reserved"] is True
    assert codes(public.get("/reg/abc/check_username")) == {"username-invalid"}


@pytest.mark.parametrize("what", ["username", "email"])
def test_c40_removed_checks(db: None, what: str) -> None:
    answer = public.call("POST", f"/reg/{what}/check", {})
    assert (answer.status, answer.error) == (410, "removed-method")


def test_c41_uid_of_an_address(alice: Api) -> None:
    assert public.get("/reg/alice@example.org/uid").body == {"uid": "alice"}
    unknown = public.get("/reg/nobody@example.org/uid")
    assert (unknown.status, unknown.error) == (404, "unknown-email")
    assert "meta" not in unknown.body


def test_c42_server_of_a_user(alice: Api) -> None:
    assert public.call("POST", "/reg/alice/server", {}).body == {
        "server": "http://testserver/",
        "alias": "alice",
    }
    assert public.call("POST", "/reg/nobody42/server", {}).error == "unknown-user"
    assert public.call("GET", "/reg/alice/server").status == 302


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?username=alice&email=a", 400),
        ("?username=alice", 200),
        ("?username=nobody42", 404),
        ("?email=x@y", 200),
    ],
)
def test_c43_cores(alice: Api, query: str, status: int) -> None:
    assert public.get(f"/reg/cores{query}").status == status


def test_hostings_and_apps(db: None) -> None:
    hosting = public.get("/reg/hostings")["regions"]["default"]["zones"]["default"]["hostings"]["default"]
    assert hosting["available"] is True
    assert hosting["availableCore"].endswith("/")
    assert public.get("/apps").body == {"apps": []}
    assert public.get("/apps/none").error == "unknown-resource"


def test_invitation_check(db: None, settings: Any) -> None:
    settings.INVITATION_TOKENS = ["spring"]
    assert public.call("POST", "/access/invitationtoken/check", {"invitationtoken": "spring"}).body == b"true"
    assert public.call("POST", "/access/invitationtoken/check", {"invitationtoken": "no"}).body == b"false"
