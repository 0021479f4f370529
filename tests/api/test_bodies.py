"""How much a body may hold: memory grows with its values, which strangers send too (spec api-data §1.6)."""

import json

import pytest
from django.test import RequestFactory

from pryvsite.api import parse
from pryvsite.api.bodies import OF_STRANGERS, keep_small, whole_body
from pryvsite.kernel.errors import InvalidRequestStructure
from tests.cast import PASSWORD, Answer, Api, answer_of

HOSTILE = [b"[" + b"[]," * 9 + b"[]]", b"[" + b'"",' * 11 + b'""]', b'{"a":[' + b"1," * 11 + b"1]}"]


@pytest.fixture
def ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "MOST_VALUES", 10)


@pytest.mark.parametrize("body", HOSTILE)
def test_too_many_values(ten: None, body: bytes) -> None:
    with pytest.raises(InvalidRequestStructure, match="more than 10 values"):
        parse.decode_json(body)


@pytest.mark.parametrize(
    "text", ["," * 50 + "[{" * 50, '\\",\\"[' * 30, "\\\\" * 30 + "," * 30, '"' * 40, 'ends with \\ and ",",']
)
def test_what_stands_in_a_text_is_one_value(ten: None, text: str) -> None:
    given = {"note": text, "more": [text, 1]}
    assert parse.decode_json(json.dumps(given).encode()) == given


def test_a_long_text_is_no_matter(alice: Api) -> None:
    text = ",[{" * 500_000
    assert alice.event("diary", type="note/txt", content=text)["content"] == text


def sign_in(alice: Api, padding: int) -> Answer:
    body = json.dumps({"username": "alice", "password": PASSWORD, "appId": "app", "x": "y" * padding})
    return answer_of(
        alice.http.post(
            "/alice/auth/login", body, "application/json", headers={"Origin": "http://testserver"}
        )
    )


def test_strangers_send_little(alice: Api) -> None:
    assert sign_in(alice, OF_STRANGERS // 2).error != "invalid-request-structure"
    told = sign_in(alice, OF_STRANGERS)
    assert (told.status, told.error) == (400, "invalid-request-structure")
    body = json.dumps({"x": "y" * OF_STRANGERS})
    assert answer_of(alice.http.post("/reg/access", body, "application/json")).status == 400


def test_also_in_chunks_of_unknown_length() -> None:
    request = RequestFactory().post("/reg/access", b"x" * (OF_STRANGERS + 1), "application/json")
    request.META["CONTENT_LENGTH"] = ""
    keep_small(request)
    request._body = b"x" * (OF_STRANGERS + 1)
    with pytest.raises(InvalidRequestStructure, match="too large"):
        whole_body(request)
