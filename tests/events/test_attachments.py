"""Files of events (spec api-data §3.9; edge cases 155–166)."""

import base64
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.attachments import open_attachment
from pryvsite.kernel.changes import Change
from pryvsite.kernel.errors import Forbidden
from pryvsite.kernel.integrity import event_integrity
from pryvsite.kernel.ports import ports
from tests.cast import Answer, Api

EVENT = '{"streamIds":["diary"],"type":"picture/attached"}'


def file(name: str = "a.jpg", content: bytes = b"jpeg bytes", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=kind)


def attached(api: Api, *files: SimpleUploadedFile) -> dict[str, Any]:
    sent: dict[str, Any] = {f"file{number}": part for number, part in enumerate(files or (file(),))}
    made = api.form("events", {"event": EVENT, **sent})
    assert made.status == 201, made.body
    return made["event"]


def blobs() -> set[Path]:
    return {path for path in (Path(settings.VAR_DIR) / "media").rglob("*") if path.is_file()}


def bare(path: str, **headers: str) -> Answer:
    return Api("alice").get(path, **headers)


def test_edge_155_create_with_two_files(alice: Api, told: list[Change]) -> None:
    answer = alice.form("events", {"event": EVENT, "a": file(), "b": file("b.png", b"png!", "image/png")})
    assert answer.status == 201
    event = answer["event"]
    first, second = event["attachments"]
    assert (first["fileName"], first["type"], first["size"]) == ("a.jpg", "image/jpeg", 10)
    assert (second["fileName"], second["type"], second["size"]) == ("b.png", "image/png", 4)
    digest = base64.b64encode(hashlib.sha256(b"png!").digest()).decode()
    assert second["integrity"] == f"sha256-{digest}"
    assert first["readToken"].startswith(f"{answer.headers['Pryv-Access-Id']}-")
    assert event["integrity"] == event_integrity(event)
    assert told == [Change.EVENTS]


def test_edge_156_part_names(alice: Api) -> None:
    answer = alice.form("events", {"ev.en$t": EVENT, "fi.l$e": file()})
    assert len(answer["event"]["attachments"]) == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"event": "not json"}, "invalid-request-structure"),
        ({"event": EVENT, "other": EVENT}, "invalid-request-structure"),
        ({"event": '"x"'}, "invalid-request-structure"),
        ({"event": EVENT.replace("picture", "\\u0000")}, "invalid-request-structure"),
        ({}, "invalid-parameters-format"),
        ({"event": "[]"}, "invalid-parameters-format"),
        ({"event": EVENT[:-1] + ',"files":[]}'}, "invalid-parameters-format"),
        ({"event": EVENT[:-1] + ',"attachments":[]}'}, "invalid-parameters-format"),
        ({"event": EVENT.replace("diary", "nope")}, "unknown-referenced-resource"),
    ],
    ids=["157-text", "157-two", "scalar", "nul", "none", "array", "files", "attachments", "unknown-stream"],
)
def test_edge_157_failed_uploads_leave_nothing(alice: Api, fields: dict[str, str], error: str) -> None:
    before = blobs()
    answer = alice.form("events", {**fields, "file": file()})
    assert (answer.status, answer.error) == (400, error)
    assert blobs() == before


def test_broken_multipart(alice: Api) -> None:
    headers = {"Authorization": alice.token}
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        response = alice.http.generic("POST", "/alice/events", b"--y\r\n", content_type=kind, headers=headers)
        assert response.status_code == 400


def test_edge_158_adding_files(alice: Api) -> None:
    event = attached(alice)
    answer = alice.form(f"events/{event['id']}", {"ignored": "x", "file": file()})
    assert answer.status == 200
    first, second = answer["event"]["attachments"]
    assert first["fileName"] == second["fileName"] == "a.jpg"
    assert first["id"] != second["id"]
    assert answer["event"]["integrity"] == event_integrity(answer["event"])
    plain = alice.event("diary")
    assert len(alice.form(f"events/{plain['id']}", {"file": file()})["event"]["attachments"]) == 1


def test_adding_files_needs_the_right_and_the_event(alice: Api) -> None:
    event, before = attached(alice), blobs()
    assert alice.guest("read").form(f"events/{event['id']}", {"file": file()}).error == "forbidden"
    assert alice.form("events/cm3a9k2w0000008l4h2x1q9z", {"file": file()}).error == "unknown-resource"
    assert Api("alice").form(f"events/{event['id']}", {"file": file()}).status == 401
    assert blobs() == before
    assert alice.post(f"events/{event['id']}", {"ignored": 1}).status == 200, "without files an empty update"


def test_edge_159_download(alice: Api) -> None:
    event = attached(alice)
    (part,) = event["attachments"]
    answer = alice.get(f"events/{event['id']}/{part['id']}")
    assert (answer.status, answer.body) == (200, b"jpeg bytes")
    digest = base64.b64encode(hashlib.sha256(b"jpeg bytes").digest()).decode()
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Length"] == "10"
    assert answer.headers["Digest"] == f"SHA-256={digest}"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a.jpg"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    head = alice.call("HEAD", f"events/{event['id']}/{part['id']}")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", "10")


@pytest.mark.parametrize("name", ["été à la mer.jpg", "日本.jpg", "a'b\"c;d,e%.jpg"])
def test_edge_160_file_names(alice: Api, name: str) -> None:
    boundary = b"xyz"
    parts = [
        b'--xyz\r\nContent-Disposition: form-data; name="e"\r\n\r\n' + EVENT.encode(),
        b'--xyz\r\nContent-Disposition: form-data; name="f"; filename="'
        + name.replace('"', '\\"').encode()
        + b'"\r\nContent-Type: image/jpeg\r\n\r\nbytes',
        b"--xyz--\r\n",
    ]
    response = alice.http.generic(
        "POST",
        "/alice/events",
        b"\r\n".join(parts),
        content_type=f"multipart/form-data; boundary={boundary.decode()}",
        headers={"Authorization": alice.token},
    )
    event = response.json()["event"]
    (part,) = event["attachments"]
    assert part["fileName"] == name
    header = alice.get(f"events/{event['id']}/{part['id']}").headers["Content-Disposition"]
    assert header == f"attachment; filename*=UTF-8''{quote(name, safe='')}"


@pytest.mark.parametrize("hint", ["a.jpg", "any name.jpg", "with/slash.jpg", "été"])
def test_edge_161_file_name_in_the_path(alice: Api, hint: str) -> None:
    event = attached(alice)
    path = f"events/{event['id']}/{event['attachments'][0]['id']}/{quote(hint)}"
    assert alice.get(path).body == b"jpeg bytes"


def test_edge_162_read_tokens(alice: Api) -> None:
    event = attached(alice)
    (part,) = event["attachments"]
    path = f"events/{event['id']}/{part['id']}"
    assert bare(f"{path}?readToken={part['readToken']}").body == b"jpeg bytes"
    for wrong in (part["readToken"][:-1], f"{part['readToken']}x", "nobody-abc", "x", "", "é"):
        answer = bare(f"{path}?readToken={quote(wrong)}")
        assert (answer.status, answer.error) == (401, "invalid-access-token"), wrong
    other = attached(alice)["attachments"][0]
    assert bare(f"{path}?readToken={other['readToken']}").status == 401, "bound to one file"


def test_read_tokens_belong_to_the_access(alice: Api) -> None:
    event = attached(alice)
    guest = alice.guest("read")
    listed = guest.get("events")["events"][0]["attachments"][0]
    path = f"events/{event['id']}/{listed['id']}"
    assert listed["readToken"] != event["attachments"][0]["readToken"]
    assert bare(f"{path}?readToken={listed['readToken']}").status == 200
    access_id = guest.get(path).headers["Pryv-Access-Id"]
    assert alice.delete(f"accesses/{access_id}").status == 200
    answer = bare(f"{path}?readToken={listed['readToken']}")
    assert (answer.status, answer.error) == (401, "invalid-access-token"), "it dies with the access"


def test_edge_163_token_in_the_query(alice: Api) -> None:
    event = attached(alice)
    path = f"events/{event['id']}/{event['attachments'][0]['id']}"
    for query in (f"?auth={alice.token}", ""):
        answer = bare(path + query)
        assert (answer.status, answer.error) == (401, "invalid-access-token")


def test_edge_164_unknown_files_and_deleted_events(alice: Api) -> None:
    event = attached(alice)
    file_id = event["attachments"][0]["id"]
    assert alice.get(f"events/{event['id']}/nofile").error == "unknown-resource"
    assert alice.get(f"events/cm3a9k2w0000008l4h2x1q9z/{file_id}").status == 404
    for _ in range(2):
        alice.delete(f"events/{event['id']}")
    assert alice.get(f"events/{event['id']}/{file_id}").status == 404


@pytest.mark.parametrize(
    ("level", "status"),
    [("none", 403), ("create-only", 403), ("read", 200), ("contribute", 200), ("manage", 200)],
)
def test_edge_165_who_may_download(alice: Api, level: str, status: int) -> None:
    event = attached(alice)
    assert alice.guest(level).get(f"events/{event['id']}/{event['attachments'][0]['id']}").status == status


@pytest.mark.django_db(transaction=True)
def test_edge_166_142_removing_files(alice: Api) -> None:
    before = blobs()
    event = attached(alice, file(), file("b.jpg"))
    first, second = event["attachments"]
    assert len(blobs() - before) == 2
    answer = alice.delete(f"events/{event['id']}/{first['id']}")
    assert answer.status == 200
    assert [part["id"] for part in answer["event"]["attachments"]] == [second["id"]]
    assert answer["event"]["integrity"] == event_integrity(answer["event"])
    assert len(blobs() - before) == 1
    assert alice.delete(f"events/{event['id']}/{first['id']}").error == "unknown-resource"
    alice.delete(f"events/{event['id']}")
    assert len(blobs() - before) == 1, "the trash keeps files"
    alice.delete(f"events/{event['id']}")
    assert blobs() == before


def test_removing_the_last_file_and_who_may(alice: Api) -> None:
    event = attached(alice)
    path = f"events/{event['id']}/{event['attachments'][0]['id']}"
    assert alice.guest("read").delete(path).error == "forbidden"
    assert alice.guest("create-only").delete(path).error == "forbidden"
    assert "attachments" not in alice.guest("contribute").delete(path)["event"]


@pytest.mark.parametrize(
    ("asked", "status", "body", "header"),
    [
        ("bytes=0-3", 206, b"jpeg", "bytes 0-3/10"),
        ("bytes=5-", 206, b"bytes", "bytes 5-9/10"),
        ("bytes=-5", 206, b"bytes", "bytes 5-9/10"),
        ("bytes=-50", 206, b"jpeg bytes", "bytes 0-9/10"),
        ("bytes=8-99", 206, b"es", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=3-1", 200, b"jpeg bytes", None),
        ("bytes=0-1,3-4", 200, b"jpeg bytes", None),
        ("lines=1-2", 200, b"jpeg bytes", None),
    ],
)
def test_ranges(alice: Api, asked: str, status: int, body: bytes, header: str | None) -> None:
    event = attached(alice)
    answer = alice.get(f"events/{event['id']}/{event['attachments'][0]['id']}", Range=asked)
    assert (answer.status, answer.body) == (status, body)
    assert answer.headers.get("Content-Range") == header


def test_uploaded_pages_do_not_run_here(alice: Api) -> None:
    event = attached(alice, file("x.html", b"<script>alert(1)</script>", "text/html"))
    headers = alice.get(f"events/{event['id']}/{event['attachments'][0]['id']}").headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_too_large_uploads(alice: Api, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 5
    before = blobs()
    assert alice.form("events", {"event": EVENT, "file": file()}).error == "invalid-request-structure"
    assert blobs() == before


def test_open_attachment_checks_the_right(alice: Api) -> None:
    event = attached(alice)
    part = event["attachments"][0]
    account_id, username = ports.authenticator.account("alice") or (0, "")
    owner = ports.authenticator.actor(account_id, username, str(alice.token), "")
    handle, meta = open_attachment(owner, event["id"], part["id"])
    with handle:
        assert handle.read() == b"jpeg bytes"
    assert meta["fileName"] == "a.jpg"
    guest = ports.authenticator.actor(account_id, username, str(alice.guest("none").token), "")
    with pytest.raises(Forbidden):
        open_attachment(guest, event["id"], part["id"])


def test_listing_files_costs_a_fixed_number_of_statements(alice: Api) -> None:
    for _ in range(4):
        attached(alice)
    alice.get("events")
    with CaptureQueriesContext(connection) as seen:
        listed = alice.events()
    assert all("readToken" in event["attachments"][0] for event in listed)
    assert len(seen) <= 2 + 5
