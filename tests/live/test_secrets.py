"""No password, token or code in what a server writes, at its most talkative."""

import re
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit

import pyotp
import pytest

from tests.cast import PASSWORD
from tests.live.servers import Server, database
from tests.live.visitor import Visitor

USER, EMAIL, NEW, WRONG = "discreet", "discreet@example.org", "another-horse-2", "wrong-horse-3"
ASKED = {
    "requestingAppId": "discreet-app",
    "requestedPermissions": [{"streamId": "heart", "defaultName": "Heart", "level": "manage"}],
}
FORM = {
    "action": "request",
    "app_id": "app-web-access-test",
    "view": "rows",
    "stream_id": "heart",
    "default_name": "Heart",
    "level": "manage",
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with database() as url:
        # As an operator may run it to find a fault.
        server = Server(tmp_path, url, LOG_LEVEL="DEBUG", GUNICORN_CMD_ARGS="--access-logfile -")
        server.log = tmp_path / "server.log"
        server.start()
        yield server
        server.stop()


def mailed(folder: Path, page: str) -> str:
    """The link to a page that was mailed last."""
    for _ in range(100):
        for file in sorted((folder / "mail").glob("*"), key=lambda one: -one.stat().st_mtime):
            for part in file.read_bytes().split(b"-" * 79):
                body = message_from_bytes(part.strip(), policy=policy.default).get_body(["plain"])
                found = re.search(rf"http\S+{page}\?\S+", body.get_content()) if body else None
                if found:
                    return found.group(0)
        time.sleep(0.1)
    raise AssertionError(f"no link to {page}")


def test_server_keeps_silent(server: Server, tmp_path: Path) -> None:
    secrets = {PASSWORD, NEW, WRONG}
    visitor = Visitor(server)
    at, _ = visitor.post("/register", username=USER, password=PASSWORD, email=EMAIL)
    assert at.endswith(f"/u/{USER}/")

    token = server.register("through-api")  # accounts and tokens over the API, tokens in a query, too
    secrets.add(token)
    assert server.call("GET", f"/through-api/access-info?auth={token}").status == 200
    assert server.call("GET", "/through-api/access-info", token="x" * 25).status == 403
    assert server.call("GET", "/through-api/events?limit=-x", token=token).status == 400

    stranger = Visitor(server)
    assert "not right" in stranger.post("/signin", login=USER, password=WRONG)[1]
    stranger.post("/reset-password", login=USER)  # a lost password
    link = mailed(tmp_path, "/reset-password")
    secrets.add(link.partition("resetToken=")[2])
    at, _ = stranger.get(link)
    assert at.endswith("/reset-password")
    assert "password-changed" in stranger.post("/reset-password", password=NEW)[0]

    assert stranger.post("/signin", login=USER, password=NEW)[0].endswith(f"/u/{USER}/")
    asked = server.call("POST", "/reg/access", ASKED).body  # an app asks
    question = str(asked["authUrl"])
    stranger.post(question, action="accept")
    polled = server.call("GET", urlsplit(str(asked["poll"])).path).body
    assert polled["status"] == "ACCEPTED"
    secrets.add(str(polled["token"]))
    ends = mailed(tmp_path, "/auth/revoke")  # the mail that tells of it
    secrets.add(ends.partition("token=")[2])
    assert "Access ended" in Visitor(server).post(ends)[1]

    stranger.post("/account/profile", action="email:add", email="second@example.org")  # another address
    proves = mailed(tmp_path, "/verify-email")
    secrets.add(proves.partition("verifyToken=")[2])
    assert "Address confirmed" in Visitor(server).post(proves)[1]

    service = f"{stranger.base}/reg/service/info"
    at, _ = stranger.post("/access-token/", service_url=service, **FORM)  # the generator
    assert "/auth" in at
    at, page = stranger.post(at, action="accept")
    shown = re.search(r'data-token="(\w+)"', page)
    assert shown, (at, page)
    secrets.add(shown.group(1))
    tested = {**FORM, "action": "test", "service_url": service}
    assert "It works" in stranger.fill(page, "/access-token/", **tested)[1]

    body = {"method": "totp"}  # a second step
    begun = server.call("POST", "/through-api/mfa/activate", body, token).body
    code = pyotp.TOTP(begun["secret"]).now()
    done = server.call("POST", "/through-api/mfa/confirm", {"code": code}, begun["mfaToken"]).body
    secrets |= {begun["secret"], begun["mfaToken"], *done["recoveryCodes"]}
    other = Visitor(server)
    at, _ = other.post("/signin", login="through-api", password=PASSWORD)
    assert at.endswith("/mfa-challenge")
    code = pyotp.TOTP(begun["secret"]).at(time.time() + 30)
    assert other.post("/mfa-challenge", action="verify", code=code)[0].endswith("/u/through-api/")
    stranger.post("/account/data", action="leave", username=USER)  # the account is to go, and stays
    stays = mailed(tmp_path, "/auth/stay")
    secrets.add(stays.partition("token=")[2])
    assert "Your account stays" in Visitor(server).post(stays)[1]

    stranger.post("/signin", login=USER, password=NEW)
    secrets |= {cookie.value or "" for one in (visitor, stranger, other) for cookie in one.cookies}

    server.stop()
    log = (tmp_path / "server.log").read_text()
    assert "POST /mfa-challenge" in log  # it is the log of all this
    for page in ("/reset-password", "/auth/revoke", "/verify-email", "/auth/stay"):
        assert f"GET {page}" in log
    assert all(len(secret) > 5 for secret in secrets)
    lines = [line for line in log.splitlines() if any(secret in line for secret in secrets)]
    assert lines == []
    assert not [line for line in log.splitlines() if re.search(rf"\b{code}\b", line)]
