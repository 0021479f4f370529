"""accesses.get and accesses.delete (access F102–F124)."""

from typing import Any

import pytest

from tests.cast import Api

DIARY = {"streamId": "diary", "level": "manage"}


def ids(api: Api, query: str = "") -> set[str]:
    return {access["id"] for access in api.get(f"accesses{query}")["accesses"]}


def own_id(api: Api) -> str:
    return str(api.get("access-info")["id"])


def test_f102_the_owner_sees_all(alice: Api) -> None:
    guest = alice.guest("read")
    accesses = alice.get("accesses")["accesses"]
    assert {a["id"] for a in accesses} == {own_id(alice), own_id(guest)}
    assert [a["name"] for a in accesses] == sorted(a["name"] for a in accesses)
    assert all(a["token"] and a["apiEndpoint"] and "calls" not in a for a in accesses)


def test_f103_apps_see_what_they_made(alice: Api) -> None:
    app = alice.share(DIARY, type="app", name="an-app")
    alice.guest("read")
    assert ids(app) == set()
    child = app.guest("read")
    assert ids(app) == {own_id(child)}


def test_f104_expired_and_deleted(alice: Api) -> None:
    alice.share(DIARY, expireAfter=0, name="old")
    gone = alice.share(DIARY, name="gone")
    gone_id = own_id(gone)
    alice.delete(f"accesses/{gone_id}")
    assert len(ids(alice)) == 1
    assert len(ids(alice, "?includeExpired=true")) == 2
    deletions = alice.get("accesses?includeDeletions=true")["accessDeletions"]
    assert [d["id"] for d in deletions] == [gone_id]
    assert deletions[0]["deleted"] < 1e11


def test_f105_no_deletions_when_not_wanted(alice: Api) -> None:
    assert "accessDeletions" not in alice.get("accesses?includeDeletions=false").body


def test_f114_apps_delete_what_they_made(alice: Api) -> None:
    app = alice.share(DIARY, type="app", name="an-app")
    other = alice.share(DIARY, type="app", name="other-app")
    child = own_id(app.guest("read"))
    assert other.delete(f"accesses/{child}").error == "forbidden"
    assert app.delete(f"accesses/{own_id(other)}").error == "forbidden"
    assert app.delete("accesses/unknown").error == "unknown-resource"
    assert app.delete(f"accesses/{child}")["accessDeletion"] == {"id": child}


def test_f115_self_revocation(alice: Api) -> None:
    guest = alice.guest("read")
    guest_id = own_id(guest)
    assert guest.delete(f"accesses/{guest_id}").status == 200
    again = guest.delete(f"accesses/{guest_id}")
    assert (again.status, again.error) == (403, "invalid-access-token")


@pytest.mark.parametrize("kind", ["app", "shared"])
def test_f116_self_revocation_forbidden(alice: Api, kind: str) -> None:
    forbidden: Any = {"feature": "selfRevoke", "setting": "forbidden"}
    guest = alice.share(DIARY, forbidden, type=kind)
    guest_id = own_id(guest)
    assert guest.delete(f"accesses/{guest_id}").error == "forbidden"
    assert alice.delete(f"accesses/{guest_id}").status == 200


def test_f117_children_go_along(alice: Api) -> None:
    app = alice.share(DIARY, type="app", name="an-app")
    live = app.share({"streamId": "diary", "level": "read"}, name="live")
    app.share({"streamId": "diary", "level": "read"}, name="old", expireAfter=0)
    live_id = own_id(live)
    answer = alice.delete(f"accesses/{own_id(app)}")
    assert answer["relatedDeletions"] == [{"id": live_id}]
    assert live.get("events").status == 403
    assert len(ids(alice, "?includeExpired=true")) == 2


def test_f118_apps_survive_their_session(alice: Api) -> None:
    app = alice.share(DIARY, type="app", name="an-app")
    answer = alice.delete(f"accesses/{own_id(alice)}")
    assert "relatedDeletions" not in answer.body
    assert app.get("events").status == 200


@pytest.mark.parametrize("suffix", [":0", ":abc", ":01"])
def test_malformed_ids(alice: Api, suffix: str) -> None:
    assert alice.delete(f"accesses/{own_id(alice)}{suffix}").error == "unknown-resource"


def test_f119_stale_id(alice: Api) -> None:
    guest_id = own_id(alice.guest("read"))
    assert alice.delete(f"accesses/{guest_id}:1").error == "stale-resource"


def test_f123_hidden_stream_within_everything(alice: Api) -> None:
    alice.stream("secret")
    alice.event("secret")
    guest = alice.share({"streamId": "*", "level": "read"}, {"streamId": "secret", "level": "none"})
    assert guest.get("events")["events"] == []
    assert guest.get("events?streams=secret").error == "forbidden"


def test_accounts_are_apart(alice: Api, carol: Api) -> None:
    assert Api("carol", alice.token).get("streams").error == "invalid-access-token"
    guest_id = own_id(alice.guest("read"))
    assert carol.delete(f"accesses/{guest_id}").error == "unknown-resource"


def test_tokens_are_not_stored_in_the_clear(alice: Api) -> None:
    from accesses.models import Access

    for row in Access.objects.values():
        assert alice.token not in str(row)


def test_f121_injected_permissions(alice: Api) -> None:
    guest = alice.guest("read")
    read = {"streamId": "diary", "level": "read"}
    permissions = guest.get("access-info")["permissions"]
    assert permissions[:2] == [{"streamId": ":_system:account", "level": "none"}, read]
    (listed,) = [a for a in alice.get("accesses")["accesses"] if a["token"] == guest.token]
    assert listed["permissions"] == [read]


def test_f122_calls_in_a_batch_are_counted(alice: Api) -> None:
    from accesses import usage

    guest = alice.guest("read")
    before = alice.get(f"accesses/{own_id(guest)}")["access"]
    calls = [{"method": name, "params": {}} for name in ("events.get", "streams.get", "events.get")]
    guest.post("", calls)
    usage.usage.flush()
    info = guest.get("access-info")
    assert info["calls"]["events:get"] == 2
    assert info["calls"]["streams:get"] == info["calls"]["callBatch"] == 1
    after = alice.get(f"accesses/{own_id(guest)}")["access"]
    assert after["lastUsed"] >= before["created"]
    for name in ("integrity", "modified", "id"):
        assert after[name] == before[name]


def test_f124_create_only_child_of_a_readable_parent(alice: Api) -> None:
    alice.stream("box", "diary")
    hidden = alice.event("box", content="hidden")
    seen = alice.event("diary", content="seen")
    guest = alice.share({"streamId": "diary", "level": "read"}, {"streamId": "box", "level": "create-only"})
    found = [event["id"] for event in guest.get('events?streams=["diary"]')["events"]]
    assert found == [seen["id"]]
    assert guest.event("box")["id"]
    assert guest.get(f"events/{hidden['id']}").error == "forbidden"
    assert guest.put(f"events/{hidden['id']}", {"content": "x"}).error == "forbidden"
    assert guest.delete(f"events/{hidden['id']}").error == "forbidden"
    assert guest.post(f"events/{hidden['id']}").error == "forbidden"
    assert guest.post("streams", {"name": "below", "parentId": "box"}).error == "forbidden"
