"""accesses.update and accesses.getOne (access F106–F113, E98–E100, corrections §1.9–1.11)."""

from typing import Any

import pytest

from accesses.models import Access
from pryvsite.kernel.changes import Change
from pryvsite.kernel.integrity import access_integrity
from tests.cast import Answer, Api
from tests.notices import told as told

READ = {"streamId": "diary", "level": "read"}
MANAGE = {"streamId": "diary", "level": "manage"}
FORBIDDEN = {"feature": "secretSharing", "setting": "forbidden"}


def create(api: Api, *permissions: Any, **fields: Any) -> dict[str, Any]:
    made = api.post("accesses", {"name": "test", "permissions": list(permissions), **fields})
    assert made.status == 201, made.body
    access: dict[str, Any] = made["access"]
    return access


def app(alice: Api, *more: Any, **fields: Any) -> tuple[Api, dict[str, Any]]:
    made = create(alice, MANAGE, *more, type="app", name="an-app", **fields)
    return Api("alice", made["token"]), made


def update(api: Api, access_id: str, **change: Any) -> Answer:
    return api.put(f"accesses/{access_id}", change)


def test_all_that_can_change(alice: Api) -> None:
    made = create(alice, READ, type="app", clientData={"a": 1, "b": 2}, deviceName="phone")
    change = {"name": "new", "deviceName": None, "permissions": [MANAGE], "expireAfter": 60,
              "clientData": {"a": None, "c": 3}}  # fmt: skip
    access = update(alice, made["id"], **change)["access"]
    assert access["id"] == f"{made['id']}:1"
    assert (access["name"], access["permissions"]) == ("new", [MANAGE])
    assert "deviceName" not in access
    assert access["clientData"] == {"b": 2, "c": 3}
    assert access["expires"] == pytest.approx(access["modified"] + 60, abs=2)
    assert access["modified"] >= made["modified"]
    assert access["modifiedBy"] == alice.get("access-info")["id"]
    for kept in ("token", "created", "createdBy", "type", "apiEndpoint"):
        assert access[kept] == made[kept]


def test_new_permissions_hold_at_once(alice: Api) -> None:
    guest, made = app(alice)
    assert guest.post("events", {"streamIds": ["diary"], "type": "note/txt", "content": "x"}).status == 201
    update(alice, made["id"], permissions=[READ])
    assert guest.post("events", {"streamIds": ["diary"], "type": "note/txt", "content": "x"}).status == 403
    assert guest.get("access-info")["id"] == made["id"]


def test_clearing(alice: Api) -> None:
    made = create(alice, READ, expireAfter=60, clientData={"a": 1})
    access = update(alice, made["id"], expires=None, clientData=None)["access"]
    assert not {"expires", "clientData"} & access.keys()


def test_f106_serials(alice: Api) -> None:
    base = create(alice, READ)["id"]
    assert update(alice, base, name="b")["access"]["id"] == f"{base}:1"
    stale = update(alice, base, name="c")
    assert (stale.status, stale.error) == (409, "stale-resource")
    assert stale.data == {"provided": base, "currentSerial": 1}
    assert update(alice, f"{base}:1", name="c")["access"]["id"] == f"{base}:2"


@pytest.mark.parametrize("suffix", ["", ":1"])
def test_f107_ids_that_name_nothing(alice: Api, suffix: str) -> None:
    base = create(alice, READ)["id"]
    assert update(alice, f"{base}:1").error == "stale-resource"
    for wrong in (f"{base}:0", f"{base}:abc", f"{base}:", f"{base}:01", f"{base}:99999999999", "unknown"):
        assert update(alice, wrong).error == "unknown-resource"
    alice.delete(f"accesses/{base}")
    assert update(alice, f"{base}{suffix}").error == "unknown-resource"


def test_f108_who_may(alice: Api) -> None:
    own = alice.get("access-info")["id"]
    assert update(alice, own, name="x").error == "forbidden"
    helper, made = app(alice)
    other, other_made = Api("alice"), create(alice, MANAGE, type="app", name="other")
    other.token = other_made["token"]
    shared = create(alice, READ)
    for target in (made, other_made, shared):
        assert update(helper, target["id"], name="x").error == "forbidden"
    assert update(helper, own, name="x").error == "forbidden"
    child = create(helper, READ, name="child")
    assert update(other, child["id"], name="x").error == "forbidden"
    guest = Api("alice", child["token"])
    assert update(guest, child["id"], name="x").error == "forbidden"
    assert update(guest, "unknown").error == "forbidden"
    changed = update(helper, child["id"], name="renamed")["access"]
    assert (changed["name"], changed["modifiedBy"]) == ("renamed", made["id"])


@pytest.mark.parametrize("caller", ["owner", "app"])
def test_f109_shares_stay_within_their_app(alice: Api, caller: str) -> None:
    helper, made = app(alice, expireAfter=3600)
    child = create(helper, READ, name="child")
    by = alice if caller == "owner" else helper
    wider = update(by, child["id"], permissions=[{"streamId": "*", "level": "read"}])
    assert (wider.status, wider.error) == (400, "invalid-operation")
    assert wider.data == {"managingAccessId": made["id"]}
    for later in ({"expireAfter": 7200}, {"expires": None}):
        refused = update(by, child["id"], **later)
        assert refused.error == "invalid-operation"
        assert refused.data.keys() == {"parentExpires", "requestedExpires"}
    assert alice.get(f"accesses/{child['id']}")["access"]["id"] == child["id"]
    assert update(by, child["id"], permissions=[MANAGE], expireAfter=60).status == 200


def test_what_the_owner_shares_has_no_bounds(alice: Api) -> None:
    made = create(alice, READ)
    wide = [{"streamId": "*", "level": "manage"}]
    assert update(alice, made["id"], permissions=wide, expireAfter=1e9).status == 200


@pytest.mark.parametrize("change", [{"permissions": [READ]}, {"expireAfter": 60}])
def test_f110_apps_keep_what_they_handed_out(alice: Api, change: Any) -> None:
    helper, made = app(alice)
    child = create(helper, MANAGE, name="child")
    create(helper, READ, name="old", expireAfter=0)
    answer = update(alice, made["id"], **change)
    assert (answer.status, answer.error) == (400, "invalid-operation")
    assert answer.data == {"offendingChildren": [child["id"]]}
    assert alice.get(f"accesses/{made['id']}")["access"] == {
        **made, "lastUsed": alice.get(f"accesses/{made['id']}")["access"]["lastUsed"]
    }  # fmt: skip
    assert helper.get("access-info")["permissions"][1] == MANAGE
    alice.delete(f"accesses/{child['id']}")
    assert update(alice, made["id"], **change).status == 200


def test_f111_versions(alice: Api) -> None:
    base = create(alice, READ, name="v0")["id"]
    first = alice.get(f"accesses/{base}")["access"]
    current = base
    for number in (1, 2, 3):
        current = update(alice, current, name=f"v{number}")["access"]["id"]
    old = alice.get(f"accesses/{base}:1")
    assert (old["access"]["id"], old["access"]["name"], old["current"]) == (f"{base}:1", "v1", f"{base}:3")
    assert alice.get(f"accesses/{base}:9").error == "unknown-resource"
    for head in (base, f"{base}:3"):
        found = alice.get(f"accesses/{head}?includeHistory=true")
        assert (found["access"]["name"], "current" in found.body) == ("v3", False)
        assert [version["id"] for version in found["history"]] == [base, f"{base}:1", f"{base}:2"]
        assert [version["name"] for version in found["history"]] == ["v0", "v1", "v2"]
        kept = {name: value for name, value in first.items() if name != "lastUsed"}
        assert found["history"][0] == kept


def test_get_one_is_for_who_manages(alice: Api) -> None:
    helper, made = app(alice)
    child = create(helper, READ, name="child")
    other = create(alice, READ, name="other")
    assert helper.get(f"accesses/{made['id']}")["access"]["token"] == helper.token
    assert helper.get(f"accesses/{child['id']}")["access"]["apiEndpoint"] == child["apiEndpoint"]
    own = alice.get("access-info")["id"]
    for hidden in (other["id"], own, "unknown", f"{made['id']}:1", "x:0"):
        found = helper.get(f"accesses/{hidden}")
        assert (found.status, found.error) == (404, "unknown-resource")
        assert found["error"]["message"] == f'Unknown access "{hidden}".'
    assert Api("alice", child["token"]).get(f"accesses/{child['id']}").error == "forbidden"
    alice.delete(f"accesses/{child['id']}")
    assert alice.get(f"accesses/{child['id']}").error == "unknown-resource"


def test_f112_names_of_permissions_are_dropped(alice: Api) -> None:
    made = create(alice, READ)
    fed_back = [{**READ, "name": "Diary"}, {"streamId": "new", "level": "read", "defaultName": "New"}]
    access = update(alice, made["id"], permissions=fed_back)["access"]
    assert access["permissions"] == [READ, {"streamId": "new", "level": "read"}]
    assert "new" not in {stream["id"] for stream in alice.trees()}


def test_f113_listeners_hear(alice: Api, told: list[Change]) -> None:
    made = create(alice, READ)
    told.clear()
    update(alice, made["id"], name="b")
    assert told == [Change.ACCESSES]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"deleted": 1}, 400),
        ({"calls": {}}, 400),
        ({"foo": 1}, 400),
        ({"expires": 5}, 400),
        ({"expireAfter": None}, 400),
        ({"expireAfter": -1}, 400),
        ({"expireAfter": 3, "expires": None}, 400),
        ({"deviceName": "phone"}, 400),
        ({"permissions": None}, 400),
        ({"permissions": [{"streamId": "diary"}]}, 400),
        ({"permissions": [{"streamId": "a\nb", "level": "read"}]}, 400),
        ({"permissions": [{"streamId": ":_system:language", "level": "manage"}]}, 400),
        ({"permissions": [{"streamId": ":_system:unknown", "level": "read"}]}, 403),
        ({"clientData": {"cmc": 1}}, 400),
        ({"clientData": {"dpop": 1}}, 403),
        ({"clientData": []}, 400),
        ({"name": ""}, 400),
        ({"token": "x"}, 403),
        ({"type": "app"}, 403),
        ({"id": "x"}, 403),
        ({"created": 1}, 403),
        ({"alias": "r-aaaaaaaa"}, 403),
    ],
)
def test_what_cannot_change(alice: Api, change: Any, status: int) -> None:
    made = create(alice, READ)
    answer = update(alice, made["id"], **change)
    assert answer.status == status, answer.body
    assert alice.get(f"accesses/{made['id']}")["access"] == made


def test_names_stay_unique(alice: Api) -> None:
    create(alice, READ, name="taken")
    made = create(alice, READ, name="other")
    answer = update(alice, made["id"], name="taken")
    assert (answer.status, answer.data["name"]) == (409, "taken")
    assert update(alice, made["id"], name="other").status == 200


def test_oauth_accesses_keep_their_name(alice: Api) -> None:
    made = create(alice, READ, type="app", name="oauth:client")
    assert update(alice, made["id"], name="other").error == "forbidden"
    assert update(alice, made["id"], name="oauth:client").status == 200


def test_e100_restriction_on_secrets_stays_in_updates(alice: Api) -> None:
    helper, _ = app(alice, FORBIDDEN)
    child = create(helper, READ, name="child")
    for by in (helper, alice):
        child = update(by, child["id"], permissions=[READ])["access"]
        assert child["permissions"] == [READ, FORBIDDEN]
    allowed = {"feature": "secretSharing", "setting": "allowed"}
    assert update(helper, child["id"], permissions=[READ, allowed]).error == "invalid-operation"


def test_createdby_of_an_updated_app_is_composite(alice: Api) -> None:
    helper, made = app(alice)
    update(alice, made["id"], name="renamed")
    child = create(helper, READ, name="child")
    assert child["createdBy"] == f"{made['id']}:1"
    assert [access["id"] for access in helper.get("accesses")["accesses"]] == [child["id"]]


def hashed(wire: dict[str, Any], serial: int) -> str:
    """The hash of the stored form, from the wire."""
    base = wire["id"].partition(":")[0]
    return access_integrity({**wire, "id": base} | ({"serial": serial} if serial else {}))


def test_integrity_follows(alice: Api) -> None:
    made = create(alice, READ, clientData={"a": [1, None]}, expireAfter=60)
    assert made["integrity"] == hashed(made, 0)
    access = update(alice, made["id"], name="b")["access"]
    assert access["integrity"] == hashed(access, 1)
    assert access["integrity"] != made["integrity"]
    alice.delete(f"accesses/{access['id']}")
    (gone,) = alice.get("accesses?includeDeletions=true")["accessDeletions"]
    assert gone["deleted"]
    assert gone["integrity"] == hashed(gone, 1)


def test_versions_hold_no_token(alice: Api) -> None:
    from accesses.models import AccessVersion

    made = create(alice, READ)
    update(alice, made["id"], name="b")
    assert made["token"] not in str(AccessVersion.objects.values().get())


def test_f119_deleting_an_updated_access(alice: Api) -> None:
    base = create(alice, READ)["id"]
    for serial in ("", ":1"):
        update(alice, f"{base}{serial}")
    for stale in (base, f"{base}:1"):
        assert alice.delete(f"accesses/{stale}").error == "stale-resource"
    assert alice.delete(f"accesses/{base}:2")["accessDeletion"] == {"id": base}
    assert Access.objects.get(id=base).deleted
