"""The operator's routes (access C45, and C31, C32 through them)."""

from typing import Any

import bcrypt
import pytest
from argon2 import PasswordHasher
from django.contrib.auth.hashers import make_password
from django.test import override_settings

from accesses import usage
from accounts.models import Account, EmailAddress, Username
from pryvsite.settings import PASSWORD_HASHERS
from tests.cast import PASSWORD, Answer, Api, register

KEY = "the-key-of-the-operator"
ROUTES = [
    ("GET", "/reg/admin/users/alice"),
    ("GET", "/reg/admin/servers"),
    ("GET", "/reg/admin/servers/testserver/users"),
    ("GET", "/reg/admin/servers/testserver/rename/other"),
    ("GET", "/reg/admin/invitations"),
    ("GET", "/reg/admin/invitations/post?count=1"),
    ("POST", "/system/create-user"),
    ("GET", "/system/user-info/alice"),
    ("DELETE", "/system/users/alice/mfa"),
    ("POST", "/system/users/validate"),
    ("PUT", "/system/users"),
    ("DELETE", "/system/users/alice?onlyReg=true"),
    ("GET", "/system/accesses/x"),
    ("GET", "/system/admin/users"),
    ("GET", "/system/admin/cores"),
    ("GET", "/system/admin/mail/templates"),
    ("GET", "/system/admin/mail/templates/welcome/en/text"),
    ("PUT", "/system/admin/mail/templates/welcome/en/text"),
    ("DELETE", "/system/admin/mail/templates/welcome/en/text"),
    ("POST", "/system/admin/mail/send-test"),
    ("GET", "/system/check-platform-integrity"),
]


@pytest.fixture(autouse=True)
def operator_key() -> Any:
    with override_settings(ADMIN_ACCESS_KEY=KEY):
        yield


def operator(verb: str, path: str, body: Any = None) -> Answer:
    return Api("x", KEY).call(verb, path, body)


@pytest.mark.parametrize("key", [None, "wrong", f"Bearer {KEY}", KEY[:-1], KEY.upper(), "é"])
@pytest.mark.parametrize(("verb", "path"), ROUTES)
def test_c45_without_key_nothing_is_there(alice: Api, verb: str, path: str, key: str | None) -> None:
    answer = Api("x", key).call(verb, path, {} if verb in ("POST", "PUT") else None)
    assert (answer.status, answer.error) == (404, "unknown-resource")


@pytest.mark.parametrize(("verb", "path"), ROUTES)
def test_c45_without_setting_no_key_fits(alice: Api, verb: str, path: str) -> None:
    with override_settings(ADMIN_ACCESS_KEY=""):
        for key in ("", KEY, alice.token):
            assert Api("x", key).call(verb, path, {} if verb in ("POST", "PUT") else None).status == 404


def test_wrong_keys_are_limited(db: None) -> None:
    with override_settings(RATE_LIMITS=True, LIMIT_OPERATOR_ADDRESS=(2, 3600)):
        answers = [Api("x", f"wrong-{n}").get("/system/admin/users").status for n in range(3)]
        assert answers == [404, 404, 429]
        assert operator("GET", "/system/admin/users").status == 200


def test_not_in_a_batch(alice: Api) -> None:
    results = alice.post("", [{"method": "system.users", "params": {}}])["results"]
    assert results[0]["error"]["id"] == "invalid-method"


def test_bodies_are_json(db: None) -> None:
    from django.test import Client

    client, headers = Client(), {"Authorization": KEY}
    path = "/system/admin/mail/send-test"
    other = client.generic("POST", path, "{}", content_type="text/plain", headers=headers)
    assert (other.status_code, other.json()["error"]["id"]) == (415, "unsupported-content-type")
    without = client.generic("POST", path, "", content_type="", headers=headers)
    assert (without.status_code, without.json()["error"]["id"]) == (400, "missing-header")


HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]


@override_settings(PASSWORD_HASHERS=HASHERS)
def test_create_user(db: None) -> None:
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    body = {"username": "imported", "passwordHash": hashed, "email": "i@example.org", "language": "fr"}
    made = operator("POST", "/system/create-user", body)
    assert made.status == 201
    assert made["id"] == str(Account.objects.get(username="imported").id)
    login = {"username": "imported", "password": PASSWORD, "appId": "some-app"}
    answer = Api("imported").post("auth/login", login, Origin="http://localhost:3000")
    assert answer.status == 200
    assert Api("imported", answer["token"]).trees()[0]["id"] == "diary"
    assert not Account.objects.get(username="imported").password.startswith("bcrypt"), "hashed anew"
    again = operator("POST", "/system/create-user", body)
    assert (again.status, set(again.data)) == (409, {"username", "email"})
    assert operator("POST", "/system/create-user", {**body, "passwordHash": "plain"}).status == 400
    assert operator("POST", "/system/create-user", {**body, "username": "A"}).status == 400


def hash_of(name: str, password: str = PASSWORD) -> str:
    if name.startswith("$2"):
        hashed = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
        return name + hashed[len(name) :]
    if name == "$argon2id":
        return PasswordHasher(memory_cost=64, time_cost=1, parallelism=1).hash(password)
    return make_password(password, hasher=name)


def sign_in(password: str) -> Answer:
    login = {"username": "imported", "password": password, "appId": "some-app"}
    return Api("imported").post("auth/login", login, Origin="http://localhost:3000")


@override_settings(PASSWORD_HASHERS=HASHERS)
@pytest.mark.parametrize("name", ["$2a", "$2b", "$2y", "$argon2id", "argon2", "bcrypt", "pbkdf2_sha256"])
def test_hashes_from_elsewhere(db: None, name: str) -> None:
    hashed = hash_of(name)
    made = operator("POST", "/system/create-user", {"username": "imported", "passwordHash": hashed})
    assert made.status == 201, hashed
    assert sign_in("wrong-horse").status == 401
    assert sign_in("w" * 100).status == 401, "longer than bcrypt can"
    assert sign_in(PASSWORD).status == 200


@override_settings(PASSWORD_HASHERS=HASHERS)
@pytest.mark.parametrize("name", ["$2b", "$argon2id"])
def test_long_passwords_from_elsewhere(db: None, name: str) -> None:
    """Bcrypt never looked at more than 72 bytes; who has a longer password goes on using it."""
    body = {"username": "imported", "passwordHash": hash_of(name, "ü" * 50)}
    assert operator("POST", "/system/create-user", body).status == 201
    assert sign_in("ü" * 30).status == 401
    assert sign_in("ü" * 50).status == 200


SALTED = "A" * 22 + "$" + "B" * 43
NO_HASHES = [
    "", "plain", "$2b$", "$2b$12$", "$2b$31$" + "a" * 53, "$2b$12$" + "a" * 52, "$2b$12$" + "ä" * 53,
    "bcrypt$", "$argon2", "argon2$argon2id$x", "md5$salt$hash", "unusable", "!unusable",
    f"$argon2id$v=19$m=4294967295,t=1,p=1${SALTED}", f"$argon2id$v=19$m=65536,t=1000,p=1${SALTED}",
    f"$argon2id$v=19$m=8,t=1,p=99${SALTED}", "$argon2id$v=19$m=65536,t=3,p=4$abc$def",
    "pbkdf2_sha256$999999999$salt$" + "A" * 43 + "=", "pbkdf2_sha256$1$$" + "A" * 43 + "=", "x" * 300,
]  # fmt: skip


@pytest.mark.parametrize("given", NO_HASHES)
def test_what_no_sign_in_could_check(db: None, given: str) -> None:
    """Nor what would keep each sign-in busy for minutes."""
    answer = operator("POST", "/system/create-user", {"username": "imported", "passwordHash": given})
    assert (answer.status, answer.error) == (400, "invalid-parameters-format")
    assert answer.data[0]["path"] == "#/passwordHash"
    assert not Account.objects.exists()


def test_user_info(alice: Api) -> None:
    alice.get("streams")
    guest = alice.guest("read")
    guest.get("events")
    usage.usage.flush()
    info = operator("GET", "/system/user-info/alice")["userInfo"]
    assert info["username"] == "alice"
    assert info["storageUsed"].keys() == {"dbDocuments", "attachedFiles"}
    assert info["callsDetail"]["streams:get"] == 1
    assert info["callsPerAccess"]["shared"] == 1
    assert info["callsTotal"] == sum(info["callsDetail"].values()) == sum(info["callsPerAccess"].values())
    assert info["lastAccess"] > 0
    assert operator("GET", "/system/user-info/nobody-here").status == 404


def test_deactivate_mfa(alice: Api) -> None:
    from tests.accesses.test_mfa import enrol, login

    enrol(alice)
    assert operator("DELETE", "/system/users/alice/mfa").status == 204
    assert "token" in login().body
    assert operator("DELETE", "/system/users/nobody-here/mfa").status == 404


def test_access_index(alice: Api) -> None:
    access = alice.guest("read").get("access-info")
    found = operator("GET", f"/system/accesses/{access['id']}")["accessIndex"]
    assert (found["owner"], found["type"], "deleted" in found) == ("alice", "shared", False)
    alice.delete(f"accesses/{access['id']}")
    assert operator("GET", f"/system/accesses/{access['id']}")["accessIndex"]["deleted"] > 0
    assert operator("GET", "/system/accesses/unknown").status == 404


def test_catalogues(alice: Api, carol: Api) -> None:
    users = operator("GET", "/system/admin/users")["users"]
    assert [user["username"] for user in users] == ["alice", "carol"]
    assert [user["email"] for user in users] == ["alice@example.org", None]
    assert operator("GET", "/system/admin/cores")["cores"] == [{"url": "http://testserver/"}]
    assert operator("GET", "/reg/admin/servers")["servers"] == {"http://testserver/": {"userCount": 2}}
    listed = operator("GET", "/reg/admin/servers/testserver/users")["users"]
    assert listed == [{"username": "alice"}, {"username": "carol"}]
    assert operator("GET", "/reg/admin/servers/other/users")["users"] == []
    fields = operator("GET", "/reg/admin/users/alice").body
    assert (fields["username"], fields["email"]) == ("alice", "alice@example.org")
    unknown = operator("GET", "/reg/admin/users/nobody-here")
    assert (unknown.status, unknown.error) == (404, "unknown-user")


def test_c32_invitations(db: None) -> None:
    assert operator("GET", "/reg/admin/invitations")["invitations"] == []
    made = operator("GET", "/reg/admin/invitations/post?count=3&message=beta")["data"]
    assert len({invitation["id"] for invitation in made}) == 3
    assert all(len(one["id"]) == 8 and one["description"] == "beta" for one in made)
    body = {"appId": "test-app", "username": "dorothy", "password": PASSWORD}
    closed = Api("x").call("POST", "/users", body)
    assert (closed.status, closed.error) == (400, "invalid-operation"), "one token closes the platform"
    register("dorothy", invitationToken=made[0]["id"])
    listed = {one["id"]: one for one in operator("GET", "/reg/admin/invitations")["invitations"]}
    assert listed[made[0]["id"]]["consumedBy"] == "dorothy"
    assert listed[made[0]["id"]]["consumedAt"] >= made[0]["createdAt"] > 1e12
    assert "consumedBy" not in listed[made[1]["id"]]
    again = Api("x").call("POST", "/users", body | {"username": "edward", "invitationToken": made[0]["id"]})
    assert again.error == "invalid-operation"
    assert operator("GET", "/reg/admin/invitations/post?count=0").status == 400
    assert operator("GET", "/reg/admin/invitations/post?count=x").status == 400


class Broken:
    """A mail service that is down."""

    def __init__(self, **_: Any) -> None:
        pass

    def send_messages(self, _: Any) -> int:
        raise OSError("no route to host")


def test_integrity(alice: Api, carol: Api) -> None:
    checks = operator("GET", "/system/check-platform-integrity")["checks"]
    assert [check["errors"] for check in checks] == [[], []]
    Username.objects.filter(name="carol").delete()
    EmailAddress.objects.all().delete()
    checks = operator("GET", "/system/check-platform-integrity")["checks"]
    assert [check["errors"] for check in checks] == [
        ["carol has no entry"],
        ["alice has another address"],
    ]
