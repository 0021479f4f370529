"""Ended and narrowed accesses, as several workers on one PostgreSQL see them."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server import ROOT, free_port

sys.path.insert(0, str(ROOT / "scripts"))
from postgres import private_postgres

ROUNDS = 25  # whichever worker answers, and each must be right


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with two workers on a PostgreSQL of its own."""
    port = free_port()
    left_out = ("PUBLIC_URL", "DJANGO_SETTINGS_MODULE", "DATABASE_URL", "VAR_DIR")
    env = {key: value for key, value in os.environ.items() if key not in left_out}
    with private_postgres() as url:
        env |= {"DATABASE_URL": url, "WORKERS": "2", "THREADS": "4", "PORT": str(port), "RATE_LIMITS": "off"}
        env["VAR_DIR"] = str(tmp_path_factory.mktemp("var"))
        process = subprocess.Popen([sys.executable, "-m", "pryvsite.serve"], cwd=ROOT, env=env)
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(150):
                try:
                    urllib.request.urlopen(f"{address}/health").close()
                    break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.2)
            assert len(workers(process.pid)) == 2
            yield address
        finally:
            process.terminate()
            process.wait(10)


def workers(pid: int) -> list[int]:
    """The processes that a server has started."""
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def call(base: str, verb: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any]:
    """A call on a connection of its own, which any worker may take."""
    headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
    if token:
        headers["Authorization"] = token
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(f"{base}/{path}", data, headers, method=verb)
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture(scope="module")
def owner(base: str) -> str:
    body = {"appId": "test-app", "username": "alice", "password": "correct-horse"}
    status, made = call(base, "POST", "users", "", body)
    assert status == 201, made
    return str(made["apiEndpoint"]).split("//")[1].split("@")[0]


def share(base: str, owner: str, name: str, level: str) -> tuple[str, str]:
    body = {"name": name, "permissions": [{"streamId": "diary", "level": level}]}
    status, made = call(base, "POST", "alice/accesses", owner, body)
    assert status == 201, made
    return made["access"]["token"], made["access"]["id"]


def test_revoked_is_revoked_in_every_worker(base: str, owner: str) -> None:
    for number in range(ROUNDS):
        token, access_id = share(base, owner, f"guest {number}", "read")
        for _ in range(6):  # until both workers know it
            assert call(base, "GET", "alice/streams", token)[0] == 200
        assert call(base, "DELETE", f"alice/accesses/{access_id}", owner)[0] == 200
        for _ in range(6):
            status, answer = call(base, "GET", "alice/streams", token)
            assert (status, answer["error"]["id"]) == (403, "invalid-access-token")


def test_narrowed_is_narrowed_in_every_worker(base: str, owner: str) -> None:
    note = {"streamIds": ["diary"], "type": "note/txt", "content": "x"}
    for number in range(ROUNDS):
        token, access_id = share(base, owner, f"writer {number}", "contribute")
        for _ in range(4):
            assert call(base, "POST", "alice/events", token, note)[0] == 201
        change = {"permissions": [{"streamId": "diary", "level": "read"}]}
        assert call(base, "PUT", f"alice/accesses/{access_id}", owner, change)[0] == 200
        for _ in range(6):
            assert call(base, "POST", "alice/events", token, note)[0] == 403


def test_a_session_that_ended_is_over_in_every_worker(base: str, owner: str) -> None:
    for _ in range(5):
        login = {"username": "alice", "password": "correct-horse", "appId": "other-app"}
        headers = {"Content-Type": "application/json", "Origin": base}
        asked = urllib.request.Request(f"{base}/alice/auth/login", json.dumps(login).encode(), headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            token = json.load(answer)["token"]
        for _ in range(6):
            assert call(base, "GET", "alice/access-info", token)[0] == 200
        assert call(base, "POST", "alice/auth/logout", token, {})[0] == 200
        for _ in range(6):
            assert call(base, "GET", "alice/access-info", token)[0] == 403


def test_calls_of_all_workers_are_counted_within_seconds(base: str, owner: str) -> None:
    token, _ = share(base, owner, "counted", "read")
    for _ in range(20):
        assert call(base, "GET", "alice/streams", token)[0] == 200
    deadline = time.monotonic() + 6
    while time.monotonic() < deadline:
        _, info = call(base, "GET", "alice/access-info", token)
        if info["calls"].get("streams:get") == 20:
            break
        time.sleep(0.3)
    assert info["calls"]["streams:get"] == 20
    assert time.time() - info["lastUsed"] < 5
