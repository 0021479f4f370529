"""The dashboard shows what `events.get` gives to the same access: no more, no less."""

import math
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.dashboard import mosaic
from events.dashboard.colours import colours_of
from events.dashboard.frame import Frame, frame_of, kind
from events.dashboard.items import kind_of_event, nearest
from events.dashboard.periods import Period, period_at
from events.dashboard.selection import nodes_of
from pryvsite.api.execute import execute
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.clock import now
from tests.cast import Api
from tests.events.test_get import actor_of

STREAMS = {"a": None, "b": None, "a1": "a", "a2": "a", "a11": "a1", "b1": "b"}
TYPES = ["note/txt", "mass/kg", "count/steps", "activity/plain", "position/wgs84", "custom/thing", "url/http"]
CONTENTS: dict[str, Any] = {
    "note/txt": "hello",
    "mass/kg": 70.5,
    "count/steps": 12,
    "activity/plain": None,
    "position/wgs84": {"latitude": 46.5, "longitude": 6.6},
    "url/http": "https://example.org/",
}
DAY = 86400.0

ids = st.sampled_from(sorted(STREAMS))
an_event = st.fixed_dictionaries(
    {
        "streamIds": st.lists(ids, min_size=1, max_size=3, unique=True),
        "type": st.sampled_from(TYPES),
        "ago": st.floats(-2 * DAY, 40 * DAY),
        "duration": st.sampled_from([0, 0, 0, 600, 3 * DAY, None]),
        "trashed": st.sampled_from([False, False, False, True]),
        "content": st.sampled_from([5, {"x": 1}, {"x": 1, "y": {"z": 2}}, {"x": "1"}, "text", None]),
    }
)
level = st.sampled_from(["read", "contribute", "manage", "create-only", "none"])
permissions = st.lists(st.tuples(st.sampled_from(["*", *STREAMS]), level), min_size=1, max_size=4)
zones = st.sampled_from(["UTC", "Europe/Zurich", "Asia/Kathmandu", "America/New_York"])
scales = st.sampled_from(["day", "week", "month", "year", "custom"])
choices = st.one_of(st.none(), st.lists(st.sampled_from([*STREAMS, "a!", "b!"]), max_size=3, unique=True))


def record(alice: Api, events: list[dict[str, Any]], moment: float) -> None:
    for one in events:
        content = CONTENTS.get(one["type"], one["content"])
        body = {
            "streamIds": one["streamIds"], "type": one["type"], "content": content,
            "time": round(moment - one["ago"], 3), "duration": one["duration"], "trashed": one["trashed"],
        }  # fmt: skip
        assert alice.post("events", body).status == 201


def listed(actor: Actor, period: Period, streams: list[str] | None) -> list[dict[str, Any]]:
    """What the API says."""
    if streams == []:
        return []
    raw: dict[str, Any] = {
        "fromTime": period.start, "toTime": math.nextafter(period.end, -math.inf), "limit": 10_000,
    }  # fmt: skip
    if streams is not None:
        raw["streams"] = streams
    found: list[dict[str, Any]] = execute("events.get", actor, raw)["events"]
    return [event for event in found if not event["id"].startswith(":")]


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)
@given(
    events=st.lists(an_event, max_size=14),
    grants=st.one_of(st.none(), permissions),
    zone=zones,
    scale=scales,
    back=st.floats(0, 45 * DAY),
    streams=choices,
    trashed=st.sampled_from([None, None, "a1", "b"]),
)
def test_counts_tiles_and_histogram(
    alice: Api,
    events: list[dict[str, Any]],
    grants: list[tuple[str, str]] | None,
    zone: str,
    scale: str,
    back: float,
    streams: list[str] | None,
    trashed: str | None,
) -> None:
    moment = now()
    prepare(alice)
    record(alice, events, moment)
    if trashed:
        alice.delete(f"streams/{trashed}")
    guest = alice
    if grants is not None:
        asked = dict(grants)
        guest = alice.share(*({"streamId": sid, "level": lv} for sid, lv in asked.items()))
    actor = actor_of(guest)
    period = (
        Period("custom", moment - back - 5 * DAY - 1234.5, moment - back + 777.25, ZoneInfo(zone))
        if scale == "custom"
        else period_at(scale, moment - back, ZoneInfo(zone))
    )
    trees = execute("streams.get", actor, {})["streams"]
    trees = [tree for tree in trees if not tree["id"].startswith(":")]
    nodes = nodes_of(trees)
    chosen = None if streams is None else [sid for sid in streams if sid.removesuffix("!") in nodes]
    readable = readable_of(actor, chosen)
    if readable is False:
        return
    expected = listed(actor, period, chosen)
    check(frame_of(actor, period, chosen), expected, trees, chosen)


def readable_of(actor: Actor, chosen: list[str] | None) -> bool:
    """Whether the API answers this question of this actor at all."""
    try:
        execute("events.get", actor, {"streams": chosen or None, "limit": 1})
    except Exception:
        return False
    return True


def check(
    frame: Frame, expected: list[dict[str, Any]], trees: list[dict[str, Any]], chosen: list[str] | None
) -> None:
    assert frame.total == len(expected)
    edges = frame.period.edges()
    begun = [event for event in expected if frame.period.start <= event["time"] < frame.period.end]
    counts = [sum(brief.count for brief in bucket) for bucket in frame.counts(edges)]
    assert counts == [
        sum(left <= event["time"] < right for event in begun) for left, right in pairwise(edges)
    ]
    nodes = nodes_of(trees)
    names = {sid: str(node["name"]) for sid, node in nodes.items()}
    islands = mosaic.islands(frame, mosaic.regions(chosen, trees, colours_of(trees)), names, chosen)
    shown_streams = frozenset().union(*(island.members for island in islands))
    assert all(not shown_streams.isdisjoint(event["streamIds"]) for event in expected)
    for island in islands:
        inside = [event for event in expected if not island.members.isdisjoint(event["streamIds"])]
        assert island.total == len(inside)
        assert sum(tile.count for tile in island.tiles) == len(inside)
        for tile in island.tiles:
            kinds = tile.kinds or (tile.kind,)
            fitting = [event for event in inside if kind_of_event(event) in kinds]
            assert tile.count == len(fitting)
            at = frame.period.clamp(now())
            shown = nearest(frame, island.members, kinds, at, 4)
            assert {event["id"] for event in shown} <= {event["id"] for event in fitting}
            assert [abs(e["time"] - at) for e in shown] == sorted(abs(e["time"] - at) for e in fitting)[:4]
    sums = [pile for bucket in frame.piles(edges) for pile in bucket if "" in pile.values]
    weights = [e["content"] for e in begun if e["type"] == "mass/kg" and e.get("duration", 0) is not None]
    assert sum(p.values[""][1] for p in sums if p.type == "mass/kg") == pytest.approx(sum(weights))
    assert all(kind(pile) for pile in sums)


def prepare(alice: Api) -> None:
    """Each example begins with the same streams and without events."""
    account = actor_of(alice).account_id
    from events.models import Event, EventStream
    from pryvsite import caching
    from streams.models import Stream

    Event.objects.filter(account_id=account).delete()
    EventStream.objects.filter(account_id=account).delete()
    Stream.objects.filter(account_id=account).exclude(id="diary").delete()
    caching.forget_all()
    for sid, parent in STREAMS.items():
        alice.stream(sid, parent=parent)


def test_digests_follow_every_change(alice: Api) -> None:
    actor, zone = actor_of(alice), ZoneInfo("Europe/Zurich")
    period = period_at("month", now(), zone)

    def total() -> int:
        return frame_of(actor, period, None).total

    event = alice.event("diary", time=period.start + 1000)
    assert total() == 1
    alice.put(f"events/{event['id']}", {"time": period.start - 10})
    assert total() == 0
    alice.put(f"events/{event['id']}", {"time": period.end - 1})
    assert total() == 1
    alice.delete(f"events/{event['id']}")
    assert total() == 0
    alice.put(f"events/{event['id']}", {"trashed": False})
    assert total() == 1
    alice.delete(f"events/{event['id']}")
    alice.delete(f"events/{event['id']}")
    assert total() == 0
    assert frame_of(actor, period, None).counts([period.start, period.end]) == [[]]
