"""Calls of several threads done by one of them (pryvsite.kernel.group_commit)."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from pryvsite.kernel.group_commit import GroupCommit

DEADLINE = 20.0  # seconds; long over before anything of this takes so long


class Slow:
    """Doubles numbers; the first group waits until it may go on. Refuses odd ones, breaks on 13."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.begun, self.go_on = Event(), Event()

    def __call__(self, asked: Sequence[int]) -> list[int | Exception]:
        self.groups.append(list(asked))
        if len(self.groups) == 1:
            self.begun.set()
            assert self.go_on.wait(DEADLINE)
        if 13 in asked:
            raise RuntimeError("broken")
        return [ValueError(n) if n % 2 else 2 * n for n in asked]


def begin_and_queue(commit: GroupCommit[int, int], slow: Slow, first: int, others: list[int],
                    pool: ThreadPoolExecutor) -> list["Future[int]"]:  # fmt: skip
    """One call that is being done, and those that came meanwhile."""
    calls = [pool.submit(commit.run, "line", first)]
    assert slow.begun.wait(DEADLINE)
    for count, other in enumerate(others, 1):
        calls.append(pool.submit(commit.run, "line", other))
        while len(commit.lines["line"]) < count:
            pass
    slow.go_on.set()
    return calls


@pytest.fixture
def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(12)


def test_those_who_come_meanwhile_share_the_next_turn(pool: ThreadPoolExecutor) -> None:
    slow = Slow()
    commit = GroupCommit[int, int](slow, 3)
    calls = begin_and_queue(commit, slow, 2, [4, 6, 8, 10], pool)
    assert [call.result(DEADLINE) for call in calls] == [4, 8, 12, 16, 20]
    assert slow.groups == [[2], [4, 6, 8], [10]]
    assert commit.lines == {}


def test_each_gets_its_own_error(pool: ThreadPoolExecutor) -> None:
    slow = Slow()
    calls = begin_and_queue(GroupCommit[int, int](slow, 50), slow, 1, [2, 3, 4], pool)
    told = [call.exception(DEADLINE) for call in calls]
    assert [str(error) for error in told] == ["1", "None", "3", "None"]


def test_none_fails_for_the_sake_of_another(pool: ThreadPoolExecutor) -> None:
    slow = Slow()
    commit = GroupCommit[int, int](slow, 50)
    calls = begin_and_queue(commit, slow, 2, [4, 13, 6], pool)
    assert [type(call.exception(DEADLINE)) for call in calls] == [type(None)] * 2 + [RuntimeError, type(None)]
    assert [calls[n].result() for n in (0, 1, 3)] == [4, 8, 12]
    assert commit.lines == {}


def test_other_lines_go_on(pool: ThreadPoolExecutor) -> None:
    slow = Slow()
    commit = GroupCommit[int, int](slow, 50)
    held = pool.submit(commit.run, "line", 2)
    assert slow.begun.wait(DEADLINE)
    assert commit.run("another", 4) == 8
    slow.go_on.set()
    assert held.result(DEADLINE) == 4


def test_a_line_survives_an_error_of_who_is_alone() -> None:
    slow = Slow()
    slow.go_on.set()
    commit = GroupCommit[int, int](slow, 50)
    with pytest.raises(RuntimeError):
        commit.run("line", 13)
    assert commit.run("line", 4) == 8


def test_nobody_is_told_done_when_the_leader_is_stopped(pool: ThreadPoolExecutor) -> None:
    """Whatever ends the leader, those who wait do it themselves."""
    slow = Slow()

    def stopped(asked: Sequence[int]) -> list[int | Exception]:
        done = slow(asked)
        if len(asked) > 1:
            raise SystemExit
        return done

    commit = GroupCommit[int, int](stopped, 50)
    calls = begin_and_queue(commit, slow, 2, [4, 6, 8], pool)
    assert calls[0].result(DEADLINE) == 4
    with pytest.raises(SystemExit):
        calls[1].result(DEADLINE)
    assert [call.result(DEADLINE) for call in calls[2:]] == [12, 16]
