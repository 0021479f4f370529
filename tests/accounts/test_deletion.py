"""Deleting an account with all that it held (access C47, C48)."""

from base64 import b64encode
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts import deletion
from accounts.models import Account
from pryvsite.kernel.clock import now
from tests.accounts.test_operator import KEY
from tests.cast import PASSWORD, Answer, Api, register
from tests.events.test_previews import encoded, picture, preview
from tests.events.test_series import series, write

BOTH = ["adminToken", "personalToken"]


@pytest.fixture(autouse=True)
def operator_key() -> Any:
    with override_settings(ADMIN_ACCESS_KEY=KEY):
        yield


def delete(username: str = "alice", key: str | None = KEY) -> Answer:
    return Api("x", key).call("DELETE", f"/users/{username}")


def fill(api: Api) -> None:
    """Something of everything."""
    api.stream("heart")
    event = api.event("heart")
    api.put(f"events/{event['id']}", {"content": "changed"})
    api.delete(f"events/{api.event('heart')['id']}")
    api.delete(f"events/{api.event('diary')['id']}")
    preview(api, picture(api, encoded((60, 40)))["id"])
    write(api, series(api), [[0, 1], [1, 2]])
    app = api.share({"streamId": "*", "level": "manage"}, type="app", name="some-app", randomAlias=True)
    app.put("profile/app", {"a": 1})
    api.put("profile/private", {"b": 2})
    api.put("account", {"emails": {"add": ["second@example.org"]}})
    api.post("mfa/activate")
    Api(api.username).post(
        "account/request-password-reset", {"appId": "some-app"}, Origin="http://localhost:3000"
    )


def traces(account_id: int) -> dict[str, int]:
    """How many rows of each kind an account has."""
    found = {
        model.__name__: model._default_manager.filter(**{field: account_id}).count()
        for model, field in deletion._belongings()
    }
    return {name: count for name, count in found.items() if count}


def files(account_id: int) -> list[Path]:
    roots = [Path(settings.VAR_DIR) / "media", Path(settings.PREVIEWS_DIR)]
    folders = [root / str(account_id) for root in roots]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_c47_everything_goes(alice: Api, carol: Api) -> None:
    fill(alice)
    carol.event("diary")
    account_id = Account.objects.get(username="alice").id
    held = traces(account_id)
    expected = {"Event", "EventStream", "Stream", "Attachment", "SeriesChunk", "Access", "ProfileSet"}
    assert expected | {"EmailAddress", "Username", "Ticket", "SecondStep"} <= held.keys()
    assert files(account_id)
    before = traces(Account.objects.get(username="carol").id)

    answer = delete()
    assert (answer.status, answer["userDeletion"]) == (200, {"username": "alice"})
    assert traces(account_id) == {}
    assert not Account.objects.filter(id=account_id).exists()
    assert files(account_id) == []
    assert traces(Account.objects.get(username="carol").id) == before
    assert carol.get("access-info").status == 200

    assert alice.get("access-info").status == 404
    again = register("alice", email="alice@example.org")
    assert again.events() == []
    assert alice.get("access-info").status == 403, "old tokens are unknown"
    body = {"username": "alice", "password": PASSWORD, "appId": "some-app"}
    assert again.post("auth/login", body, Origin="http://localhost:3000").status == 200


def test_aliases_and_former_names_go(alice: Api) -> None:
    body = {"name": "x", "permissions": [{"streamId": "diary", "level": "read"}], "randomAlias": True}
    made = alice.post("accesses", body)["access"]
    alice.post("account/change-username", {"newUsername": "alice-new"})
    aliased = Api(made["alias"], made["token"])
    assert aliased.get("access-info").status == 200
    assert delete("alice").status == 200, "a former name means the same account"
    for name in ("alice", "alice-new", made["alias"]):
        assert Api(name, made["token"]).get("access-info").status == 404


def test_browsers_are_signed_out(alice: Api) -> None:
    browser = Client(headers={"Accept": "text/html"})
    browser.post("/signin", {"login": "alice", "password": PASSWORD})
    assert browser.get("/u/alice/").status_code == 200
    delete()
    assert browser.get("/u/alice/").status_code != 200


def test_an_interrupted_deletion_is_finished(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(alice)
    account_id = Account.objects.get(username="alice").id
    with monkeypatch.context() as broken:
        broken.setattr(deletion, "erase", lambda _: None)  # the server dies after the first transaction
        assert delete().status == 200
    assert traces(account_id).keys() >= {"Event", "Attachment"}
    assert files(account_id)
    assert alice.get("access-info").status == 404
    assert delete().status == 404
    register("alice", email="alice@example.org")
    assert deletion.finish_all() == 1
    assert (traces(account_id), files(account_id)) == ({}, [])
    assert deletion.finish_all() == 0


def test_much_goes_by_batches(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the size of a batch, more than one included, all goes and nothing of others."""
    monkeypatch.setattr(deletion, "BATCH", 2)
    carol = register("carol")
    for one in (alice, carol):
        for number in range(5):
            one.event("diary", content=f"note {number}")
    account_id = Account.objects.get(username="alice").id
    before = traces(Account.objects.get(username="carol").id)
    with CaptureQueriesContext(connection) as done:
        assert delete().status == 200
    batches = [query["sql"] for query in done if query["sql"].startswith('DELETE FROM "events_event" ')]
    assert len(batches) >= 3, "five events, two at a time"
    assert traces(account_id) == {}
    assert traces(Account.objects.get(username="carol").id) == before


def test_the_command_finishes_what_was_interrupted(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(alice)
    account_id = Account.objects.get(username="alice").id
    with monkeypatch.context() as broken:
        broken.setattr(deletion, "_erase_rows", stop_at_events(deletion._erase_rows))
        with pytest.raises(KeyboardInterrupt):
            delete()
    assert traces(account_id)
    assert deletion.finish_abandoned() == 0, "whoever is at it is left alone"
    told = StringIO()
    call_command("finish_deletions", stdout=told)
    assert told.getvalue() == "1 interrupted deletions are finished.\n"
    assert (traces(account_id), files(account_id)) == ({}, [])
    assert not Account.objects.filter(id=account_id).exists()


def test_a_chore_finishes_what_was_abandoned(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(deletion, "erase", lambda _: None)
        delete()
    Account.objects.exclude(deleted=None).update(deleted=now() - 2 * deletion.HOUR)
    assert deletion.finish_abandoned() == 1
    assert not Account.objects.exists()


def stop_at_events(erase_rows: Any) -> Any:
    """Erases until it gets to events, and then dies as a process does."""

    def stopping(model: Any, field: str, account_id: int) -> None:
        if model.__name__ == "Event":
            raise KeyboardInterrupt
        erase_rows(model, field, account_id)

    return stopping


@pytest.mark.parametrize(
    ("allowed", "who", "status"),
    [
        (["adminToken"], "operator", 200),
        (["adminToken"], "owner", 404),
        (["adminToken"], "nobody", 404),
        (["adminToken"], "wrong", 404),
        (["personalToken"], "operator", 403),
        (["personalToken"], "owner", 200),
        (["personalToken"], "app", 403),
        (["personalToken"], "other", 403),
        (["personalToken"], "nobody", 403),
        (["personalToken"], "wrong", 403),
        (BOTH, "operator", 200),
        (BOTH, "owner", 200),
        (BOTH, "wrong", 403),
        ([], "operator", 404),
        ([], "owner", 404),
    ],
)
def test_c48_who_may_delete(alice: Api, carol: Api, allowed: list[str], who: str, status: int) -> None:
    keys = {
        "operator": KEY,
        "owner": alice.token,
        "app": alice.share({"streamId": "*", "level": "manage"}, type="app").token,
        "other": carol.token,
        "nobody": None,
        "wrong": "wrong-key",
    }
    with override_settings(ACCOUNT_DELETION=allowed):
        answer = delete(key=keys[who])
    assert answer.status == status
    assert Account.objects.filter(username="alice").exists() == (status != 200)
    if status != 200:
        assert answer.error == {403: "invalid-access-token", 404: "unknown-resource"}[status]


@pytest.mark.parametrize("scheme", ["Bearer", "Basic"])
def test_c48_the_owners_token_in_every_form(alice: Api, scheme: str) -> None:
    sent = str(alice.token) if scheme == "Bearer" else b64encode(f"{alice.token}:".encode()).decode()
    with override_settings(ACCOUNT_DELETION=BOTH):
        assert delete(key=f"{scheme} {sent}").status == 200
        assert delete(key=f"{scheme} {KEY}").status == 404


@pytest.mark.parametrize("allowed", [["adminToken"], ["personalToken"], BOTH])
def test_c48_unknown_account(db: None, allowed: list[str]) -> None:
    with override_settings(ACCOUNT_DELETION=allowed):
        answer = delete("nobody-here")
    assert (answer.status, answer.error) == (404, "unknown-resource")
