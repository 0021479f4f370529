"""What is too long or unfit for a database is refused on both engines alike, and nothing is stored."""

import random
import string
from typing import Any

import pytest

from pryvsite.kernel.inputs import LONGEST_NAME
from tests.cast import Api

# What doesn't compress: databases shorten what repeats before they find it too long for an index.
LONG = "".join(random.Random(7).choices(string.ascii_lowercase, k=9000))
WIDE = "".join(random.Random(8).choices([chr(0x1F300 + n) for n in range(500)], k=LONGEST_NAME))
READ = [{"streamId": "diary", "level": "read"}]


@pytest.mark.parametrize("length", [LONGEST_NAME + 1, len(LONG)])
@pytest.mark.parametrize(
    ("verb", "path", "body", "field"),
    [
        ("POST", "streams", {"name": "{}"}, "name"),
        ("POST", "streams", {"name": "x", "id": "{}"}, "id"),
        ("PUT", "streams/diary", {"name": "{}"}, "update/name"),
        ("POST", "events", {"streamIds": ["diary"], "type": "{}/b"}, "type"),
        ("POST", "events", {"streamIds": ["diary"], "type": "a/{}"}, "type"),
        ("POST", "accesses", {"name": "{}", "permissions": READ}, "name"),
        (
            "POST",
            "accesses",
            {"name": "x", "type": "app", "deviceName": "{}", "permissions": READ},
            "deviceName",
        ),
        (
            "POST",
            "accesses",
            {"name": "x", "permissions": [{"streamId": "new", "level": "read", "defaultName": "{}"}]},
            "permissions/0/defaultName",
        ),
        (
            "POST",
            "accesses/check-app",
            {"requestingAppId": "{}", "requestedPermissions": READ},
            "requestingAppId",
        ),
        ("POST", "auth/login", {"username": "alice", "password": "x", "appId": "{}"}, "appId"),
    ],
)
def test_too_long(alice: Api, verb: str, path: str, body: dict[str, Any], field: str, length: int) -> None:
    answer = alice.call(verb, path, _filled(body, LONG[:length]))
    assert (answer.status, answer.error) == (400, "invalid-parameters-format"), answer.body
    assert [(entry["code"], entry["path"]) for entry in answer.data] == [("MAX_LENGTH", f"#/{field}")]


@pytest.mark.parametrize("field", ["requestingAppId", "deviceName"])
def test_an_app_with_too_long_a_name_asks_for_access(alice: Api, field: str) -> None:
    asked = {"requestingAppId": "app", "requestedPermissions": READ}
    answer = alice.call("POST", "/reg/access", asked | {field: LONG[: LONGEST_NAME + 1]})
    assert (answer.status, field in answer["error"]["message"]) == (400, True)


def _filled(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, text) for inner in value]
    return value.replace("{}", text) if isinstance(value, str) else value


def test_an_id_that_grows_when_it_is_made_fit_for_urls(alice: Api) -> None:
    answer = alice.post("streams", {"name": "x", "id": "日" * 100})
    assert [(entry["code"], entry["path"]) for entry in answer.data] == [("MAX_LENGTH", "#/id")]


def test_the_longest_that_fits(alice: Api) -> None:
    parent = alice.stream(LONG[:LONGEST_NAME])
    stream = alice.stream(LONG[-LONGEST_NAME:], parent, WIDE)
    kind = f"a/{LONG[: LONGEST_NAME - 2]}"
    event = alice.event(parent, stream, type=kind)
    assert [one["id"] for one in alice.events(f"?streams={stream}&types={kind}")] == [event["id"]]
    permission = {"streamId": stream, "level": "read"}
    guest = alice.share(permission, name=WIDE, type="app", deviceName=WIDE[::-1])
    assert [tree["name"] for tree in guest.trees()] == [WIDE]


@pytest.mark.parametrize(
    "path",
    [
        "events/a/b?readToken=a%00-b",
        "streams?id=%00",
        "events?streams=%00",
        "/reg/cores?username=%00",
        "profile/private?id=%00",
    ],
)
def test_nul_in_a_query(alice: Api, path: str) -> None:
    answer = alice.get(path)
    assert (answer.status, answer.error) == (400, "invalid-request-structure")


def test_nul_in_a_batch_of_series(alice: Api) -> None:
    points = {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": [[0, 1]]}
    body = {"format": "seriesBatch", "data": [{"eventId": "\0", "data": points}]}
    answer = alice.post("series/batch", body)
    assert (answer.status, answer.error) == (400, "invalid-request-structure")
