"""Who gets what: every method with every kind of access on every kind of stream, against an oracle that is
written from the specification's tables (data §2.2–2.6, §3.2, §3.6–3.12; access §3.3; corrections 13).

Nothing here asks the code what it allows. A method that joins the registry fails the first test until it
is walked here, or is said to touch no stream.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pryvsite.api.registry import METHODS, ROUTES
from tests.cast import Answer, Api

PARENTS = {"house": None, "room": "house", "box": "room", "attic": "room", "hall": "house", "diary": None}
TRASHED = "attic"
PLACES = ("house", "room", "box", "attic", "hall", "nowhere", "carols")  # the last: a stream of Carol's
EXISTING = tuple(place for place in PLACES if place in PARENTS)
LEVELS = ("none", "read", "create-only", "contribute", "manage")

# The table of data §2.2.
SEE = {"read", "create-only", "contribute", "manage"}
READ = {"read", "contribute", "manage"}
CREATE = {"create-only", "contribute", "manage"}
UPDATE = {"contribute", "manage"}
MANAGE = {"manage"}
RANK = {"none": -1, "read": 0, "create-only": 1, "contribute": 1, "manage": 2}

Grants = dict[str, str]
GRANTS: list[Grants | None] = [
    None,  # the owner
    *({"room": level} for level in LEVELS),
    *({"*": level} for level in LEVELS),
    *({"*": "manage", "room": level} for level in LEVELS[:-1]),
    {"*": "read", "room": "create-only", "box": "none"},
    {"room": "none", "box": "contribute"},
]


@dataclass
class World:
    """Alice's data, Carol's, and a guest of Alice's."""

    alice: Api
    carol: Api
    guest: Api
    grants: Grants | None
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    series: dict[str, str] = field(default_factory=dict)
    doomed: dict[str, str] = field(default_factory=dict)

    def level(self, place: str) -> str:
        """The nearest explicit grant upwards, else that of everything."""
        if self.grants is None:
            return "manage"
        current: str | None = place
        while current is not None:
            if current in self.grants:
                return self.grants[current]
            current = PARENTS.get(current)
        return self.grants.get("*", "none")

    def knows_all(self) -> bool:
        """Whether the guest lists everything: such are told that a stream does not exist."""
        return self.grants is None or self.grants.get("*") in SEE

    def reads_all(self) -> bool:
        return self.grants is None or self.grants.get("*") in READ

    def manages_all(self) -> bool:
        return self.grants is None or self.grants.get("*") in MANAGE

    def event(self, place: str) -> str:
        return str(self.events[place]["id"]) if place in self.events else "c" + place.ljust(23, "0")


Expected = set[tuple[int, str | None]]
OK: Expected = {(200, None), (201, None)}
NO: Expected = {(403, "forbidden")}
UNKNOWN: Expected = {(404, "unknown-resource")}
NO_SUCH: Expected = {(400, "unknown-referenced-resource")}
TRASH: Expected = {(400, "invalid-operation")}


def item(world: World, place: str, allowing: set[str]) -> Expected:
    """The item of the path: 404 when it isn't there, else by level."""
    if place not in EXISTING:
        return UNKNOWN
    return OK if world.level(place) in allowing else NO


def listed(world: World, place: str) -> Expected:
    """data §2.3."""
    if place not in EXISTING:
        return NO_SUCH if world.knows_all() else NO
    return OK if world.level(place) in SEE else NO


def filtered(world: World, place: str) -> Expected:
    """data §3.2, corrections 13."""
    if place not in EXISTING:
        return NO_SUCH if world.reads_all() else NO
    return OK if world.level(place) in READ else NO


def below(world: World, place: str) -> Expected:
    """data §2.4: right, then existence, then trash."""
    if place not in EXISTING:
        return NO_SUCH if world.manages_all() else NO
    if world.level(place) not in MANAGE:
        return NO
    return TRASH if place == TRASHED else OK


def created(world: World, place: str) -> Expected:
    """data §3.7: existence and trash come before the right."""
    if place not in EXISTING:
        return NO_SUCH
    if place == TRASHED:
        return TRASH
    return OK if world.level(place) in CREATE else NO


def moved(world: World, place: str) -> Expected:
    """data §3.8: the right to change the event in its stream and in the one that is added."""
    if place not in EXISTING:
        return NO_SUCH
    if place == TRASHED:
        return TRASH
    return OK if world.level("room") in UPDATE and world.level(place) in UPDATE else NO


def points(world: World, place: str) -> Expected:
    """data §3.12, §4.6: trashing concerns the event's own flag."""
    return item(world, place, CREATE)


def shared(world: World, place: str) -> Expected:
    """access §3.3, for a read permission; and nobody hands out a place that hides another one from him."""
    if world.grants is None:
        return OK
    own = world.level(place)
    hidden = any(
        world.level(sid) in {"none", "create-only"} and place in ancestors(sid) for sid in world.grants
    )
    return OK if own in READ and not hidden else NO


def ancestors(place: str) -> Iterable[str]:
    current = PARENTS.get(place)
    while current is not None:
        yield current
        current = PARENTS.get(current)


def reshared(world: World, place: str) -> Expected:
    """access §3.3, §3.7: a share stays within the rights of its app, which changes no other."""
    if world.grants is None:
        return OK
    if not sharable(world):
        return NO
    return OK if shared(world, place) is OK else {(400, "invalid-operation")}


def sharable(world: World) -> list[str]:
    """The places that the caller can hand out."""
    return [place for place in EXISTING if shared(world, place) is OK]


FLAT = {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": [[1, 2]]}
NOTE = {"type": "note/txt", "content": "new"}
Ask = Callable[[World, str], Answer]
Oracle = Callable[[World, str], Expected]


def both(call: str, params: Callable[[World, str], dict[str, Any]]) -> Ask:
    """The same call in a batch."""

    def ask(world: World, place: str) -> Answer:
        answer = world.guest.post("", [{"method": call, "params": params(world, place)}])
        result = answer["results"][0]
        status = 200 if "error" not in result else -1
        return Answer(status, result, answer.headers)

    return ask


def preview(world: World, place: str) -> Expected:
    """data §3.9: nothing to show of what isn't a picture, for those who may read it."""
    expected = item(world, place, READ)
    return {(204, None)} if expected is OK else expected


def first_file(world: World, place: str) -> str:
    return str(world.events[place]["attachments"][0]["id"]) if place in world.events else "nofile"


def delete_stream(world: World, place: str) -> Answer:
    return world.guest.delete(f"streams/{place}?mergeEventsWithParent=false")


def reshare(world: World, place: str) -> Answer:
    """A share of the caller's, or of the owner's where he can't share, is to lead elsewhere."""
    own = sharable(world)
    maker, first = (world.guest, own[0]) if own else (world.alice, "room")
    body = {"name": f"share {place}", "permissions": [{"streamId": first, "level": "read"}]}
    access = maker.post("accesses", body)["access"]
    return world.guest.put(
        f"accesses/{access['id']}", {"permissions": [{"streamId": place, "level": "read"}]}
    )


# In this order: what destroys comes last.
CASES: list[tuple[str, Ask, Oracle]] = [
    ("streams.get", lambda w, p: w.guest.get(f"streams?id={p}&state=all"), listed),
    ("streams.get", lambda w, p: w.guest.get(f"streams?parentId={p}&state=all"), listed),
    ("events.get", lambda w, p: w.guest.get(f'events?streams=["{p}"]&state=all'), filtered),
    ("events.getOne", lambda w, p: w.guest.get(f"events/{w.event(p)}?includeHistory=true"),
     lambda w, p: item(w, p, READ)),
    ("events.getPreview", lambda w, p: w.guest.get(f"events/{w.event(p)}.jpg"), preview),
    ("events.getAttachment", lambda w, p: w.guest.get(f"events/{w.event(p)}/{first_file(w, p)}"),
     lambda w, p: item(w, p, READ)),
    ("series.read", lambda w, p: w.guest.get(f"events/{w.series.get(p) or w.event(p)}/series"),
     lambda w, p: item(w, p, READ)),
    ("series.write", lambda w, p: w.guest.post(f"events/{w.series.get(p) or w.event(p)}/series", FLAT),
     points),
    ("events.create", lambda w, p: w.guest.post("events", {**NOTE, "streamIds": [p]}), created),
    ("events.update", lambda w, p: w.guest.put(f"events/{w.event(p)}", {}), lambda w, p: item(w, p, UPDATE)),
    ("events.update",
     lambda w, p: w.guest.put(f"events/{w.doomed['room']}", {"streamIds": ["room", p]}), moved),
    ("events.addFiles", lambda w, p: w.guest.post(f"events/{w.event(p)}"),
     lambda w, p: item(w, p, UPDATE)),
    ("streams.create", lambda w, p: w.guest.post("streams", {"name": f"new {p}", "parentId": p}), below),
    ("streams.update", lambda w, p: w.guest.put(f"streams/{p}", {}), lambda w, p: item(w, p, MANAGE)),
    ("accesses.create", lambda w, p: w.guest.post(
        "accesses", {"name": f"for {p}", "permissions": [{"streamId": p, "level": "read"}]}), shared),
    ("accesses.update", reshare, reshared),
    ("accesses.checkApp", lambda w, p: w.guest.post("accesses/check-app", {
        "requestingAppId": "asking-app",
        "requestedPermissions": [{"streamId": p, "level": "read", "defaultName": "Other"}]}),
     lambda w, _: OK if w.grants is None else NO),
    ("events.deleteAttachment", lambda w, p: w.guest.delete(f"events/{w.event(p)}/{first_file(w, p)}"),
     lambda w, p: item(w, p, UPDATE)),
    ("events.delete", lambda w, p: w.guest.delete(f"events/{w.doomed.get(p) or w.event(p)}"),
     lambda w, p: item(w, p, UPDATE)),
    ("streams.delete", delete_stream, lambda w, p: item(w, p, MANAGE)),
]  # fmt: skip
BATCHED: list[tuple[str, Ask, Oracle]] = [
    ("streams.get", both("streams.get", lambda _, p: {"id": p, "state": "all"}), listed),
    ("events.get", both("events.get", lambda _, p: {"streams": [p], "state": "all"}), filtered),
    ("events.getOne", both("events.getOne", lambda w, p: {"id": w.event(p)}),
     lambda w, p: item(w, p, READ)),
    ("events.create", both("events.create", lambda _, p: {**NOTE, "streamIds": [p]}), created),
    ("events.update", both("events.update", lambda w, p: {"id": w.event(p), "update": {}}),
     lambda w, p: item(w, p, UPDATE)),
    ("streams.create", both("streams.create", lambda _, p: {"name": f"batch {p}", "parentId": p}), below),
    ("streams.update", both("streams.update", lambda _, p: {"id": p, "update": {}}),
     lambda w, p: item(w, p, MANAGE)),
    ("accesses.create", both("accesses.create", lambda _, p: {
        "name": f"batch {p}", "permissions": [{"streamId": p, "level": "read"}]}), shared),
    ("events.delete", both("events.delete", lambda w, p: {"id": w.doomed.get(p) or w.event(p)}),
     lambda w, p: item(w, p, UPDATE)),
    ("streams.delete",
     both("streams.delete", lambda _, p: {"id": p, "mergeEventsWithParent": False}),
     lambda w, p: item(w, p, MANAGE)),
]  # fmt: skip
ELSEWHERE = {
    "callBatch": "walked below, call by call",
    "series.batch": "walked below",
    "accesses.get": "tests/accesses/test_no_leak_ids.py",
    "accesses.getOne": "tests/accesses/test_no_leak_ids.py",
    "accesses.delete": "tests/accesses/test_no_leak_ids.py",
    "getAccessInfo": "of itself",
}
NO_STREAM = (
    "admin.",
    "service.",
    "auth.",
    "account.",
    "profile.",
    "mfa.",
    "access.",
    "system.",
    "apps.",
    "removed.",
)


def routes() -> list[str]:
    """The ids of all methods and account endpoints."""
    views = [route.contract.id for route in ROUTES["account"] if route.contract and route.contract.answers]
    return sorted({*METHODS, *views})


def test_every_method_is_walked() -> None:
    walked = {name for name, _, _ in CASES} | ELSEWHERE.keys()
    missing = [name for name in routes() if name not in walked and not name.startswith(NO_STREAM)]
    assert missing == []
    assert walked <= set(routes())


@pytest.fixture
def world(alice: Api, carol: Api, request: pytest.FixtureRequest) -> World:
    for place, parent in PARENTS.items():
        if place != "diary":
            alice.stream(place, parent, f"Name-{place}-x")
    carol.stream("carols", None, "Name-carols-x")
    grants: Grants | None = request.param
    guest = alice
    if grants is not None:
        entries = [{"streamId": sid, "level": level} for sid, level in grants.items()]
        guest = alice.share(*entries, type="app", name="guest-app")
    world = World(alice, carol, guest, grants)
    for place in (*EXISTING, "carols"):
        owner = carol if place == "carols" else alice
        body = f'{{"streamIds": ["{place}"], "type": "note/txt", "content": "Secret-{place}-x"}}'
        file = SimpleUploadedFile("file.txt", f"Secret-{place}-x".encode())
        world.events[place] = owner.form("events", {"event": body, "file": file})["event"]
        world.series[place] = owner.event(place, type="series:mass/kg", content=None)["id"]
        world.doomed[place] = owner.event(place, content=f"Secret-{place}-x")["id"]
    alice.delete(f"streams/{TRASHED}")
    return world


def silent(world: World, answer: Answer, name: str) -> None:
    """Nothing of what the guest may not read or see is in an answer."""
    text = str(answer.body)
    for place in (*EXISTING, "carols"):
        level = world.level(place) if place in EXISTING else "none"
        if level not in READ:
            assert f"Secret-{place}-x" not in text, (name, place)
        if level not in SEE:
            assert f"Name-{place}-x" not in text, (name, place)


def of(expected: Expected, *, batch: bool) -> set[tuple[int, str | None]] | set[str | None]:
    return {error for _, error in expected} if batch else expected


def walk(world: World, cases: list[tuple[str, Ask, Oracle]], *, batch: bool) -> None:
    wrong = []
    order = ("nowhere", "carols", "attic", "box", "hall", "room", "house")
    for name, ask, oracle in cases:
        for place in order:
            if name == "streams.delete" and place in ("room", "house"):
                continue  # what is below went before
            answer = ask(world, place)
            got: Any = answer.error if batch else (answer.status, answer.error)
            expected = of(oracle(world, place), batch=batch)
            if got not in expected:
                wrong.append((name, place, world.level(place), got, expected))
            silent(world, answer, name)
    assert not wrong, "\n".join(map(str, wrong))


def ids(grants: Grants | None) -> str:
    return "owner" if grants is None else ",".join(f"{sid}-{level}" for sid, level in grants.items())


@pytest.mark.parametrize("world", GRANTS, indirect=True, ids=ids)
def test_each_call(world: World) -> None:
    walk(world, CASES, batch=False)


@pytest.mark.parametrize("world", GRANTS, indirect=True, ids=ids)
def test_each_call_in_a_batch(world: World) -> None:
    walk(world, BATCHED, batch=True)


@pytest.mark.parametrize("world", GRANTS, indirect=True, ids=ids)
def test_listings_hold_what_is_allowed_and_nothing_else(world: World) -> None:
    found = world.guest.get("events?state=all&limit=1000")
    silent(world, found, "events.get")
    got = {event["content"] for event in found["events"] if event["type"] == "note/txt"}
    assert got == {f"Secret-{place}-x" for place in EXISTING if world.level(place) in READ}
    trees = world.guest.get("streams?state=all")
    silent(world, trees, "streams.get")
    waiting, seen = list(trees["streams"]), set()
    while waiting:
        stream = waiting.pop()
        seen.add(stream["id"])
        waiting += stream["children"]
    assert {sid for sid in seen if sid in PARENTS} == {sid for sid in PARENTS if world.level(sid) in SEE}


@pytest.mark.parametrize("world", GRANTS, indirect=True, ids=ids)
def test_points_of_several_events(world: World) -> None:
    """All or nothing: one event that may not be written refuses the call."""
    for place in PLACES:
        ids = [world.series.get(sid) or world.event(sid) for sid in ("room", place)]
        data = [{"eventId": event_id, "data": FLAT} for event_id in ids]
        answer = world.guest.post("series/batch", {"format": "seriesBatch", "data": data})
        allowed = points(world, "room") is OK and points(world, place) is OK
        assert (answer.status < 300) is allowed, (place, answer.body)
        silent(world, answer, "series.batch")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("kind", ["shared", "app"])
def test_unreadable_and_unknown_streams_are_told_apart_nowhere_in_listings(
    alice: Api, level: str, kind: str
) -> None:
    alice.stream("room")
    alice.stream("hall")
    guest = alice.share({"streamId": "room", "level": level}, type=kind)
    for path in ("events?streams={}", "streams?id={}", "streams?parentId={}"):
        existing, unknown = (guest.get(path.format(sid)) for sid in ("hall", "nowhere"))
        assert existing["error"] == unknown["error"]
        assert existing.status == unknown.status == 403
