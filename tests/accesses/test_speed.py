"""What authentication costs in statements, and that nothing remembered outlives a change."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pryvsite import caching
from tests.cast import Api

pytestmark = pytest.mark.django_db(transaction=True)
READ = {"streamId": "diary", "level": "read"}


def statements(api: Api, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as ran:
        api.get(path)
    return [query["sql"] for query in ran.captured_queries]


def test_authentication_is_one_statement_and_none_when_remembered(alice: Api) -> None:
    guest = alice.share(READ)
    guest.get("streams")
    first = statements(guest, "streams")
    assert not any("accesses_" in sql or "accounts_" in sql for sql in first)
    caching.forget_all()
    again = statements(guest, "streams")
    assert len([sql for sql in again if "accesses_" in sql]) == 1
    assert len(again) <= len(first) + 3  # the name of the path, the access, the streams


def test_access_info_is_remembered(alice: Api) -> None:
    guest = alice.share(READ)
    guest.get("access-info")
    assert statements(guest, "access-info") == []
    caching.forget_all()
    assert len(statements(guest, "access-info")) == 3  # the name of the path, the token, what it tells


@pytest.mark.parametrize("remembering", [True, False])
def test_revoked_at_the_next_call(alice: Api, settings: Any, remembering: bool) -> None:
    settings.SHARED_CACHE = remembering
    guest = alice.share(READ)
    access_id = guest.get("access-info")["id"]
    alice.delete(f"accesses/{access_id}")
    assert guest.get("streams").error == "invalid-access-token"
