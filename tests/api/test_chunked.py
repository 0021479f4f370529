"""Bodies without announced length, and bodies that end too early."""

from io import BytesIO
from typing import Any

import pytest
from django.test import RequestFactory

from pryvsite.api.http import account_api, platform_api
from pryvsite.chunked import Request
from tests.cast import Answer, Api, answer_of

NOTE = b'{"streamIds":["diary"],"type":"note/txt","content":"in chunks"}'
PICTURE = (
    b'--x\r\nContent-Disposition: form-data; name="e"\r\n\r\n{"streamIds":["diary"],"type":"file/attached"}'
    b'\r\n--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nfile\r\n--x--\r\n'
)


class Broken(BytesIO):
    """Chunks that break off after what is given."""

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if size is None or len(found) < size:
            raise EOFError("no more chunks")
        return found


def send(api: Api, verb: str, path: str, source: BytesIO, kind: str = "application/json") -> Answer:
    """A call whose body has no announced length."""
    environ: dict[str, Any] = RequestFactory()._base_environ(
        REQUEST_METHOD=verb, CONTENT_TYPE=kind, HTTP_AUTHORIZATION=api.token, HTTP_TRANSFER_ENCODING="chunked"
    )
    environ.pop("CONTENT_LENGTH", None)
    request = Request(environ | {"wsgi.input": source, "wsgi.input_terminated": True})
    return answer_of(account_api(request, api.username, path))  # type: ignore[arg-type]


def test_bodies_in_chunks_are_bodies(alice: Api) -> None:
    made = send(alice, "POST", "events", BytesIO(NOTE))
    assert (made.status, made["event"]["content"]) == (201, "in chunks")
    changed = send(alice, "PUT", f"events/{made['event']['id']}", BytesIO(b'{"content":"other"}'))
    assert changed["event"]["content"] == "other"
    form = BytesIO(b"_method=DELETE")
    trashed = send(alice, "POST", f"events/{made['event']['id']}", form, "application/x-www-form-urlencoded")
    assert trashed["event"]["trashed"]


def test_files_in_chunks(alice: Api) -> None:
    made = send(alice, "POST", "events", BytesIO(PICTURE), "multipart/form-data; boundary=x")
    assert [file["size"] for file in made["event"]["attachments"]] == [4]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (NOTE, "application/json"),
        (PICTURE[:-20], "multipart/form-data; boundary=x"),
        (b"", "application/json"),
    ],
)
def test_chunks_that_break_off_are_refused(alice: Api, body: bytes, kind: str) -> None:
    assert send(alice, "POST", "events", Broken(body), kind).error == "invalid-request-structure"
    assert alice.events() == []


def test_chunks_without_end_are_refused(alice: Api, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(NOTE) - 1
    assert send(alice, "POST", "events", BytesIO(NOTE)).error == "invalid-request-structure"
    assert alice.events() == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "reg/access",
            b'{"requestingAppId":"some-app","requestedPermissions":[{"streamId":"*","level":"read"}]}',
        ),
        ("reg/user", b'{"appid":"some-app","username":"dora1","password":"correct-horse"}'),
        ("users", b'{"appId":"some-app","username":"dora1","password":"correct-horse"}'),
        ("access/invitationtoken/check", b'{"invitationtoken":"x"}'),
    ],
)
def test_less_than_announced_is_refused(alice: Api, path: str, body: bytes) -> None:
    request = RequestFactory().post(f"/{path}", body, content_type="application/json")
    request.META["CONTENT_LENGTH"] = str(len(body) + 5)
    answer = answer_of(platform_api(request, path))
    assert answer.status == 400
    assert "incomplete" in answer["error"]["message"]
