"""What happens at the same time; needs an engine that lets transactions run side by side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

from events.models import EventStream
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


def test_parallel_points_all_count(alice: Api) -> None:
    event_id = alice.event("diary", type="series:mass/kg", content=None)["id"]

    def act(number: int) -> Answer:
        points = [[number * 10 + n, n] for n in range(10)]
        body = {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": points}
        return Api("alice", alice.token).post(f"events/{event_id}/series", body)

    assert statuses(at_once(6, act)) == [200] * 6
    assert alice.get(f"events/{event_id}")["event"]["duration"] == 59
    assert len(alice.get(f"events/{event_id}/series")["points"]) == 60
