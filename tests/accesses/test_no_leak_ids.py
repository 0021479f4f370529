"""Who gets at which access, whatever its level, and at another account's things by their ids.

The oracle is the table of access §3.3; nothing here asks the code what it allows.
"""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from pryvsite.api.registry import ROUTES
from pryvsite.wiring import wire
from tests.accounts.test_operator import KEY
from tests.cast import Answer, Api, register

LEVELS = ("read", "create-only", "contribute", "manage")
CALLERS = [("personal", ""), *(("app", level) for level in LEVELS), *(("shared", level) for level in LEVELS)]
GONE = ("deleted", "carols", "unknown")
OTHERS = ("owners", "sibling", "siblings-share", "session")
Outcome = tuple[int, str | None]
OK, NO, UNKNOWN = (200, None), (403, "forbidden"), (404, "unknown-resource")


@dataclass
class Ring:
    """A caller, and accesses by what they are to him."""

    caller: Api
    kind: str
    ids: dict[str, str] = field(default_factory=dict)

    def read(self, target: str) -> Outcome:
        if self.kind == "shared":
            return NO
        seen = self.kind == "personal" or target in ("own", "self")
        return OK if seen and target not in GONE else UNKNOWN

    def change(self, target: str) -> Outcome:
        if self.kind == "shared":
            return NO
        if target in GONE:
            return UNKNOWN
        if self.kind == "personal":
            return NO if target in ("session", "self") else OK
        return OK if target == "own" else NO

    def end(self, target: str) -> Outcome:
        if target in GONE:
            return UNKNOWN
        return OK if self.kind == "personal" or target in ("own", "self") else NO


def made(api: Api, name: str, level: str = "read", **fields: Any) -> Api:
    return api.share({"streamId": "diary", "level": level}, name=name, **fields)


def id_of(api: Api) -> str:
    return str(api.get("access-info")["id"])


@pytest.fixture
def ring(alice: Api, carol: Api, request: pytest.FixtureRequest) -> Ring:
    kind, level = request.param
    caller = alice if kind == "personal" else made(alice, "the-caller", level, type=kind)
    sibling = made(alice, "Name-sibling-x", "manage", type="app")
    ring = Ring(caller, kind)
    share = {"name": "x", "permissions": [{"streamId": "diary", "level": "read"}]}
    shares = {"owners": alice, "siblings-share": sibling, "deleted": alice, "carols": carol}
    if kind == "app" and level != "create-only":
        shares["own"] = caller
    for what, maker in shares.items():
        ring.ids[what] = str(maker.post("accesses", {**share, "name": f"Name-{what}-x"})["access"]["id"])
    alice.delete(f"accesses/{ring.ids['deleted']}")
    ring.ids |= {"sibling": id_of(sibling), "session": id_of(alice), "unknown": "c" + "0" * 23}
    if kind != "personal":
        ring.ids["self"] = id_of(caller)
    return ring


def names(answer: Answer) -> set[str]:
    return {target for target in (*OTHERS, *GONE) if f"Name-{target}-x" in str(answer.body)}


def told(ring: Ring, verb: str, body: Any = None, last: str = "") -> dict[str, Outcome]:
    """What each access answers; refusals tell nothing of it."""
    outcomes = {}
    for target in sorted(ring.ids, key=lambda name: (name == last, name)):
        answer = ring.caller.call(verb, f"accesses/{ring.ids[target]}", body)
        outcomes[target] = answer.status, answer.error
        assert answer.error is None or not names(answer), (target, answer.body)
    return outcomes


def name_of(caller: tuple[str, str]) -> str:
    return "-".join(caller)


ALL = pytest.mark.parametrize("ring", CALLERS, indirect=True, ids=name_of)


@ALL
def test_single_accesses(ring: Ring) -> None:
    assert told(ring, "GET") == {target: ring.read(target) for target in ring.ids}
    unreadable = [target for target in ring.ids if ring.read(target) == UNKNOWN]
    bodies = {str(ring.caller.get(f"accesses/{ring.ids[target]}")["error"]).replace(ring.ids[target], "")
              for target in unreadable}  # fmt: skip
    assert len(bodies) <= 1, "hidden and absent are one"


@ALL
def test_listed_accesses(ring: Ring) -> None:
    answer = ring.caller.get("accesses?includeDeletions=true&includeExpired=true")
    if ring.kind == "shared":
        assert (answer.status, answer.error) == NO
        return
    listed = {access["id"] for access in answer["accesses"]}
    assert listed == {ring.ids[target] for target in ring.ids if ring.read(target) == OK and target != "self"}
    buried = {access["id"] for access in answer["accessDeletions"]}
    assert buried == ({ring.ids["deleted"]} if ring.kind == "personal" else set())


@ALL
def test_changed_accesses(ring: Ring) -> None:
    assert told(ring, "PUT", {"clientData": {"a": 1}}) == {target: ring.change(target) for target in ring.ids}


@ALL
def test_deleted_accesses(ring: Ring) -> None:
    last = "session" if ring.kind == "personal" else "self"
    if ring.kind == "personal":
        del ring.ids["siblings-share"]  # goes along with its app
    assert told(ring, "DELETE", last=last) == {target: ring.end(target) for target in ring.ids}


def filled(alice: Api, route: tuple[str, ...]) -> str:
    """A path of Alice's with her ids in it."""
    event = alice.get("events?types=picture/attached")["events"][0]
    access = alice.get("accesses")["accesses"][0]["id"]
    values = {"events": event["id"], "streams": "room", "accesses": access}
    parts = []
    for part in route:
        if part.startswith("{id}"):
            parts.append(part.replace("{id}", values.get(route[0], "room")))
        elif part == "{fileId}":
            parts.append(event["attachments"][0]["id"])
        else:
            parts.append(part.replace("{name*}", "file.txt"))
    return "/".join(parts)


def test_another_accounts_ids_through_every_route(alice: Api) -> None:
    alice.stream("room", None, "Name-room-x")
    file = SimpleUploadedFile("file.txt", b"Secret-room-x")
    body = '{"streamIds": ["room"], "type": "picture/attached", "description": "Secret-room-x"}'
    alice.form("events", {"event": body, "file": file})
    before = [
        alice.get(path)["streams" if path.startswith("s") else "events"] for path in ("streams", "events")
    ]
    carol = register("carol-two")
    walked = 0
    for route in ROUTES["account"]:
        path = filled(alice, route.segments)
        allow = route.method.allow if route.method else route.contract.allow if route.contract else "token"
        if route.verb in ("PUT", "DELETE") and route.segments[:1] in (("account",), ("profile",)):
            continue  # Carol's own
        strangers = [Api("alice", carol.token), Api("carol-two", alice.token)]
        callers = [carol] if "{" in "/".join(route.segments) else []
        for api in (*strangers, *callers):
            answer = api.call(route.verb, path, None if route.verb in ("GET", "DELETE") else {})
            text = str(answer.body)
            assert "Secret-room-x" not in text, (route, text)
            assert "Name-room-x" not in text, (route, text)
            if allow != "open" and route.segments and "mfa" not in route.segments:
                assert answer.status in (400, 401, 403, 404, 410), (route, answer.body)
            walked += 1
    assert walked > 60
    after = [
        alice.get(path)["streams" if path.startswith("s") else "events"] for path in ("streams", "events")
    ]
    assert after == before


wire()
PLATFORM = [(route.verb, "/" + "/".join(route.segments)) for route in ROUTES["platform"]]
BY_KEY = "/reg/access/{key}"  # the key is what lets in


def of_alice(alice: Api, path: str) -> str:
    access = alice.get("accesses")["accesses"][0]["id"]
    values = {"username": "alice", "email": "alice@example.org", "accessId": access, "name": "testserver"}
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path.replace("{name*}", "index.json")


def of_nobody(path: str) -> str:
    values = {"username": "nobody-42", "email": "nobody@example.org", "accessId": "c" + "0" * 23, "name": "x"}
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path.replace("{name*}", "index.json")


@pytest.mark.parametrize(("verb", "path"), [one for one in PLATFORM if one[1] != BY_KEY])
@pytest.mark.parametrize("who", ["nobody", "carol", "app"])
@override_settings(ADMIN_ACCESS_KEY=KEY, ACCOUNT_DELETION=["adminToken", "personalToken"])
def test_another_account_through_the_platforms_routes(
    alice: Api, carol: Api, verb: str, path: str, who: str
) -> None:
    alice.event("diary", content="Secret-room-x")
    app = made(alice, "Name-app-x", "manage", type="app")
    token = {"nobody": None, "carol": carol.token, "app": app.token}[who]
    body = None if verb in ("GET", "DELETE") else {}
    answer = Api("x", token).call(verb, of_alice(alice, path), body)
    text = f"{answer.body!r}{answer.headers}"
    own = () if who == "app" else (id_of(app),)  # whose access it is may read its id
    for secret in (alice.token, app.token, *own, "Secret-room-x", "Name-app-x"):
        assert str(secret) not in text
    if path.startswith(("/system", "/reg/admin")):
        absent = Api("x", token).call(verb, of_nobody(path), body)
        assert (answer.status, answer.error) == (absent.status, absent.error) == UNKNOWN
        assert answer["error"] == absent["error"], "whom it is about isn't told"
    if verb == "DELETE" and path.startswith("/users"):
        assert answer.error == "invalid-access-token"
    assert alice.get("events")["events"], "nothing was lost"
