"""The operator's routes of the registry: validate, set, release, rename (access §2.6, §2.13)."""

from typing import Any

import pytest
from django.test import override_settings

from accounts.models import Account, EmailAddress
from tests.accounts.mails import mails_to, secret_in
from tests.accounts.test_operator import KEY, operator
from tests.accounts.test_passwords import ask, mailed_token, reset
from tests.cast import PASSWORD, Answer, Api, register


@pytest.fixture(autouse=True)
def operator_key() -> Any:
    with override_settings(ADMIN_ACCESS_KEY=KEY):
        yield


def validate(username: Any = "dorothy", **given: Any) -> Answer:
    return operator("POST", "/system/users/validate", {"username": username, **given})


def put(**given: Any) -> Answer:
    return operator("PUT", "/system/users", {"username": "alice", **given})


def release(query: str, username: str = "alice") -> Answer:
    return operator("DELETE", f"/system/users/{username}{query}")


def entries(api: Api) -> dict[str, tuple[bool, str]]:
    account = api.get("account")["account"]
    return {one["value"]: (one["primary"], one["verificationMethod"]) for one in account["emails"]}


class TestValidate:
    def test_what_would_pass(self, db: None) -> None:
        answer = validate(uniqueFields={"email": "d@example.org", "username": "dorothy"}, core="one")
        assert (answer.status, answer["reservation"]) == (200, True)
        assert validate().status == 200
        assert not Account.objects.exists()
        register("dorothy", email="d@example.org")

    @pytest.mark.parametrize(
        ("username", "email", "data"),
        [
            ("alice", "new@example.org", {"username": "alice"}),
            ("dorothy", "Alice@Example.org", {"email": "alice@example.org"}),
            ("alice", "alice@example.org", {"username": "alice", "email": "alice@example.org"}),
            ("pryv-staff", None, {"username": "pryv-staff"}),
        ],
    )
    def test_what_is_taken(self, alice: Api, username: str, email: str | None, data: dict[str, str]) -> None:
        answer = validate(username, uniqueFields={"email": email} if email else {})
        assert (answer.status, answer["reservation"]) == (400, False)
        assert answer.error == "item-already-exists"
        assert answer.data == data

    def test_every_malformed_field_is_told(self, db: None) -> None:
        answer = validate("A", uniqueFields={"email": {}})
        assert (answer.status, answer["reservation"], answer.error) == (
            400,
            False,
            "invalid-parameters-format",
        )
        assert [entry["code"] for entry in answer.data] == ["username-invalid", "email-invalid"]
        nameless = operator("POST", "/system/users/validate", {})
        assert nameless.data[0]["code"] == "username-required"

    def test_invitations(self, db: None) -> None:
        token = operator("GET", "/reg/admin/invitations/post")["data"][0]["id"]
        for wrong in ({}, {"invitationToken": None}, {"invitationToken": "wrong"}):
            answer = validate(**wrong)
            assert (answer.status, answer.error) == (400, "invitationToken-invalid")
        for _ in range(2):
            assert validate(invitationToken=token).status == 200, "asking uses nothing up"
        register("dorothy", invitationToken=token)
        assert validate("edward", invitationToken=token).status == 400

    def test_malformed_calls(self, db: None) -> None:
        assert operator("POST", "/system/users/validate", "[]").error == "invalid-parameters-format"
        assert operator("POST", "/system/users/validate", "{").error == "invalid-request-structure"
        assert validate(uniqueFields={"phone": "1"}).error == "invalid-parameters-format"


class TestSet:
    def test_fields(self, alice: Api) -> None:
        given = {"language": "fr", "appId": "other-app", "referer": "friend", "username": "ignored"}
        answer = put(user=given)
        assert (answer.status, answer["user"]) == (200, True)
        fields = operator("GET", "/reg/admin/users/alice").body
        assert (fields["language"], fields["appId"], fields["referer"]) == ("fr", "other-app", "friend")
        assert fields["username"] == "alice"
        events = alice.get("events?streams=:_system:language")["events"]
        assert [(one["content"], one["modifiedBy"]) for one in events] == [("fr", "system")]
        put(fieldsToDelete={"language": "whatever", "referer": True})
        fields = operator("GET", "/reg/admin/users/alice").body
        assert (fields["language"], fields["referer"], fields["appId"]) == ("en", None, "other-app")

    def test_an_address_counts_as_verified(self, alice: Api) -> None:
        assert put(user={"email": "New@Example.org"}).status == 200
        assert entries(alice) == {
            "new@example.org": (True, "operator"),
            "alice@example.org": (False, "registration"),
        }
        assert put(fieldsToDelete={"email": "alice@example.org"}).status == 200
        assert entries(alice) == {"new@example.org": (True, "operator")}
        register("dorothy", email="alice@example.org")

    def test_setting_and_taking_away_together(self, alice: Api) -> None:
        with override_settings(MAX_EMAILS=1):
            answer = put(user={"email": "new@example.org"}, fieldsToDelete={"email": "alice@example.org"})
        assert answer.status == 200
        assert entries(alice) == {"new@example.org": (True, "operator")}

    @pytest.mark.django_db(transaction=True)
    def test_a_pending_address_is_verified(self, alice: Api) -> None:
        alice.put("account", {"emails": {"add": ["new@example.org"]}})
        link = secret_in(mails_to("new@example.org")[-1], "verifyToken")
        assert put(user={"email": "new@example.org"}).status == 200
        assert entries(alice)["new@example.org"] == (True, "operator")
        body = {"appId": "some-app", "token": link}
        assert alice.post("account/verify-email", body, Origin="http://localhost:3000").status == 401

    def test_addresses_of_others(self, alice: Api, carol: Api) -> None:
        answer = operator(
            "PUT", "/system/users", {"username": "carol", "user": {"email": "alice@example.org"}}
        )
        assert (answer.status, answer.error, answer.data) == (
            409, "item-already-exists", {"email": "alice@example.org"}
        )  # fmt: skip
        operator(
            "PUT", "/system/users", {"username": "carol", "fieldsToDelete": {"email": "alice@example.org"}}
        )
        assert EmailAddress.objects.get().account.username == "alice"

    def test_all_or_nothing(self, alice: Api, carol: Api) -> None:
        EmailAddress.objects.create(value="taken@example.org", account=Account.objects.get(username="carol"),
                                    created=0)  # fmt: skip
        answer = put(user={"language": "fr", "email": "taken@example.org"},
                     fieldsToDelete={"email": "alice@example.org"})  # fmt: skip
        assert answer.status == 409
        shown = alice.get("account")["account"]
        assert (shown["language"], shown["email"]) == ("en", "alice@example.org")

    @pytest.mark.parametrize(
        ("body", "status", "error"),
        [
            ({"username": "nobody-here"}, 404, "unknown-resource"),
            ({}, 400, "invalid-parameters-format"),
            ({"username": ""}, 400, "invalid-parameters-format"),
            ({"username": "alice", "user": {"language": "too-long"}}, 400, "invalid-parameters-format"),
            ({"username": "alice", "user": {"email": ""}}, 400, "invalid-parameters-format"),
            ({"username": "alice", "user": {"email": "x" * 301}}, 400, "invalid-parameters-format"),
            ({"username": "alice", "user": {"email": {}}}, 400, "invalid-parameters-format"),
            ({"username": "alice", "user": {"password": "x"}}, 400, "invalid-parameters-format"),
            ({"username": "alice", "user": []}, 400, "invalid-parameters-format"),
        ],
    )
    def test_malformed_calls(self, alice: Api, body: Any, status: int, error: str) -> None:
        answer = operator("PUT", "/system/users", body)
        assert (answer.status, answer.error) == (status, error)


class TestRelease:
    def test_addresses_go_and_data_stays(self, alice: Api) -> None:
        event = alice.event("diary")
        alice.put("account", {"emails": {"add": ["second@example.org"]}})
        ask()
        token = mailed_token()
        answer = release("?onlyReg=true")
        assert answer["result"] == {"dryRun": False, "deleted": True}
        assert entries(alice) == {}
        assert alice.get("account")["account"]["email"] is None
        assert alice.get(f"events/{event['id']}").status == 200
        assert reset(token).status == 401, "the link went to an address that is no longer hers"
        body = {"username": "alice", "password": PASSWORD, "appId": "some-app"}
        assert alice.post("auth/login", body, Origin="http://localhost:3000").status == 200
        register("dorothy", email="alice@example.org")
        assert release("?onlyReg=true")["result"]["deleted"], "may be repeated"

    def test_a_trial_changes_nothing(self, alice: Api) -> None:
        answer = release("?onlyReg=true&dryRun=true")
        assert answer["result"] == {"dryRun": True, "deleted": False}
        assert entries(alice) == {"alice@example.org": (True, "registration")}

    @pytest.mark.parametrize("query", ["", "?onlyReg=false", "?dryRun=true"])
    def test_it_must_be_meant(self, alice: Api, query: str) -> None:
        answer = release(query)
        assert (answer.status, answer.error) == (400, "invalid-operation")
        assert "onlyReg=true" in answer["error"]["message"]
        assert entries(alice)

    def test_unknown_accounts(self, alice: Api) -> None:
        assert release("?onlyReg=true", "nobody-here").error == "unknown-resource"
        assert release("?onlyReg=true&dryRun=true", "nobody-here").status == 404
        assert release("?onlyReg=maybe").error == "invalid-parameters-format"


class TestRename:
    @pytest.mark.parametrize(
        ("src", "dst"), [("old.example.org", "testserver"), ("testserver", "testserver"), ("a", "b")]
    )
    def test_nothing_is_left_to_rename(self, alice: Api, src: str, dst: str) -> None:
        answer = operator("GET", f"/reg/admin/servers/{src}/rename/{dst}")
        assert (answer.status, answer["count"]) == (200, 0)

    def test_this_server_is_renamed_by_its_setting(self, alice: Api) -> None:
        answer = operator("GET", "/reg/admin/servers/testserver/rename/new.example.org")
        assert (answer.status, answer.error) == (400, "invalid-operation")
        assert "PUBLIC_URL" in answer["error"]["message"]
        with override_settings(PUBLIC_URL="http://new.example.org:8000"):
            assert operator("GET", "/reg/admin/servers/testserver/rename/new.example.org:8000")["count"] == 0
            assert operator("GET", "/reg/admin/servers")["servers"] == {
                "http://new.example.org:8000/": {"userCount": 1}
            }
