"""What stands in the database: hashes of passwords, digests of tokens, nothing that opens an account."""

from django.apps import apps
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from accesses.models import Access
from accounts.models import Account
from pryvsite.settings import PASSWORD_HASHERS
from pryvsite.tokens import digest
from tests.cast import PASSWORD, Api, register


def everything_stored() -> str:
    """All rows of all tables as one text."""
    rows = [row for model in apps.get_models() for row in model._base_manager.values_list()]
    return repr(rows)


def test_passwords_are_hashed_with_argon2(db: None) -> None:
    with override_settings(PASSWORD_HASHERS=PASSWORD_HASHERS):
        carla = register("carla")
        assert Account.objects.get(username="carla").password.startswith("argon2$argon2id$")
        body = {"oldPassword": PASSWORD, "newPassword": "battery-staple"}
        assert carla.post("account/change-password", body).status == 200
        assert Account.objects.get(username="carla").password.startswith("argon2$argon2id$")
    assert PASSWORD not in everything_stored()
    assert "battery-staple" not in everything_stored()


def test_tokens_are_found_by_their_digest_and_sealed(alice: Api) -> None:
    app = alice.share({"streamId": "diary", "level": "manage"}, type="app", token="a-token-of-my-own")
    guest = app.share({"streamId": "diary", "level": "read"}, randomAlias=True)
    stored = everything_stored()
    for api in (alice, app, guest):
        token = str(api.token)
        assert token not in stored
        assert Access.objects.filter(digest=digest(token)).count() == 1
        assert api.get("access-info")["token"] == token, "who has it is shown it"
    listed = alice.get("accesses")["accesses"]
    assert {api.token for api in (alice, app, guest)} == {one["token"] for one in listed}


def test_reading_writes_nothing(alice: Api) -> None:
    """`lastUsed` and `calls` are gathered, and written now and then by another thread."""
    guest = alice.guest("read")
    guest.get("events")
    with CaptureQueriesContext(connection) as queries:
        for path in ("events", "streams", "access-info", "service/info"):
            assert guest.get(path).status == 200
    assert all(query["sql"].lstrip().upper().startswith("SELECT") for query in queries)
    assert guest.get("access-info")["calls"]["events:get"] == 2
