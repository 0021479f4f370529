"""The API's description as a page, and running operations from it."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from pryvsite.reference.content import entries, type_words
from pryvsite.wiring import wire
from tests.cast import PASSWORD, Api

wire()

HTMX = {"HX-Request": "true"}
ENTRIES = entries("http://testserver")


@pytest.fixture
def page(alice: Api) -> Client:
    """The browser of Alice, signed in."""
    client = Client(headers={"Accept": "text/html"})
    client.post("/signin", {"login": "alice", "password": PASSWORD})
    return client


def run(page: Client, operation: str, **fields: str) -> tuple[str, str, Any]:
    """Run an operation: the command, the status and the answer, as shown."""
    sent = {"operation": operation, **{name.replace("__", ":"): value for name, value in fields.items()}}
    response = page.post("/api/run", sent, headers=HTMX)
    assert response.status_code == 200, response.content
    text = response.content.decode()
    command, *answer = (html.unescape(part) for part in re.findall(r"<pre[^>]*>(.*?)</pre>", text, re.DOTALL))
    (status,) = re.findall(r'class="chip chip-\w+">([^<]+)<', text)
    return command, status, json.loads(answer[0]) if answer else None


def test_everybody_reads_it(db: None) -> None:
    response = Client().get("/api/")
    text = response.content.decode()
    assert response.status_code == 200
    assert all(f'id="{entry.slug}"' in text for entry in ENTRIES.values())
    assert "<form" not in text
    assert "/signin?next=/api/" in text
    assert Client().get("/api").headers["Location"] == "/api/"


def test_who_is_signed_in_has_forms(page: Client) -> None:
    text = page.get("/api/").content.decode()
    assert text.count('action="/api/run') == sum(entry.runs for entry in ENTRIES.values())
    for operation in ("streams.get", "events.create", "series.read", "accesses.delete", "callBatch"):
        assert ENTRIES[operation].runs
    for operation in ("events.getAttachment", "events.start", "auth.login", "auth.register"):
        assert not ENTRIES[operation].runs


@pytest.mark.parametrize(
    ("operation", "changes"),
    [
        ("events.get", False),
        ("events.create", True),
        ("events.delete", True),
        ("series.write", True),
        ("accesses.checkApp", False),
        ("callBatch", True),
    ],
)
def test_what_changes_data_is_marked(operation: str, changes: bool) -> None:
    assert ENTRIES[operation].changes is changes


def test_reading(page: Client, alice: Api) -> None:
    alice.event("diary", content="first")
    command, status, answer = run(page, "events.get", query__streams="diary,diary!", query__limit="1")
    assert status == "200 OK"
    assert [event["content"] for event in answer["events"]] == ["first"]
    assert command.startswith("curl 'http://testserver/alice/events?streams=diary&streams=diary%21&limit=1'")
    assert '-H "Authorization: $TOKEN"' in command


def test_a_streams_query(page: Client, alice: Api) -> None:
    alice.event("diary", content="first")
    _, _, answer = run(page, "events.get", query__streams='{"any": ["diary"]}')
    assert [event["content"] for event in answer["events"]] == ["first"]


def test_the_examples_work_on_a_new_account(page: Client) -> None:
    for operation in ("streams.create", "events.create", "accesses.create", "accesses.checkApp", "callBatch"):
        _, status, answer = run(page, operation, body=ENTRIES[operation].body)
        assert status.startswith("20"), (operation, answer)


def test_writing_and_series(page: Client, alice: Api) -> None:
    event = alice.event("diary", type="series:mass/kg", content=None)
    body = ENTRIES["series.write"].body
    command, status, answer = run(page, "series.write", path__id=event["id"], body=body)
    assert (status, answer["status"]) == ("200 OK", "ok")
    assert f"/alice/events/{event['id']}/series" in command and "-d '{" in command
    assert run(page, "series.read", path__id=event["id"])[2]["points"] == [[0, 71.2], [60, 71.3]]
    run(page, "events.delete", path__id=event["id"])
    assert alice.get(f"events/{event['id']}")["event"]["trashed"] is True


def test_errors_are_shown_as_they_are(page: Client) -> None:
    assert run(page, "events.create", body="{")[2]["error"]["id"] == "invalid-request-structure"
    assert run(page, "events.getOne", path__id="")[1] == "404 Not Found"
    assert run(page, "events.getOne", path__id="a/../b")[1] == "404 Not Found"


def test_tokens_stay_hidden(page: Client, alice: Api) -> None:
    alice.guest("read")
    page.get("/u/alice/")
    for operation in ("accesses.get", "getAccessInfo", "accesses.create"):
        _, _, answer = run(page, operation, body=ENTRIES[operation].body)
        text = json.dumps(answer)
        assert "(hidden on this page)" in text
        assert all(access["token"] not in text for access in alice.get("accesses")["accesses"])


def test_without_script_the_page_comes_back_as_it_was(page: Client) -> None:
    response = page.post("/api/run", {"operation": "events.create", "body": '{"mine": 1'})
    text = html.unescape(response.content.decode())
    assert 'id="events-create" open' in text
    assert '{"mine": 1</textarea>' in text
    assert "The request's body is not valid JSON." in text


def test_only_who_is_signed_in_runs_and_only_from_our_pages(alice: Api, page: Client) -> None:
    assert Client().post("/api/run", {"operation": "events.get"}).headers["Location"] == "/signin?next=/api/"
    forged = Client(enforce_csrf_checks=True)
    forged.cookies = page.cookies
    assert forged.post("/api/run", {"operation": "events.get"}).status_code == 403
    assert page.get("/api/run").status_code == 405
    for operation in ("none", "auth.login", "events.getAttachment"):
        assert page.post("/api/run", {"operation": operation}).status_code == 404


def test_long_answers_are_cut(page: Client, alice: Api) -> None:
    alice.event("diary", content="x" * 150_000)
    response = page.post("/api/run", {"operation": "events.get"}, headers=HTMX)
    assert "this is its beginning" in response.content.decode()
    assert len(response.content) < 120_000


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "number or null"),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"enum": ["a", "b"]}, '"a" or "b"'),
        ({"$ref": "#/components/schemas/Event"}, "Event"),
        ({}, "any"),
    ],
)
def test_types_in_words(schema: dict[str, Any], expected: str) -> None:
    assert type_words(schema) == expected


def test_names_in_texts_are_code(page: Client) -> None:
    text = page.get("/api/").content.decode()
    assert "<code>class/format</code>; <code>series:class/format</code> for a series." in text
    assert "`" not in re.sub(r"<(pre|textarea).*?</\1>", "", text, flags=re.DOTALL)
