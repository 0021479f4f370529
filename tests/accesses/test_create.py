"""accesses.create (access E75–E101); aliases have a file of their own."""

from typing import Any

import pytest

from tests.cast import Answer, Api

READ = {"streamId": "diary", "level": "read"}


def create(api: Api, *permissions: Any, **fields: Any) -> Answer:
    return api.post("accesses", {"name": "test", "permissions": list(permissions), **fields})


def app(alice: Api, level: str = "manage", stream_id: str = "diary", **fields: Any) -> Api:
    return alice.share({"streamId": stream_id, "level": level}, type="app", name="an-app", **fields)


def test_shape(alice: Api) -> None:
    access = create(alice, READ)["access"]
    assert access["type"] == "shared"
    assert access["deviceName"] is None
    assert access["apiEndpoint"] == f"http://{access['token']}@testserver/alice/"
    assert access["integrity"].startswith("ACCESS:0:sha256-")
    assert access["createdBy"] == alice.get("access-info")["id"]


def test_e75_shares_may_not(alice: Api) -> None:
    guest = alice.guest("manage")
    assert create(guest, READ).error == "forbidden"
    assert guest.get("accesses").error == "forbidden"


def test_e76_apps_share_within_their_rights(alice: Api) -> None:
    helper = app(alice, "contribute")
    assert create(helper, READ, type="app").error == "forbidden"
    assert create(helper, {"streamId": "diary", "level": "contribute"}).status == 201
    assert create(helper, {"streamId": "diary", "level": "manage"}, name="b").error == "forbidden"


def test_e77_star_covers_streams(alice: Api) -> None:
    assert create(app(alice, stream_id="*"), READ).status == 201


@pytest.mark.parametrize(
    ("own", "status"),
    [("read", 403), ("contribute", 201), ("manage", 201), ("create-only", 403), ("none", 403)],
)
def test_e78_create_only_children(alice: Api, own: str, status: int) -> None:
    assert create(app(alice, own), {"streamId": "diary", "level": "create-only"}).status == status


@pytest.mark.parametrize("permissions", [[], [{"feature": "selfRevoke", "setting": "forbidden"}]])
def test_e79_apps_need_a_stream(alice: Api, permissions: list[Any]) -> None:
    assert create(app(alice), *permissions).error == "forbidden"
    assert create(alice, *permissions).status == 201


def test_e80_personal(alice: Api) -> None:
    assert create(alice, READ, type="personal").error == "forbidden"


def test_e81_streams_are_ensured(alice: Api) -> None:
    alice.stream("old")
    alice.delete("streams/old")
    wanted = [
        {"streamId": sid, "defaultName": sid.capitalize(), "level": "read"} for sid in ("new", "old", "diary")
    ]
    made = create(alice, *wanted, type="app")
    assert made["access"]["permissions"] == [{"streamId": p["streamId"], "level": "read"} for p in wanted]
    streams = {s["id"]: s for s in alice.trees()}
    assert streams["new"]["name"] == "New"
    assert "trashed" not in streams["old"]
    assert streams["diary"]["name"] == "Diary"


def test_e82_name_taken_at_the_root(alice: Api) -> None:
    answer = create(alice, {"streamId": "journal", "defaultName": "Diary", "level": "read"})
    assert (answer.error, answer.data) == ("item-already-exists", {"name": "Diary"})
    assert len(alice.get("accesses")["accesses"]) == 1


def test_e83_blank_name(alice: Api) -> None:
    assert create(alice, {**READ, "defaultName": "   "}).status == 400


@pytest.mark.parametrize(
    "permission",
    [
        {"streamId": "Bad Id!", "defaultName": "x", "level": "read"},
        {"streamId": 'quo"te', "level": "read"},
        {"streamId": "new\nline", "level": "read"},
    ],
)
def test_e84_bad_stream_ids(alice: Api, permission: Any) -> None:
    assert create(alice, permission).error == "invalid-request-structure"


def test_e85_dangling_permission(alice: Api) -> None:
    assert create(alice, {"streamId": "later", "level": "read"}).status == 201
    assert [s["id"] for s in alice.trees()] == ["diary"]


def test_e86_apps_ensure_nothing(alice: Api) -> None:
    child = {"streamId": "new", "defaultName": "New", "level": "read"}
    assert create(app(alice, stream_id="*"), child).status == 201
    assert "new" not in {s["id"] for s in alice.trees()}


def test_e87_device_names(alice: Api) -> None:
    assert create(alice, READ, deviceName="phone").error == "invalid-parameters-format"
    assert create(alice, READ, type="app", deviceName="phone").status == 201
    assert create(alice, READ, type="app", deviceName="watch").status == 201
    again = create(alice, READ, type="app", deviceName="phone")
    assert again.data == {"type": "app", "name": "test", "deviceName": "phone"}


def test_e88_tokens(alice: Api) -> None:
    assert create(alice, READ, token="Tôken pas_codé!")["access"]["token"] == "Token-pas_code"
    assert create(alice, READ, name="b", token="Token-pas_code").data == {"token": "(hidden)"}
    for reserved in ("null", "undefined"):
        assert create(alice, READ, name="c", token=reserved).error == "invalid-item-id"


def test_e89_deleted_names_and_tokens_are_free(alice: Api) -> None:
    first = create(alice, READ, token="mine-alone")["access"]
    assert alice.delete(f"accesses/{first['id']}").status == 200
    assert create(alice, READ, token="mine-alone").status == 201


def test_e90_expiry(alice: Api) -> None:
    assert create(alice, READ, expireAfter=-1).error == "invalid-parameters-format"
    access = create(alice, READ, expireAfter=3600)["access"]
    assert access["expires"] == pytest.approx(access["created"] + 3600, abs=2)


def test_e91_children_end_with_their_maker(alice: Api) -> None:
    answer = create(app(alice, expireAfter=3600), READ, expireAfter=7200)
    assert answer.error == "invalid-operation"
    assert answer.data.keys() == {"parentExpires", "requestedExpires"}


@pytest.mark.parametrize(("data", "status"), [({}, 201), (None, 400), ({"a": {"b": [1, None]}}, 201)])
def test_e92_client_data(alice: Api, data: Any, status: int) -> None:
    answer = create(alice, READ, clientData=data)
    assert answer.status == status
    if status == 201:
        assert answer["access"]["clientData"] == data


@pytest.mark.parametrize("field", ["deleted", "id", "calls"])
def test_e93_foreign_properties(alice: Api, field: str) -> None:
    assert create(alice, READ, **{field: 1}).error == "invalid-parameters-format"


@pytest.mark.parametrize(
    "permission",
    [
        {"streamId": "diary", "level": "bad-level"},
        {"feature": "selfRevoke", "setting": "bob"},
        {"tag": "x", "level": "read"},
        {"streamId": "diary"},
        {},
        {**READ, "feature": "selfRevoke", "setting": "allowed"},
    ],
)
def test_e94_malformed_permissions(alice: Api, permission: Any) -> None:
    assert create(alice, permission).error == "invalid-parameters-format"


def test_e100_restriction_on_secrets_is_inherited(alice: Api) -> None:
    forbidden = {"feature": "secretSharing", "setting": "forbidden"}
    helper = alice.share({"streamId": "diary", "level": "manage"}, forbidden, type="app", name="an-app")
    assert forbidden in create(helper, READ)["access"]["permissions"]


@pytest.mark.parametrize(
    ("stream_id", "level", "status", "data"),
    [
        (":_system:invitationToken", "read", 400, {"param": ":_system:invitationToken"}),
        (":_system:unknown", "read", 403, None),
        (":_system:language", "manage", 400, {"param": ":_system:language"}),
        (":_system:language", "contribute", 201, None),
        (":_system:language", "read", 201, None),
    ],
)
def test_e95_account_streams(alice: Api, stream_id: str, level: str, status: int, data: Any) -> None:
    answer = create(alice, {"streamId": stream_id, "level": level})
    assert answer.status == status
    if data:
        assert (answer.error, answer.data) == ("invalid-operation", data)


def test_e96_reading_the_account(alice: Api) -> None:
    guest = alice.share({"streamId": ":_system:account", "level": "read"})
    found = {event["id"] for event in guest.get("events?limit=100")["events"]}
    assert ":_system:language" in found
    assert not found & {":_system:appId", ":_system:invitationToken", ":_system:referer"}
    assert all(event_id.startswith((":_system:", ":system:")) for event_id in found)


def test_e97_reading_storage_used(alice: Api) -> None:
    guest = alice.share({"streamId": ":_system:storageUsed", "level": "read"})
    found = {event["id"] for event in guest.get("events?limit=100")["events"]}
    assert found == {":_system:dbDocuments", ":_system:attachedFiles"}
    writer = alice.share({"streamId": ":system:email", "level": "contribute"})
    event = {"streamIds": [":system:email"], "type": "note/txt", "content": "x"}
    assert writer.post("events", event).error == "invalid-parameters-format"
    assert (
        writer.post("events", {**event, "type": "email/string", "content": "new@example.org"}).status == 201
    )


@pytest.mark.parametrize("stream_id", [":_audit:new", ":_emails:new"])
def test_e101_streams_of_other_stores(alice: Api, stream_id: str) -> None:
    answer = create(alice, {"streamId": stream_id, "defaultName": "New", "level": "read"})
    assert (answer.status, answer.error) == (501, "api-unavailable")
    assert len(alice.get("accesses")["accesses"]) == 1


@pytest.mark.parametrize("token", ["*", "with space"])
def test_corrected_tokens(alice: Api, token: str) -> None:
    """Corrections 7: `*` is slugged and accepted."""
    assert create(alice, READ, token=token).status == 201


def test_apps_hand_out_their_exceptions_too(alice: Api) -> None:
    """What a wide permission hides from an app stays hidden from those it shares with."""
    alice.stream("secret", "diary")
    hidden = {"streamId": "secret", "level": "none"}
    helper = alice.share({"streamId": "diary", "level": "manage"}, hidden, type="app", name="an-app")
    assert create(helper, READ).error == "forbidden"
    assert create(helper, READ, hidden).status == 201
    assert create(helper, {"streamId": "secret", "level": "read"}, name="b").error == "forbidden"


def test_children_of_an_expiring_app_end_with_it(alice: Api) -> None:
    helper = app(alice, expireAfter=3600)
    child = create(helper, READ)["access"]
    assert child["expires"] == helper.get("access-info")["expires"]


@pytest.mark.parametrize(
    ("data", "status"), [({"cmc": {}}, 400), ({"dpop": {}}, 403), ({"deep": [[[[]]]]}, 201)]
)
def test_reserved_client_data(alice: Api, data: Any, status: int) -> None:
    assert create(alice, READ, clientData=data).status == status


def test_client_data_nested_without_end(alice: Api) -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    assert create(alice, READ, clientData={"a": deep}).error == "invalid-request-structure"


@pytest.mark.parametrize(("value", "status"), [(3, 201), ("x", 400)])
def test_tracking_is_the_servers(alice: Api, value: Any, status: int) -> None:
    answer = create(alice, READ, lastUsed=value, created=1, createdBy="x")
    assert answer.status == status
    if status == 201:
        assert answer["access"]["lastUsed"] == 0
        assert answer["access"]["createdBy"] == alice.get("access-info")["id"]
