"""The words of events' SQL: conditions, and what the engines spell differently."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.fields import is_account_stream
from pryvsite.db import id_list


@dataclass(frozen=True, slots=True)
class Test:
    """A condition of an event `e` and, where the join table can answer it too, of an event's place `s`."""

    event: str
    params: tuple[Any, ...] = ()
    place: str | None = None


def either(text: str, *params: Any) -> Test:
    """A test of what events and their places both hold: `{row}` is the one asked, `{id}` the event's id."""
    return Test(text.format(row="e", id="e.id"), params, place=text.format(row="s", id="s.event_id"))


def any_of(alternatives: Iterable[Sequence[Test]]) -> Test:
    """A test that passes who passes all tests of one of the alternatives."""
    known = list(alternatives)

    def spelled(texts: Iterable[Sequence[str]]) -> str:
        return "(" + " OR ".join("(" + (" AND ".join(some) or "1 = 1") + ")" for some in texts) + ")"

    placed = all(test.place is not None for tests in known for test in tests)
    return Test(
        spelled([test.event for test in tests] for tests in known),
        tuple(param for tests in known for test in tests for param in test.params),
        place=spelled([test.place or "" for test in tests] for tests in known) if placed else None,
    )


def join() -> str:
    """A join in the order written: SQLite keeps to that of `CROSS JOIN`, PostgreSQL knows better."""
    return "CROSS JOIN" if connection.vendor == "sqlite" else "JOIN"


def through(index: str) -> str:
    """The index that SQLite shall read a table through, as it keeps no statistics to choose by."""
    return f" INDEXED BY {index}" if connection.vendor == "sqlite" else ""


def unindexed(column: str) -> str:
    """A column whose index SQLite shall not choose, for the same reason."""
    return f"+{column}" if connection.vendor == "sqlite" else column


def _asked_each() -> str:
    """Ends a subquery that PostgreSQL shall ask row by row: it gathers all rows first otherwise."""
    return " OFFSET 0" if connection.vendor == "postgresql" else ""


def sits(ids: Sequence[str], *, within: bool = True) -> Test:
    """Whether an event sits in one of the streams, asked event by event."""
    test, param = id_list(ids)
    return either(
        f"{'' if within else 'NOT '}EXISTS (SELECT 1 FROM events_eventstream w"  # noqa: S608 (ours)
        f"{through('event_stream_of_event')} WHERE w.account_id = {{row}}.account_id"
        f" AND w.event_id = {{id}} AND w.stream_id {test}{_asked_each()})",
        param,
    )


def ended() -> Test:
    """Whether an event doesn't run. Places don't know, but what runs has an index of its own, a small one."""
    return Test(
        "e.end_time IS NOT NULL",
        place=f"NOT EXISTS (SELECT 1 FROM events_event r{through('event_running')}"  # noqa: S608 (ours)
        " WHERE r.account_id = s.account_id AND r.time = s.time AND r.id = s.event_id"
        f" AND r.end_time IS NULL{_asked_each()})",
    )


def local(ids: Iterable[str]) -> list[str]:
    """The streams among these that have rows here; account fields have none."""
    return sorted(sid for sid in ids if not is_account_stream(sid))
