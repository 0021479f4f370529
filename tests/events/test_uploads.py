"""Files on their way to the disk: nothing is lost, nothing stays behind (spec api-data §3.9)."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError

from accounts.models import Account
from events import api, attachments, blobs, uploads
from events.models import Attachment
from tests.cast import Answer, Api, answer_of

EVENT = b'{"streamIds":["diary"],"type":"picture/attached"}'
MEDIA = Path(settings.VAR_DIR) / "media"


def on_disk() -> set[str]:
    return {path.relative_to(MEDIA).as_posix() for path in MEDIA.rglob("*") if path.is_file()}


def part(name: str, content: bytes, *, filename: bytes | None = None, kind: bytes = b"") -> bytes:
    file = b"" if filename is None else b'; filename="' + filename + b'"'
    head = b'--xyz\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + file
    return head + (b"\r\nContent-Type: " + kind if kind else b"") + b"\r\n\r\n" + content + b"\r\n"


def send(
    api: Api, body: bytes, path: str = "events", kind: str = "multipart/form-data; boundary=xyz"
) -> Answer:
    headers = {"Authorization": api.token} if api.token else {}
    return answer_of(
        api.http.generic("POST", f"/{api.username}/{path}", body, content_type=kind, headers=headers)
    )


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("été.jpg", "été.jpg"),
        ("日本.jpg", "日本.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\a.jpg", "a.jpg"),
        ("a&amp;b.jpg", "a&amp;b.jpg"),
        ("..", ".."),
        ("folder/", "file"),
        ("", "file"),
        ("a" * 1000 + ".jpg", "a" * 1000 + ".jpg"),
        ("tab\tname", "tabname"),
    ],
)
def test_names_of_files(alice: Api, sent: str, name: str) -> None:
    answer = send(alice, part("e", EVENT) + part("f", b"x", filename=sent.encode()) + b"--xyz--\r\n")
    assert answer.status == 201, answer.body
    (file,) = answer["event"]["attachments"]
    assert (file["fileName"], file["type"], file["size"]) == (name, "application/octet-stream", 1)
    assert alice.get(f"events/{answer['event']['id']}/{file['id']}").body == b"x"


def test_a_file_input_without_file_is_no_file(alice: Api) -> None:
    before = on_disk()
    answer = send(alice, part("e", EVENT) + part("f", b"", filename=b"") + b"--xyz--")
    assert answer.status == 201
    assert "attachments" not in answer["event"]
    assert on_disk() == before


def test_an_empty_file_is_a_file(alice: Api) -> None:
    answer = send(
        alice, part("e", EVENT) + part("f", b"", filename=b"empty.txt", kind=b"text/plain") + b"--xyz--"
    )
    assert [(f["size"], f["type"]) for f in answer["event"]["attachments"]] == [(0, "text/plain")]


@pytest.mark.parametrize("kind", [b"text", b"te xt/plain", b"text/html\xc3\xa9", b"a/" + b"b" * 300])
def test_odd_media_types(alice: Api, kind: bytes) -> None:
    answer = send(alice, part("e", EVENT) + part("f", b"x", filename=b"a", kind=kind) + b"--xyz--")
    assert answer["event"]["attachments"][0]["type"] == "application/octet-stream"


WHOLE = part("e", EVENT) + part("f", b"file content", filename=b"a.jpg", kind=b"image/jpeg") + b"--xyz--\r\n"


@pytest.mark.parametrize("end", [3, 20, 60, len(WHOLE) - 30, len(WHOLE) - 12, len(WHOLE) - 5])
def test_a_body_that_breaks_off_leaves_nothing(alice: Api, end: int) -> None:
    before = on_disk()
    answer = send(alice, WHOLE[:end])
    assert (answer.status, answer.error) == (400, "invalid-request-structure")
    event = alice.event("diary")
    assert send(alice, WHOLE[:end], f"events/{event['id']}").status == 400
    assert on_disk() == before
    assert "attachments" not in alice.get(f"events/{event['id']}")["event"]


@pytest.mark.parametrize(
    "body",
    [
        part("e", EVENT.replace(b"diary", b"di\xe9ry")) + b"--xyz--",
        part("e", EVENT) + part("f", b"x", filename=b"\xe9t\xe9.jpg") + b"--xyz--",
        part("e", EVENT) + b"--xyz\r\nContent-Type: image/jpeg\r\n\r\nx\r\n--xyz--",
        part("e", EVENT) + b"--xyz\r\nnothing\r\n\r\nx\r\n--xyz--",
        part("e", EVENT) * 1001 + b"--xyz--",
        part("e", EVENT) + part("f", b"x", filename=b"a" * 9000) + b"--xyz--",
    ],
    ids=["latin-1 text", "latin-1 name", "no disposition", "no header", "many parts", "long name"],
)
def test_malformed_parts(alice: Api, body: bytes) -> None:
    before = on_disk()
    answer = send(alice, body)
    assert (answer.status, answer.error) == (400, "invalid-request-structure")
    assert on_disk() == before


def test_too_much_is_refused_unread_or_as_it_comes(
    alice: Api, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_MAX_BYTES = 15
    before = on_disk()
    two = part("f", b"0123456789", filename=b"a") + part("g", b"0123456789", filename=b"b")
    assert send(alice, part("e", EVENT) + two + b"--xyz--").error == "invalid-request-structure"
    assert on_disk() == before
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    monkeypatch.setattr(uploads, "_read", None)
    assert send(alice, part("e", EVENT) + two + b"--xyz--").error == "invalid-request-structure"


@pytest.mark.parametrize("who", ["nobody", "reader", "creator"])
def test_nothing_is_read_of_those_who_may_not(alice: Api, who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may not add files is refused before the body is received."""
    event = alice.event("diary")
    guests = {
        "nobody": lambda: Api("alice", "nonsense"),
        "reader": lambda: alice.guest("read"),
        "creator": lambda: alice.guest("create-only"),
    }
    guest = guests[who]()
    monkeypatch.setattr(api, "received", None)
    assert send(guest, WHOLE, f"events/{event['id']}").status == 403
    if who == "nobody":
        assert send(guest, WHOLE).status == 403


def failing(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_failed_call_leaves_no_file(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    before = on_disk()
    monkeypatch.setattr(attachments, "add_bytes", failing(RuntimeError("boom")))
    assert send(alice, WHOLE).status == 500
    assert on_disk() == before
    assert not Attachment.objects.exists()


def test_a_committed_file_stays_whatever_happens_then(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    before = on_disk()
    real = api.run_method

    def run_and_fail(*args: Any, **extra: Any) -> Any:
        real(*args, **extra)
        raise RuntimeError("after the commit")

    monkeypatch.setattr(api, "run_method", run_and_fail)
    assert send(alice, WHOLE).status == 500
    (new,) = on_disk() - before
    assert Attachment.objects.get().blob == new


def test_where_the_database_failed_the_sweep_decides(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs.sweep(older_than=0)
    before = on_disk()
    monkeypatch.setattr(attachments, "add_bytes", failing(OperationalError("gone")))
    assert send(alice, WHOLE).status == 500
    assert len(on_disk() - before) == 1
    call_command("sweep_files", "--older-than", "0")
    assert on_disk() == before


def orphan(account_id: int, age: float = 0) -> str:
    writer = blobs.Writer(name := blobs.blob_name(account_id, f"orphan{len(on_disk())}"))
    writer.write(b"x")
    writer.finish()
    os.utime(writer.path, (writer.path.stat().st_mtime - age,) * 2)
    return name


def test_the_sweep_takes_old_files_without_record(alice: Api, capsys: pytest.CaptureFixture[str]) -> None:
    blobs.sweep(older_than=0)
    account_id = Account.objects.get(username="alice").id
    event = send(alice, WHOLE)["event"]
    kept = Attachment.objects.get().blob
    old, young = orphan(account_id, age=7200), orphan(account_id)
    call_command("sweep_files")
    assert capsys.readouterr().out == "1 files removed.\n"
    assert {kept, young} <= on_disk()
    assert old not in on_disk()
    assert blobs.sweep(older_than=0) >= 1
    assert young not in on_disk()
    path = f"events/{event['id']}/{event['attachments'][0]['id']}"
    assert alice.get(path).body == b"file content"


def test_the_sweep_passes_over_files_that_are_received(alice: Api) -> None:
    account_id = Account.objects.get(username="alice").id
    with attachments.storing(account_id):
        name = orphan(account_id)
        blobs.sweep(older_than=-60)
        assert name in on_disk()
    blobs.sweep(older_than=-60)
    assert name not in on_disk()


def test_what_a_client_already_has_is_not_sent_again(alice: Api) -> None:
    event = send(alice, WHOLE)["event"]
    path = f"events/{event['id']}/{event['attachments'][0]['id']}"
    whole = alice.get(path)
    tag = whole.headers["ETag"]
    assert (alice.get(path, If_None_Match=tag).status, alice.get(path, If_None_Match=tag).body) == (304, b"")
    assert alice.get(path, Range="bytes=0-3", If_Range=tag).body == b"file"
    assert alice.get(path, Range="bytes=0-3", If_Range='"other"').status == 200
    assert alice.get(path, Range=f"bytes={'9' * 5000}-").status == 200
    head = alice.call("HEAD", path, Range="bytes=0-3")
    assert (head.status, head.headers["Content-Length"]) == (200, "12")
    assert alice.get(path, If_None_Match="*").status == 304
    known = alice.get(path, If_None_Match=f'W/"x", {tag}')
    assert known.status == 304
    assert {"Content-Length", "Content-Type"}.isdisjoint(known.headers)


def test_what_one_access_got_is_not_kept_for_another(alice: Api) -> None:
    event = send(alice, WHOLE)["event"]
    got = alice.get(f"events/{event['id']}/{event['attachments'][0]['id']}")
    assert {"Authorization", "Cookie"} <= set(got.headers["Vary"].split(", "))


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("UTF-8''%C3%A9t%C3%A9.txt", "été.txt"),
        ("iso-8859-1'fr'%E9t%E9.txt", "été.txt"),
        ("klingon''a%20b.txt", "a b.txt"),
        ("UTF-8''..%2F..%2Fetc", "etc"),
    ],
)
def test_names_of_files_as_older_clients_spell_them(alice: Api, spelled: str, name: str) -> None:
    head = (
        f'--xyz\r\nContent-Disposition: form-data; name="f"; filename*={spelled}\r\n\r\nfile\r\n--xyz--\r\n'
    )
    made = send(alice, part("e", EVENT) + head.encode())
    assert [file["fileName"] for file in made["event"]["attachments"]] == [name]
