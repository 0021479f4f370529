"""`python -m pryvsite.serve`: one clear sentence for whatever is wrong, a clean stop."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.server import ROOT, free_port

COMMAND = [sys.executable, "-m", "pryvsite.serve"]


def surroundings(folder: Path, **variables: str) -> dict[str, str]:
    left_out = ("DATABASE_URL", "PUBLIC_URL", "TRUSTED_APPS", "DJANGO_SETTINGS_MODULE")
    env = {key: value for key, value in os.environ.items() if key not in left_out}
    return {**env, "VAR_DIR": str(folder / "var"), "PORT": str(free_port()), **variables}


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"PORT": "abc"}, "PORT must be a whole number"),
        ({"PORT": "70000"}, "PORT must be a whole number"),
        ({"HOST": "no-such-host.invalid"}, "is not an address of this machine"),
        ({"PUBLIC_URL": "data.example.org"}, "PUBLIC_URL must be a URL"),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL must be"),
        ({"DATABASE_URL": "postgres://x:secret@127.0.0.1:1/z"}, "the database 127.0.0.1/z can't be used"),
        ({"DATABASE_URL": "sqlite:////no/such/folder/x.db"}, "can't be used"),
        ({"VAR_DIR": "/proc/nothing"}, "/proc/nothing"),
        ({"THREADS": "many"}, "THREADS must be a whole number"),
        ({"INVITATION_TOKENS": "["}, "INVITATION_TOKENS must be JSON"),
        ({"MAIL_WELCOME": "maybe"}, "MAIL_WELCOME must be on or off"),
        ({"TIME_ZONE": "Mars/Base"}, "TIME_ZONE must be a time zone"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL must be one of"),
        ({"INVITATION_TOKENS": "3"}, "INVITATION_TOKENS must be a JSON list"),
        ({"HOSTINGS": '{"regions": {"eu": {}}}'}, "HOSTINGS must be JSON such as"),
        ({"TRUSTED_AUTH_URLS": "example.org"}, "TRUSTED_AUTH_URLS must list"),
        ({"TERMS_URL": "javascript:alert(1)"}, "TERMS_URL must be an http"),
    ],
)
def test_troubles_are_one_sentence(tmp_path: Path, variables: dict[str, str], sentence: str) -> None:
    done = subprocess.run(
        COMMAND, cwd=ROOT, env=surroundings(tmp_path, **variables), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Pryvsite can't start: ")
    assert sentence in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert "secret@" not in done.stderr


def test_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        env = surroundings(tmp_path, PORT=str(taken.getsockname()[1]))
        done = subprocess.run(COMMAND, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert "Address already in use" in done.stderr


def test_start_and_stop(tmp_path: Path) -> None:
    env = surroundings(tmp_path, PLATFORM_NAME="Orchard")
    process = subprocess.Popen(
        COMMAND, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    base = f"http://127.0.0.1:{env['PORT']}"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{base}/health").close()
            break
        except OSError:
            time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=15)
    assert process.returncode == 0
    assert "Traceback" not in err
    for path in ("/register", "/access-token/", "/reg/service/info"):
        assert f"{base}{path}" in out
    secret = tmp_path / "var" / "secret.key"
    assert secret.stat().st_mode & 0o777 == 0o600
