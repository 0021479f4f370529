"""The made-up life of `make demo`."""

import pytest
from django.conf import settings
from django.test import override_settings

from events import types
from events.demo.entry import Entry
from events.demo.load import create_streams, is_empty, load
from events.demo.story import STREAMS, whole_life
from events.demo.things import pdf, tune
from events.models import Event
from pryvsite import demo
from pryvsite.serve import Trouble
from tests.cast import PASSWORD, Api, register
from tests.events.test_get import actor_of

UNTIL = 1750950000.0  # Thu 26 June 2025, 17:00 in Zurich


@pytest.fixture(scope="module")
def life() -> list[Entry]:
    return list(whole_life(UNTIL, days_back=100))


def test_is_the_same_each_time(life: list[Entry]) -> None:
    assert list(whole_life(UNTIL, days_back=100)) == life


def test_lies_in_its_days(life: list[Entry]) -> None:
    assert min(entry.time for entry in life) > UNTIL - 102 * 86400
    assert max(entry.time for entry in life) <= UNTIL


def test_fits_the_types(life: list[Entry]) -> None:
    for entry in life:
        if not entry.type.startswith(types.SERIES):
            assert types.is_known(entry.type)
            assert types.content_violations(entry.type, entry.content) == []


def test_has_every_kind(life: list[Entry]) -> None:
    found = {entry.type for entry in life}
    assert found >= {
        "note/txt", "picture/attached", "position/wgs84", "activity/plain", "series:frequency/bpm", "mass/kg",
        "blood-pressure/mmhg-bpm", "money/eur", "url/http", "file/attached", "file/attached-multiple",
        "audio/attached", "message/email", "mood/emoticon", "boolean/bool", "contact/vcard",
    }  # fmt: skip
    assert sum(entry.duration is None for entry in life) == 2
    assert {entry.stream for entry in life} <= {made.id for made in STREAMS}


def test_is_stored_as_the_api_would(alice: Api, life: list[Entry]) -> None:
    actor = actor_of(alice)
    assert is_empty(actor)
    create_streams(actor)
    part = [entry for entry in life if entry.time > UNTIL - 10 * 86400]
    assert load(actor, part, {"owner": actor.author, "watch": "watch-id"}, 1) == len(part)
    assert not is_empty(actor)
    found = alice.events("?limit=100000&state=all&fromTime=0&toTime=3000000000")
    assert len(found) == len(part)
    steps = next(event for event in found if event["type"] == "count/steps")
    assert steps["createdBy"] == "watch-id"
    picture = next(event for event in found if event["type"] == "picture/attached")
    file = picture["attachments"][0]
    got = alice.get(f"events/{picture['id']}/{file['id']}")
    assert got.status == 200
    assert got.body[:2] == b"\xff\xd8"
    series = next(event for event in found if event["type"] == "series:frequency/bpm")
    assert len(alice.get(f"events/{series['id']}/series")["points"]) > 100


def test_begins_once(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("events.demo.story.whole_life", lambda until: whole_life(until, days_back=3))
    demo.fill()
    count = Event.objects.filter(account__username=demo.USERNAME).count()
    assert count > 100
    demo.fill()
    assert Event.objects.count() == count


def test_leaves_accounts_of_others_alone(db: None) -> None:
    register(demo.USERNAME)
    assert PASSWORD != demo.PASSWORD
    with pytest.raises(Trouble, match="password of its own"):
        demo.fill()


def test_is_for_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pryvsite.demo.prepare", lambda: settings)
    with override_settings(IS_LOCAL=False), pytest.raises(SystemExit, match="known to everybody"):
        demo.main()


def test_files_are_what_they_say() -> None:
    assert pdf(["a"]).startswith(b"%PDF-1.4")
    assert tune(1)[:4] == b"RIFF"
