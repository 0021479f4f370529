"""Notes of the days that events touch."""

from django.db import connection

from events import digest_store
from events.models import Event
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


def test_what_lasts_into_a_moment_is_found_by_indexes(alice: Api) -> None:
    found = [alice.event("diary", type="activity/plain", content=None, time=1000, duration=duration)["id"]
             for duration in (10, 600, 86_400 * 3, 86_400 * 300)]  # fmt: skip
    account_id = Event.objects.values_list("account_id", flat=True)[0]
    for moment, expected in ((1000, 0), (1005, 4), (1600, 3), (1601, 2), (1000 + 86_400 * 3, 2), (10**7, 1)):
        lasting = digest_store.lasting_into(account_id, moment)
        assert [f'"{event}"' in text for event in found for _, _, text, _ in lasting].count(True) == expected
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{digest_store.LASTING}",
            [account_id, 5.0, 5.0, 5.0, account_id, 5.0, 5.0],
        )
        plan = str(cursor.fetchall())
    assert "event_lasting " in plan
    assert "event_lasting_long " in plan
