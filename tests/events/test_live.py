"""Changes told to open pages (ui §6.4)."""

import threading
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from events.keeping import live as page_live
from pryvsite import live
from pryvsite.kernel.changes import Change
from tests.cast import PASSWORD, Api, register


@pytest.fixture
def hub(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[live.Hub]:
    settings.LIVE_STREAMS = 2
    own = live.Hub()
    monkeypatch.setattr(live, "hub", own)
    monkeypatch.setattr(page_live, "TOGETHER", 0.01)
    monkeypatch.setattr(live, "LOOK_UP", 0.1)
    relay = live.Relay()
    monkeypatch.setattr(live, "relay", relay)
    yield own
    relay.stop()


class TestHub:
    """What a process remembers of changes."""

    def test_tells_what_changed_since(self, hub: live.Hub) -> None:
        _, before = hub.since(1, hub.clock)
        hub.tell(1, Change.EVENTS)
        hub.tell(2, Change.STREAMS)
        found, moment = hub.since(1, before)
        assert found == {Change.EVENTS}
        assert hub.since(1, moment)[0] == frozenset()

    def test_wakes_who_waits(self, hub: live.Hub) -> None:
        heard: list[Any] = []
        waiter = threading.Thread(target=lambda: heard.append(hub.wait(1, hub.clock, 10)[0]))
        waiter.start()
        time.sleep(0.05)
        hub.tell(2, Change.EVENTS)
        hub.tell(1, Change.STREAMS)
        waiter.join(5)
        assert heard == [{Change.STREAMS}]

    def test_tells_everything_to_who_was_away_too_long(self, hub: live.Hub) -> None:
        assert hub.since(1, hub.clock - 60_000)[0] == live.EVERYTHING
        hub.missed()
        assert hub.since(1, hub.clock - 1)[0] == live.EVERYTHING

    def test_places_are_bounded(self, hub: live.Hub) -> None:
        assert [hub.enter() for _ in range(3)] == [True, True, False]
        hub.leave()
        assert hub.enter()

    def test_remembers_a_bounded_number(self, hub: live.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(live, "REMEMBERED", 3)
        for account_id in range(9):
            hub.tell(account_id, Change.EVENTS)
        assert len(hub.last) == 3
        assert hub.since(0, hub.clock - 5)[0] == live.EVERYTHING


@pytest.fixture
def owner(transactional_db: None) -> Api:
    return register("alice")


@pytest.fixture
def browser_of(owner: Api) -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.post("/signin", {"login": "alice", "password": PASSWORD})
    return client


def texts(response: Any) -> Iterator[str]:
    return (part.decode() for part in response.streaming_content)


def until(messages: Iterator[str], wanted: str) -> str:
    """The first message that has a text; heart-beats are passed over."""
    return next(text for text in messages if wanted in text)


@pytest.mark.parametrize("poll", ["", "?poll=1"])
def test_is_for_the_owner(hub: live.Hub, page: Client, carol: Api, poll: str) -> None:
    assert page.get(f"/u/carol/live{poll}").status_code == 404
    assert Client().get(f"/u/alice/live{poll}").status_code == 302


def test_a_change_arrives(
    hub: live.Hub, owner: Api, browser_of: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_live, "HEARTBEAT", 0.2)
    response = browser_of.get("/u/alice/live")
    assert response.headers["Content-Type"] == "text/event-stream"
    messages = texts(response)
    assert next(messages).startswith("retry:")
    time.sleep(0.3 if connection.vendor == "postgresql" else 0)  # until the listener listens
    owner.event("diary", content="secret words")
    told = until(messages, "event: events")
    assert "secret" not in told
    owner.stream("garden")
    assert until(messages, "event: streams")
    response.close()
    assert hub.streams == 0


def test_comes_back_without_a_gap(hub: live.Hub, owner: Api, browser_of: Client) -> None:
    hub.complete_since -= 60_000
    before = hub.clock
    time.sleep(0.01)
    hub.tell(_account(owner), Change.EVENTS)
    response = browser_of.get("/u/alice/live", headers={"Last-Event-ID": str(before)})
    assert "event: events" in next(texts(response))
    response.close()


def test_ends_with_the_session(
    hub: live.Hub, owner: Api, browser_of: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_live, "HEARTBEAT", 0.05)
    response = browser_of.get("/u/alice/live")
    messages = texts(response)
    next(messages)
    assert ":\n\n" in islice(messages, 50)  # what a new listener may have missed is told before
    browser_of.post("/signout")
    assert until(messages, "bye")
    assert list(messages) == []
    response.close()


def test_full_means_polling(hub: live.Hub, owner: Api, browser_of: Client) -> None:
    held = [browser_of.get("/u/alice/live") for _ in range(2)]
    assert browser_of.get("/u/alice/live").status_code == 204
    first = browser_of.get("/u/alice/live?poll=1").json()
    assert first["changed"] == []
    hub.complete_since -= 60_000
    hub.tell(_account(owner), Change.EVENTS)
    assert browser_of.get(f"/u/alice/live?poll=1&since={first['id']}").json()["changed"][0] == "events"
    for response in held:
        response.close()
    assert hub.streams == 0


def _account(api: Api) -> int:
    from accounts.models import Account

    return Account.objects.get(username=api.username).id


@pytest.mark.skipif(connection.vendor != "postgresql", reason="NOTIFY is PostgreSQL's")
def test_other_processes_hear_of_it(hub: live.Hub, transactional_db: None) -> None:
    live.listen()
    relay = live.relay
    deadline = time.monotonic() + 10
    moment = hub.clock
    while time.monotonic() < deadline and not hub.last:
        relay.send(7, Change.ACCESSES)
        time.sleep(0.1)
    assert hub.last, "it came back through the database"
    assert hub.since(7, moment)[0] >= {Change.ACCESSES}
