"""How many statements calls take, begin and commit included: the same however large the account."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import Api

NOTE: dict[str, Any] = {"streamIds": ["s1"], "type": "note/txt", "content": "hello"}
CALLS: dict[str, tuple[str, str, Any, int]] = {
    "events.create": ("POST", "events", NOTE, 6),
    "batch of 100": ("POST", "", [{"method": "events.create", "params": NOTE}] * 100, 20),
    "events.get": ("GET", "events", None, 4),
    "events.get, a subtree": ("GET", "events?streams[]=top&types[]=note/*&limit=100", None, 4),
    "events.get, synchronising": ("GET", "events?modifiedSince=1&includeDeletions=true", None, 4),
    "streams.get": ("GET", "streams", None, 3),
    "streams.get, with deletions": ("GET", "streams?includeDeletionsSince=1", None, 3),
    "access-info": ("GET", "access-info", None, 2),
}


@pytest.fixture(params=[3, 40])
def guest(request: pytest.FixtureRequest, transactional_db: None, alice: Api) -> Api:
    """An app with few or many permissions on an account with few or many streams and events."""
    size: int = request.param
    alice.stream("top")
    calls: list[dict[str, Any]] = [
        {"method": "streams.create", "params": {"id": f"s{i}", "name": f"s{i}", "parentId": "top"}}
        for i in range(size)
    ]
    calls += [
        {"method": "events.create", "params": {**NOTE, "streamIds": [f"s{i}", "top"]}} for i in range(size)
    ]
    assert all("error" not in one for one in alice.post("", calls)["results"])
    return alice.share(
        {"streamId": "top", "level": "manage"},
        *({"streamId": f"s{i}", "level": "contribute"} for i in range(size)),
    )


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("warm", [True, False], ids=["remembered", "as in the first call"])
def test_statements(guest: Api, name: str, warm: bool, settings: Any) -> None:
    verb, path, body, most = CALLS[name]
    settings.SHARED_CACHE = warm
    guest.call(verb, path, body)
    with CaptureQueriesContext(connection) as seen:
        assert guest.call(verb, path, body).status in (200, 201)
    texts = [part for query in seen for part in query["sql"].split("; ")]
    # Who calls is asked before, where it isn't remembered: the account's name, the access, its owner's name.
    assert len(texts) <= most + (0 if warm else 4), texts
