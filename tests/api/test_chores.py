"""Background work goes on whatever happens to one chore."""

import logging

import pytest
from django.db import DatabaseError

from pryvsite.chores import Chore, do


def test_what_was_done_is_told(
    db: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pryvsite.chores.connection.close", lambda: None)
    with caplog.at_level(logging.INFO):
        do(Chore("Things dropped", lambda: 3, 60))
        do(Chore("Nothing", lambda: 0, 60))
    assert [record.getMessage() for record in caplog.records] == ["Things dropped: 3"]


@pytest.mark.parametrize("error", [OSError("disk"), DatabaseError("gone")])
def test_trouble_is_told_and_not_raised(
    error: Exception, db: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pryvsite.chores.connection.close", lambda: None)

    def fail() -> int:
        raise error

    do(Chore("Things", fail, 60))
    assert [record.getMessage() for record in caplog.records] == ["Things failed"]
