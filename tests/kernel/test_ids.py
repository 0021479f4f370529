"""Fresh ids (pryvsite.kernel.ids)."""

import re
import time

import pytest

from pryvsite.kernel import ids


def test_ids_are_in_the_order_of_their_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for moment in (0, 1_782_864_000, 1_782_864_000.001, 2_800_000_000):
        monkeypatch.setattr(time, "time_ns", lambda moment=moment: int(moment * 1e9) + 1000)
        made.append(ids.new_id())
    assert made == sorted(made)
    assert all(re.fullmatch(r"c[a-z0-9]{23}", one) and ids.is_client_event_id(one) for one in made)


def test_ids_of_a_moment_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_782_864_000_000_000_000)
    made = {ids.new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert len({one[9:12] for one in made}) > 900
