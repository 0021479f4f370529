"""account.get and account.update: language and addresses (access D61, D62, D68–D72)."""

from typing import Any

import pytest
from django.test import override_settings

from accounts.models import EmailAddress
from pryvsite.kernel import clock
from tests.accounts.mails import mails_to, secret_in
from tests.cast import PASSWORD, Answer, Api, register

APP = {"appId": "test-app"}
ORIGIN = {"Origin": "http://localhost:3000"}


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Any) -> Any:
    """Runs what waits for a commit, which never comes in tests."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def change(api: Api, **emails: Any) -> Answer:
    return api.put("account", {"emails": emails})


def shown(api: Api) -> dict[str, dict[str, Any]]:
    return {entry["value"]: entry for entry in api.get("account")["account"]["emails"]}


def verify(token: str, username: str = "alice") -> Answer:
    return Api(username).post("account/verify-email", {**APP, "token": token}, **ORIGIN)


def test_d68_account_as_registered(alice: Api) -> None:
    account = alice.get("account")["account"]
    assert account == {
        "username": "alice",
        "email": "alice@example.org",
        "language": "en",
        "storageUsed": {"dbDocuments": 0, "attachedFiles": 0},
        "emails": [
            {
                "value": "alice@example.org",
                "primary": True,
                "status": "verified",
                "verifiedAt": None,
                "verificationMethod": "registration",
            }
        ],
    }


def test_an_account_without_address(carol: Api) -> None:
    account = carol.get("account")["account"]
    assert (account["email"], account["emails"]) == (None, [])


def test_language(alice: Api) -> None:
    assert alice.put("account", {"language": "fr"})["account"]["language"] == "fr"
    assert alice.get("account")["account"]["language"] == "fr"


@pytest.mark.parametrize("body", [{"username": "other"}, {"storageUsed": {}}, {"emails": {"drop": []}}])
def test_d61_what_cannot_be_set(alice: Api, body: dict[str, Any]) -> None:
    answer = alice.put("account", body)
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")
    assert answer.data[0]["code"] == "OBJECT_ADDITIONAL_PROPERTIES"


@pytest.mark.parametrize("body", [{"language": ""}, {"language": "abcdef"}, {"email": 3}, {"email": ""}])
def test_bad_values(alice: Api, body: dict[str, Any]) -> None:
    assert alice.put("account", body).error == "invalid-parameters-format"


def test_d61_address_of_another(alice: Api, carol: Api) -> None:
    answer = carol.put("account", {"email": "Alice@example.org"})
    assert (answer.status, answer.data) == (409, {"email": "alice@example.org"})
    assert change(carol, add=["alice@example.org"]).status == 409
    assert carol.get("account")["account"]["emails"] == []


@pytest.mark.parametrize("kind", ["app", "shared"])
@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("GET", "account", None),
        ("PUT", "account", {"language": "fr"}),
        ("POST", "account/change-password", {"oldPassword": PASSWORD, "newPassword": "another-one"}),
        ("POST", "account/change-username", {"newUsername": "alice-2"}),
        ("GET", "account/username-changes", None),
    ],
)
def test_d62_owner_only(alice: Api, kind: str, verb: str, path: str, body: Any) -> None:
    permission = {"streamId": "*", "level": "manage"}
    answer = alice.share(permission, type=kind).call(verb, path, body)
    assert (answer.status, answer.error) == (403, "forbidden")


def test_legacy_email_becomes_primary_at_once(alice: Api) -> None:
    account = alice.put("account", {"email": "New@example.org"})["account"]
    assert account["email"] == "new@example.org"
    assert [(e["value"], e["verificationMethod"]) for e in account["emails"]] == [
        ("new@example.org", "legacy"),
        ("alice@example.org", "registration"),
    ]
    assert Api("alice").call("GET", "/reg/new@example.org/uid")["uid"] == "alice"


def test_d69_pending_address(alice: Api, commits: Any) -> None:
    with commits():
        entry = change(alice, add=["second@example.org"])["account"]["emails"][1]
    assert (entry["status"], entry["primary"], entry["verificationMethod"]) == ("pending", False, None)
    assert change(alice, setPrimary="second@example.org").error == "invalid-operation"
    assert Api("alice").call("GET", "/reg/second@example.org/uid").status == 404
    assert Api("alice").call("GET", "/reg/second@example.org/check_email").status == 409

    token = secret_in(mails_to("second@example.org")[-1], "verifyToken")
    answer = verify(token)
    assert (answer.status, answer["email"]) == (200, "second@example.org")
    assert verify(token).status == 401

    account = change(alice, setPrimary="second@example.org")["account"]
    assert account["email"] == "second@example.org"
    entries = shown(alice)
    assert entries["second@example.org"]["verificationMethod"] == "email-link"
    assert entries["second@example.org"]["verifiedAt"] == pytest.approx(clock.now(), abs=10)
    assert entries["alice@example.org"]["status"] == "verified"


def test_first_address_becomes_primary_when_verified(carol: Api, commits: Any) -> None:
    with commits():
        change(carol, add=["carol@example.org"])
    verify(secret_in(mails_to("carol@example.org")[-1], "verifyToken"), "carol")
    assert carol.get("account")["account"]["email"] == "carol@example.org"


def test_d70_remove(alice: Api, carol: Api) -> None:
    change(alice, add=["second@example.org"])
    assert change(alice, remove=["alice@example.org"]).error == "invalid-operation"
    assert change(alice, remove=["unknown@example.org"]).error == "invalid-operation"
    assert change(carol, add=["second@example.org"]).status == 409
    assert change(alice, remove=["second@example.org"]).status == 200
    assert change(carol, add=["second@example.org"]).status == 200


def test_d71_link_of_a_removed_address(alice: Api, commits: Any) -> None:
    with commits():
        change(alice, add=["second@example.org"])
    with commits():
        change(alice, remove=["second@example.org"])
        change(alice, add=["second@example.org"])
    older, newer = (secret_in(text, "verifyToken") for text in mails_to("second@example.org"))
    assert (verify(older).status, verify(older).error) == (401, "invalid-access-token")
    assert verify(newer).status == 200


def test_d72_resend(alice: Api, commits: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with commits():
        change(alice, add=["second@example.org"])
    answer = change(alice, resend=["second@example.org"])
    assert (answer.status, answer.error) == (400, "invalid-operation")
    assert answer.data["email"] == "second@example.org"
    assert 0 < answer.data["retryAfterSeconds"] <= 300
    EmailAddress.objects.update(mailed=clock.now() - 301)
    with commits():
        assert change(alice, resend=["second@example.org"]).status == 200
    older, newer = (secret_in(text, "verifyToken") for text in mails_to("second@example.org"))
    assert verify(older).status == 401
    assert verify(newer).status == 200
    assert change(alice, resend=["second@example.org"]).error == "invalid-operation"


def test_rules_of_addresses(alice: Api) -> None:
    assert change(alice, add=["alice@example.org"]).error == "invalid-operation"
    assert change(alice, setPrimary="unknown@example.org").error == "invalid-operation"
    assert change(alice, resend=["unknown@example.org"]).error == "invalid-operation"
    assert change(alice, add=["x" * 301]).error == "invalid-parameters-format"
    assert change(alice, add=["a@x.org"] * 21).error == "invalid-parameters-format"
    with override_settings(MAX_EMAILS=2):
        answer = change(alice, add=["b@x.org", "c@x.org"])
        assert answer.error == "invalid-operation"
        assert len(shown(alice)) == 1, "all or nothing"


def test_expired_and_foreign_links(alice: Api, carol: Api, commits: Any) -> None:
    with override_settings(EMAIL_VERIFICATION_MAX_AGE=-1), commits():
        change(alice, add=["late@example.org"])
    assert verify(secret_in(mails_to("late@example.org")[-1], "verifyToken")).status == 401
    with commits():
        change(alice, add=["second@example.org"])
    token = secret_in(mails_to("second@example.org")[-1], "verifyToken")
    assert verify(token, "carol").status == 401
    assert verify("nonsense").status == 401
    untrusted = Api("alice").post("account/verify-email", {**APP, "token": token}, Origin="https://evil.io")
    assert untrusted.error == "invalid-credentials"
    assert verify(token).status == 200


def test_mails_off(alice: Api, commits: Any) -> None:
    with override_settings(MAIL_EMAIL_VERIFICATION=False), commits():
        assert change(alice, add=["second@example.org"]).status == 200
    assert mails_to("second@example.org") == []


def test_fields_as_events_follow(alice: Api) -> None:
    alice.put("account", {"email": "new@example.org", "language": "de"})
    events = {event["id"]: event["content"] for event in alice.get("events")["events"]}
    assert events[":system:email"] == "new@example.org"
    assert events[":_system:language"] == "de"


def test_addresses_are_free_again(db: None) -> None:
    register("first-one", email="same@example.org")
    taken = Api("x").call("POST", "/users", {"appId": "test-app", "username": "second-one", "password": PASSWORD, "email": "SAME@example.org"})  # fmt: skip  # noqa: E501
    assert (taken.status, taken.data) == (409, {"email": "same@example.org"})


def test_d73_the_stream_of_addresses_is_reserved(alice: Api) -> None:
    """Nobody changes addresses through events and streams, the owner neither."""
    event = alice.event("diary")["id"]
    note = {"type": "note/txt", "content": "x"}
    answers = [
        alice.post("events", {**note, "streamIds": [":_emails:"]}),
        alice.post("events", {**note, "streamIds": ["diary", ":_emails:"]}),
        alice.put(f"events/{event}", {"streamIds": [":_emails:"]}),
        alice.put(f"events/{event}", {"streamIds": ["diary", ":_emails:x"]}),
        alice.put("events/:_emails:x", {"content": "x"}),
        alice.delete("events/:_emails:x"),
        alice.post("streams", {"id": ":_emails:x", "name": "x"}),
        alice.post("streams", {"name": "x", "parentId": ":_emails:"}),
        alice.put("streams/diary", {"parentId": ":_emails:"}),
        alice.put("streams/:_emails:", {"name": "x"}),
        alice.delete("streams/:_emails:"),
    ]
    told = [(answer.status, answer.error, answer.data) for answer in answers]
    assert told == [(400, "invalid-operation", {"id": "emails-reserved-stream"})] * len(answers)
    assert alice.get(f"events/{event}")["event"]["streamIds"] == ["diary"]


def test_d73_a_wide_listing_holds_no_addresses(alice: Api) -> None:
    change(alice, add=["second@example.org"])
    guest = alice.share({"streamId": "*", "level": "read"})
    for api in (alice, guest):
        listed = api.get("events?state=all&limit=1000")["events"]
        assert not [event for event in listed if any(":_emails" in sid for sid in event["streamIds"])]
        assert "second@example.org" not in str(listed)
    named = guest.get("events?streams=:_emails:")
    assert "events" not in named.body and "second@example.org" not in str(named.body)
