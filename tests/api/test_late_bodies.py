"""Bodies that are held back while their token, its rights or the account end (issue: revoking, races)."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts import deletion
from accounts.models import Account
from pryvsite.api import http
from tests.accounts.test_deletion import files, traces
from tests.cast import Answer, Api, answer_of
from tests.events.test_series import flat, series

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = {"streamIds": ["diary"], "type": "note/txt", "content": "late"}
READ = {"streamId": "diary", "level": "read"}


@pytest.fixture(autouse=True)
def _all_bodies_are_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LATE", -1)


class HeldBack(BytesIO):
    """A body before which something else happens."""

    def __init__(self, body: bytes, before: Callable[[], Any]) -> None:
        super().__init__(body)
        self.before: Callable[[], Any] | None = before

    def read(self, size: int | None = -1, /) -> bytes:
        before, self.before = self.before, None
        if before is not None:
            before()
        return super().read(size)


def send(
    api: Api, verb: str, path: str, body: Any, before: Callable[[], Any], kind: str = "application/json"
) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    late = {"wsgi.input": HeldBack(data, before)}
    headers = {"Authorization": str(api.token)}
    url = f"/{api.username}/{path}"
    return answer_of(api.http.generic(verb, url, data, content_type=kind, headers=headers, **late))


def upload(**parts: Any) -> bytes:
    return encode_multipart(BOUNDARY, parts)


def to_delete(alice: Api, guest: Api) -> Callable[[], Any]:
    access_id = guest.get("access-info")["id"]
    return lambda: alice.delete(f"accesses/{access_id}")


def test_what_is_written_after_the_end_of_the_token(alice: Api) -> None:
    guest, event_id = alice.guest("manage"), alice.event("diary")["id"]
    points, end = series(alice), to_delete(alice, guest)
    account_id = Account.objects.get(username="alice").id
    kept = files(account_id)  # of other tests
    assert send(guest, "POST", "events", NOTE, end).error == "invalid-access-token"
    for verb, path, body, kind in [
        ("PUT", f"events/{event_id}", {"content": "late"}, "application/json"),
        ("POST", f"events/{points}/series", flat([[0, 1]]), "application/json"),
        ("POST", "", [{"method": "events.create", "params": NOTE}], "application/json"),
        ("POST", "events", upload(event=json.dumps(NOTE), file=BytesIO(b"late")), MULTIPART_CONTENT),
        ("POST", f"events/{event_id}", upload(file=BytesIO(b"late")), MULTIPART_CONTENT),
    ]:
        guest = alice.guest("manage")
        answer = send(guest, verb, path, body, to_delete(alice, guest), kind)
        assert (answer.status, answer.error) == (403, "invalid-access-token"), path
    assert "late" not in str(alice.events())
    assert files(account_id) == kept
    assert alice.get(f"events/{points}/series")["points"] == []


def test_what_is_written_after_rights_were_lowered(alice: Api) -> None:
    guest = alice.guest("manage")
    access_id = guest.get("access-info")["id"]
    answer = send(
        guest, "POST", "events", NOTE, lambda: alice.put(f"accesses/{access_id}", {"permissions": [READ]})
    )
    assert answer.status == 403
    assert "late" not in str(alice.events())


def test_who_writes_stays_the_same(alice: Api) -> None:
    guest = alice.guest("manage")
    access_id, guest.token = guest.get("access-info")["id"], f"{guest.token} georges"
    answer = send(guest, "POST", "events", NOTE, lambda: None)
    assert (answer.status, answer["event"]["createdBy"]) == (201, f"{access_id} georges")


CALLS: list[tuple[str, str, Any]] = [
    ("POST", "events", NOTE),
    ("POST", "streams", {"name": "late"}),
    ("POST", "accesses", {"name": "late", "permissions": [READ]}),
    ("PUT", "profile/private", {"late": 1}),
    ("PUT", "account", {"language": "de"}),
    ("POST", "account/change-username", {"newUsername": "alicia"}),
    ("POST", "account/change-password", {"oldPassword": "correct-horse", "newPassword": "battery-staple"}),
    ("POST", "mfa/activate", {"method": "totp"}),
    ("POST", "auth/logout", {}),
]


@pytest.mark.parametrize("late", [False, True], ids=["known before", "known after"])
@pytest.mark.parametrize(("verb", "path", "body"), CALLS, ids=[path for _, path, _ in CALLS])
def test_c47_an_account_that_is_deleted_meanwhile(
    alice: Api, monkeypatch: pytest.MonkeyPatch, verb: str, path: str, body: Any, late: bool
) -> None:
    """Whether its end is seen before the call runs or only by what it meets: nothing is left, no 500."""
    if not late:
        monkeypatch.setattr(http, "LATE", 1e9)
    account_id = Account.objects.get(username="alice").id
    answer = send(alice, verb, path, body, lambda: deletion.delete_account(account_id))
    assert answer.status in ((403,) if late else (200, 400, 404)), answer.body
    assert answer.status != 200 or path == "auth/logout"
    assert not traces(account_id)
    assert not Account.objects.filter(username__startswith="ali").exists()


def test_c47_calls_of_a_batch(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LATE", 1e9)
    account_id = Account.objects.get(username="alice").id
    batch = [{"method": "streams.create", "params": {"name": f"late {n}"}} for n in range(2)]
    answer = send(alice, "POST", "", batch, lambda: deletion.delete_account(account_id))
    assert [one["error"]["id"] for one in answer["results"]] == ["unknown-resource"] * 2
    assert not connection.in_atomic_block


@pytest.mark.parametrize("kind", ["application/json", MULTIPART_CONTENT])
def test_nobody_waits_twice_for_who_fell_silent(alice: Api, kind: str) -> None:
    waits: list[int] = []

    class Silent(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            waits.append(1)
            raise BlockingIOError

    headers, late = {"Authorization": str(alice.token)}, {"wsgi.input": Silent()}
    url = "/alice/events"
    answer = answer_of(alice.http.generic("POST", url, b"{}", content_type=kind, headers=headers, **late))
    assert (answer.status, answer.error, len(waits)) == (400, "invalid-request-structure", 1)
