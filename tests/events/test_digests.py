"""Notes of the days that events touch."""

import pytest
from django.db import connection
from django.test import Client

from events import ahead, digest_store
from events.models import Event
from pryvsite.kernel.clock import now
from tests.accesses.test_pages import text
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


def test_sums_beyond_all_floats(alice: Api, page: Client) -> None:
    for content in (1.7e308, 1.7e308, -1.7e308):
        alice.event("diary", type="mass/kg", content=content)
    for number in range(2):  # a later one goes into the month that is stored
        shown = page.get("/u/alice/?scale=month&tiles=all")
        assert shown.status_code == 200
        assert "nan" not in text(shown)
        alice.event("diary", type="mass/kg", content=1.7e308, time=now() - number)


def test_entries_far_apart_cost_no_digests_between_them(alice: Api, page: Client) -> None:
    for moment in (-50_000_000_000, 0, 50_000_000_000):
        alice.event("diary", time=moment, content=f"at {moment}")
    wide = "/u/alice/?scale=custom&from=-51000000000&to=51000000000&tiles=all"
    assert "3 entries" in text(page.get(wide))
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM events_daydigest")
        assert cursor.fetchone() == (3,)
        cursor.execute("SELECT COUNT(*) FROM events_monthdigest")
        assert cursor.fetchone() == (3,)
    alice.event("diary", time=10_000_000_000)
    alice.event("diary", time=5)
    assert "5 entries" in text(page.get(wide))


@pytest.mark.parametrize("moment", [9e99, -9e99, 1e15, -62_135_596_800, 253_402_300_800])
def test_moments_beyond_the_calendar(alice: Api, page: Client, moment: float) -> None:
    far = alice.event("diary", time=moment, content="far away")
    lasting = alice.event("diary", type="activity/plain", content=None, time=5, duration=1e300)
    for query in ("", "?scale=all", "?go=first", "?go=last", "?scale=week&go=earlier", "?tiles=all"):
        assert page.get(f"/u/alice/{query}").status_code == 200
    for event in (far, lasting):
        for path in ("", "/edit", ".json"):
            assert page.get(f"/u/alice/event/{event['id']}{path}").status_code == 200
    assert "far away" in text(page.get(f"/u/alice/event/{far['id']}?of=diary&types=note/txt"))
    ahead.catch_up()
