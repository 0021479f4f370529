"""Notes of the days that events touch."""

from django.db import connection

from events import digest_store
from tests.cast import Api


def notes() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT day FROM events_touched ORDER BY day")
        return [day for (day,) in cursor.fetchall()]


def test_writing_notes_days(alice: Api) -> None:
    made = alice.event("diary", time=10 * 86_400 + 5)
    assert notes() == [10]
    alice.put(f"events/{made['id']}", {"time": -86_400 * 1.5})
    assert set(notes()) == {-2, 10}


def test_a_batch_notes_each_day_once(alice: Api) -> None:
    alice.post(
        "",
        [
            {
                "method": "events.create",
                "params": {
                    "streamIds": ["diary"],
                    "type": "note/txt",
                    "content": "x",
                    "time": 86_400 * (i % 3),
                },
            }
            for i in range(30)
        ],
    )
    assert notes() == [0, 1, 2]


def test_one_note_of_a_day_stays(alice: Api) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO events_touched (account_id, day) VALUES (1, 3), (1, 3), (1, 4), (2, 3)")
    before = len(notes())
    assert digest_store.drop_repeated() == 1
    assert len(notes()) == before - 1
    assert digest_store.drop_repeated() == 0
