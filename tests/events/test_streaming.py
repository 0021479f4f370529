"""Long listings leave row by row: the first bytes before the last row is read, in flat memory."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from events import api, rows
from events.models import EventDeletion
from events.query import run
from events.wire import sealed
from tests.cast import Api

MANY = 5 * run.FETCH


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each fetch brought."""
    fetched: list[int] = []
    fetch = CursorWrapper.__getattr__

    def counting(self: CursorWrapper, name: str) -> object:
        found = fetch(self, name)
        if name not in ("fetchmany", "fetchall"):
            return found

        def counted(*args: int) -> object:
            got = found(*args)
            if got and isinstance(got[0][0], str) and got[0][0].startswith('{"id":'):
                fetched.append(len(got))
            return got

        return counted

    monkeypatch.setattr(CursorWrapper, "__getattr__", counting)
    return fetched


@pytest.fixture
def full(transactional_db: None, alice: Api) -> Api:
    """Alice with many events, outside of any transaction."""
    event = {
        "streamIds": ["diary"], "type": "note/txt", "content": "x" * 200, "created": 1.0, "createdBy": "test",
        "modified": 1.0, "modifiedBy": "test",
    }  # fmt: skip
    account_id = connection_account("alice")
    rows.insert(account_id, [sealed({**event, "id": f"c{i:024}", "time": float(i)}) for i in range(MANY)])
    alice.get("streams")
    return alice


def connection_account(username: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM accounts_account WHERE username = %s", [username])
        return int(cursor.fetchone()[0])


def body_of(api: Api, query: str) -> Iterator[bytes]:
    response = api.http.get(f"/alice/events?{query}", headers={"Authorization": api.token or ""})
    assert response.streaming
    chunks: Iterator[bytes] = response.streaming_content
    return chunks


@pytest.mark.parametrize(
    "query", ["fromTime=0&toTime=1e9", "fromTime=0&toTime=1e9&streams[]=diary", "limit=100000"]
)
def test_the_first_bytes_leave_before_the_last_row_is_read(full: Api, read: list[int], query: str) -> None:
    guest = full.guest("read")
    read.clear()
    body = body_of(guest, query)
    assert b'"streamIds"' in next(body)
    assert sum(read) <= run.FETCH
    rest = b"".join(body)
    assert sum(read) == MANY
    assert max(read) <= run.FETCH
    assert rest.endswith(b"}}")
    assert not connection.in_atomic_block


def test_an_abandoned_answer_ends_its_transaction(full: Api) -> None:
    response = full.http.get("/alice/events?limit=100000", headers={"Authorization": full.token or ""})
    assert next(iter(response.streaming_content))
    assert connection.in_atomic_block == (connection.vendor == "postgresql")
    response.close()
    del response
    assert not connection.in_atomic_block
    assert full.event("diary", content="afterwards")


def test_an_error_on_the_way_cuts_the_answer_off(full: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sent can't be taken back: the connection ends without the end of the JSON."""
    body = body_of(full, "limit=100000")
    next(body)
    monkeypatch.setattr(CursorWrapper, "__getattr__", broken)
    with pytest.raises(RuntimeError):
        list(body)
    monkeypatch.undo()
    assert not connection.in_atomic_block
    assert len(full.get("events?limit=30")["events"]) == 30


def broken(self: CursorWrapper, name: str) -> object:
    raise RuntimeError(name)


def test_an_error_before_the_first_row_is_told(full: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> Iterator[run.Row]:
        raise RuntimeError
        yield

    monkeypatch.setattr(run, "_streamed", gone)
    answer = full.http.get("/alice/events?limit=100000", headers={"Authorization": full.token or ""})
    assert answer.status_code == 500
    assert answer.json()["error"]["id"] == "unexpected-error"


def test_pages_are_read_at_once(full: Api, read: list[int]) -> None:
    read.clear()
    assert len(full.get("events?limit=1000")["events"]) == 1000
    # SQLite's page comes as one text, in one row of which no more is fetched.
    assert read == ([1000] if connection.vendor == "postgresql" else [])


def test_head_reads_no_further_than_the_first_rows(full: Api, read: list[int]) -> None:
    answer = full.call("HEAD", "events?limit=100000")
    assert (answer.status, answer.body) == (200, b"")
    assert "Content-Length" not in answer.headers
    assert sum(read) <= run.FETCH
    assert not connection.in_atomic_block
    assert full.call("HEAD", "events?limit=-1").status == 400


def test_deletions_are_read_as_they_are_sent(full: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    account_id = connection_account("alice")
    EventDeletion.objects.bulk_create(
        EventDeletion(account_id=account_id, id=f"d{i:023}", deleted=float(i + 1)) for i in range(MANY)
    )
    taken: list[str] = []
    encode = api._buried

    def counted(found: Iterator[tuple[str, float]]) -> Iterator[str]:
        for one in encode(found):
            taken.append(one)
            yield one

    monkeypatch.setattr(api, "_buried", counted)
    body = body_of(full, "modifiedSince=0&includeDeletions=true&limit=100000")
    next(body)
    assert not taken
    for chunk in body:
        if b'"deleted"' in chunk:
            break
    assert len(taken) <= run.FETCH
    list(body)
    assert len(taken) == MANY
