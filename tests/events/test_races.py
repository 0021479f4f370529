"""What happens at the same time; needs an engine that lets transactions run side by side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from events.models import Attachment, EventStream, SeriesChunk
from pryvsite.kernel.integrity import event_integrity
from streams.models import Stream
from tests.cast import Answer, Api

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, run: Callable[[int], T]) -> list[T]:
    """Run a function in several threads that start together."""
    barrier = Barrier(count)

    def start(number: int) -> T:
        barrier.wait()
        try:
            return run(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))


def statuses(answers: list[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)


def test_one_event_id_for_many(alice: Api) -> None:
    body = {"id": "cm3a9k2w0000008l4h2x1q9z", "streamIds": ["diary"], "type": "note/txt", "content": "x"}
    answers = at_once(6, lambda _: Api("alice", alice.token).post("events", body))
    assert statuses(answers) == [201] + [409] * 5


def test_one_event_id_for_many_accesses(alice: Api) -> None:
    """Calls of different accesses are never stored together."""
    body = {"id": "cm3a9k2w0000008l4h2x1q9y", "streamIds": ["diary"], "type": "note/txt", "content": "x"}
    guests = [alice.guest("manage").token for _ in range(4)]
    answers = at_once(4, lambda n: Api("alice", guests[n]).post("events", body))
    assert statuses(answers) == [201] + [409] * 3


def test_right_and_wrong_events_at_once(alice: Api) -> None:
    """Calls that are stored together answer as if each were alone."""

    def act(number: int) -> Answer:
        stream_id = "diary" if number % 2 else "nowhere"
        event = {"streamIds": [stream_id], "type": "note/txt", "content": str(number)}
        return Api("alice", alice.token).post("events", event)

    answers = at_once(8, act)
    assert [answer.status for answer in answers] == [400, 201] * 4
    kept = alice.get("events?limit=100&types=note/txt").body["events"]
    assert sorted(event["content"] for event in kept) == ["1", "3", "5", "7"]
    assert all(event["id"] == answers[int(event["content"])].body["event"]["id"] for event in kept)


def test_one_stream_name_for_many(alice: Api) -> None:
    answers = at_once(6, lambda _: Api("alice", alice.token).post("streams", {"name": "Same"}))
    assert statuses(answers) == [201] + [409] * 5


def test_two_moves_make_no_cycle(alice: Api) -> None:
    for _ in range(4):
        Stream.objects.filter(id__in=["a", "b"]).delete()
        alice.stream("a")
        alice.stream("b")
        moves = [("a", "b"), ("b", "a")]
        answers = at_once(
            2,
            lambda n, moves=moves: Api("alice", alice.token).put(  # type: ignore[misc]
                f"streams/{moves[n][0]}", {"parentId": moves[n][1]}
            ),
        )
        assert statuses(answers) == [200, 400]


def test_no_event_lands_in_a_stream_while_it_is_deleted(alice: Api) -> None:
    alice.stream("doomed", "diary")
    alice.delete("streams/doomed")
    event = alice.event("diary")

    def act(number: int) -> Answer:
        api = Api("alice", alice.token)
        if number == 0:
            return api.delete("streams/doomed?mergeEventsWithParent=true")
        if number == 1:
            return api.put(f"events/{event['id']}", {"streamIds": ["doomed"]})
        return api.post("events", {"streamIds": ["doomed"], "type": "activity/plain"})

    answers = at_once(5, act)
    assert all(answer.status in (200, 400) for answer in answers)
    assert not EventStream.objects.filter(stream_id="doomed").exists()


def test_right_and_wrong_points_at_once(alice: Api) -> None:
    """A wrong call keeps no other from being stored, and of itself nothing is."""
    event_id = alice.event("diary", type="series:mass/kg", content=None)["id"]

    def act(number: int) -> Answer:
        points = [[number * 10 + n, "x" if n == 4 and number % 2 else n] for n in range(5)]
        body = {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": points}
        return Api("alice", alice.token).post(f"events/{event_id}/series", body)

    answers = at_once(6, act)
    assert [answer.status for answer in answers] == [200, 400] * 3
    kept = alice.get(f"events/{event_id}/series").body["points"]
    assert [delta for delta, _ in kept] == [start + n for start in (0, 20, 40) for n in range(5)]
    assert alice.get(f"events/{event_id}").body["event"]["duration"] == 44


def test_parallel_points_all_count(alice: Api) -> None:
    event_id = alice.event("diary", type="series:mass/kg", content=None)["id"]

    def act(number: int) -> Answer:
        points = [[number * 10 + n, n] for n in range(10)]
        body = {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": points}
        return Api("alice", alice.token).post(f"events/{event_id}/series", body)

    assert statuses(at_once(6, act)) == [200] * 6
    assert alice.get(f"events/{event_id}")["event"]["duration"] == 59
    assert len(alice.get(f"events/{event_id}/series")["points"]) == 60


def test_of_two_updates_none_undoes_the_other(alice: Api) -> None:
    """Each changes another property: both are there afterwards."""
    event = alice.event("diary", clientData={})

    def act(number: int) -> Answer:
        body = {"clientData": {f"k{number}": number}} if number else {"description": "told"}
        return Api("alice", alice.token).put(f"events/{event['id']}", body)

    assert statuses(at_once(6, act)) == [200] * 6
    found = alice.get(f"events/{event['id']}")["event"]
    assert found["clientData"] == {f"k{number}": number for number in range(1, 6)}
    assert found["description"] == "told"
    assert found["integrity"] == event_integrity(found)


def test_update_against_delete(alice: Api) -> None:
    """An event that is deleted meanwhile isn't there for the update; it never comes back."""
    for _ in range(4):
        event = alice.event("diary")
        alice.delete(f"events/{event['id']}")

        def act(number: int, event_id: str = event["id"]) -> Answer:
            api = Api("alice", alice.token)
            if number:
                return api.put(f"events/{event_id}", {"content": "new"})
            return api.delete(f"events/{event_id}")

        deleted, *updated = at_once(3, act)
        assert deleted.status == 200
        assert {answer.status for answer in updated} <= {200, 404}
        assert set(alice.get(f"events/{event['id']}")["event"]) == {"id", "deleted"}
        assert not EventStream.objects.filter(event_id=event["id"]).exists()


def test_merge_against_create(alice: Api) -> None:
    """What is created in a stream that is merged away is in the parent, or was refused."""
    for round_number in range(3):
        stream_id = alice.stream(f"merged{round_number}", "diary")
        first = alice.event(stream_id)
        alice.delete(f"streams/{stream_id}")
        # Restoring makes creating possible again, so that it may come before or after the merge.
        alice.put(f"streams/{stream_id}", {"trashed": False})
        alice.delete(f"streams/{stream_id}")

        def act(number: int, stream_id: str = stream_id) -> Answer:
            api = Api("alice", alice.token)
            if number == 0:
                return api.delete(f"streams/{stream_id}?mergeEventsWithParent=true")
            if number == 1:
                return api.put(f"streams/{stream_id}", {"trashed": False})
            return api.post("events", {"streamIds": [stream_id, "diary"], "type": "activity/plain"})

        merged, _, *created = at_once(5, act)
        assert merged.status == 200
        assert {answer.status for answer in created} <= {201, 400}
        gone = stream_id not in [tree["id"] for tree in alice.trees("?state=all")[0]["children"]]
        for event_id in [first["id"], *(a["event"]["id"] for a in created if a.status == 201)]:
            streams = set(EventStream.objects.filter(event_id=event_id).values_list("stream_id", flat=True))
            assert streams == set(alice.get(f"events/{event_id}")["event"]["streamIds"])
            assert streams == {"diary"} if gone else streams <= {"diary", stream_id}


def test_batches_of_series_in_other_orders_do_not_block_each_other(alice: Api) -> None:
    ids = [alice.event("diary", type="series:mass/kg", content=None)["id"] for _ in range(6)]

    def act(number: int) -> Answer:
        order = ids if number % 2 else ids[::-1]
        flat = {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": [[number, number]]}
        data = [{"eventId": event_id, "data": flat} for event_id in order]
        return Api("alice", alice.token).post("series/batch", {"format": "seriesBatch", "data": data})

    assert statuses(at_once(8, act)) == [200] * 8
    for event_id in ids:
        assert len(alice.get(f"events/{event_id}/series")["points"]) == 8


def test_points_against_delete(alice: Api) -> None:
    """Points come before the deletion and go with it, or are refused: none stay without event."""
    for _ in range(4):
        event_id = alice.event("diary", type="series:mass/kg", content=None)["id"]

        def act(number: int, event_id: str = event_id) -> Answer:
            api = Api("alice", alice.token)
            if number == 0:
                api.delete(f"events/{event_id}")
                return api.delete(f"events/{event_id}")
            flat = {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": [[number, number]]}
            return api.post(f"events/{event_id}/series", flat)

        answers = at_once(4, act)
        assert answers[0].status == 200
        assert {answer.status for answer in answers[1:]} <= {200, 400}
        assert not SeriesChunk.objects.filter(event_id=event_id).exists()


def test_files_that_are_added_at_once_all_stay(alice: Api) -> None:
    event = alice.event("diary")

    def act(number: int) -> Answer:
        file = SimpleUploadedFile(f"{number}.txt", str(number).encode(), content_type="text/plain")
        return Api("alice", alice.token).form(f"events/{event['id']}", {"file": file})

    assert statuses(at_once(5, act)) == [200] * 5
    files = alice.get(f"events/{event['id']}")["event"]["attachments"]
    assert sorted(file["fileName"] for file in files) == [f"{number}.txt" for number in range(5)]
    assert Attachment.objects.filter(event_id=event["id"]).count() == 5
