"""What workers remember is as fresh as the database: two processes, one counter file."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection, transaction

from pryvsite import caching


@pytest.fixture
def memory() -> caching.Memory[int]:
    return caching.Memory("streams", 3)


def test_a_value_is_loaded_once_until_it_changes(memory: caching.Memory[int], db: None) -> None:
    values = iter(range(10))
    read = lambda: memory.get(7, "k", lambda: next(values))  # noqa: E731
    assert (read(), read()) == (0, 0)
    caching.counters().raise_("streams", 7)
    assert (read(), read()) == (1, 1)
    caching.counters().raise_("streams", 8)
    assert read() == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_is_not_remembered_before_its_commit(memory: caching.Memory[int]) -> None:
    values = iter(range(10))
    read = lambda: memory.get(7, "k", lambda: next(values))  # noqa: E731
    assert read() == 0
    with transaction.atomic():
        caching.changed("streams", 7)
        assert connection.in_atomic_block
        assert (read(), read()) == (1, 2)
    assert (read(), read()) == (3, 3)


def test_only_the_latest_values_are_kept(memory: caching.Memory[int], db: None) -> None:
    for number in range(5):
        memory.get(number, "k", lambda: 0)
    assert len(memory.entries) == 3


def test_another_process_is_heard(tmp_path: Path) -> None:
    here = caching.Counters(tmp_path / "counters")
    before = here.now("accesses", 5)
    code = (
        "import sys; from pathlib import Path; from pryvsite.caching import Counters\n"
        "Counters(Path(sys.argv[1])).raise_('accesses', 5)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "counters")], check=True)
    assert here.now("accesses", 5) == before + 1
    assert here.now("accesses", 6) == 0


def test_heavy_values_leave_room_for_few(db: None) -> None:
    memory: caching.Memory[str] = caching.Memory("streams", 10, len)
    for number, text in enumerate(["aaaa", "bbbb", "cc", "dddddd", "far too long to keep"]):
        assert memory.get(number, "k", lambda text=text: text) == text  # type: ignore[misc]
    assert memory.entries == {}
    for _ in range(3):
        memory.get(1, "k", lambda: "x" * 4)
        caching.counters().raise_("streams", 1)
    assert memory.weight == 4
