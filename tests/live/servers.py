"""A real server on either engine, that can be killed, and plain calls to it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from scripts.postgres import private_postgres
from tests.cast import PASSWORD
from tests.server import ROOT, free_port

SET_BY_TESTS = ("DATABASE_URL", "PUBLIC_URL", "TRUSTED_APPS", "DJANGO_SETTINGS_MODULE", "VAR_DIR")


class Lost(Exception):
    """No answer came: whether the call had an effect isn't known."""


@dataclass
class Reply:
    """An answer, decoded where it is JSON."""

    status: int
    body: Any
    headers: dict[str, str]


class Server:
    """`python -m pryvsite.serve` in a folder of its own."""

    def __init__(self, folder: Path, database_url: str, **variables: str) -> None:
        self.port = free_port()
        env = {key: value for key, value in os.environ.items() if key not in SET_BY_TESTS}
        env |= {"VAR_DIR": str(folder), "PORT": str(self.port), "DATABASE_URL": database_url}
        self.env = env | {"RATE_LIMITS": "off", "LOG_LEVEL": "CRITICAL"} | variables
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None
        self.log: Path | None = None  # where its output goes, if a test reads it

    def start(self) -> None:
        """Start and wait for the first answer."""
        command = [sys.executable, "-m", "pryvsite.serve"]
        with open(self.log or os.devnull, "ab") as output:
            errors = output if self.log else None
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=output, stderr=errors, start_new_session=True
            )
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health").close()
                return
            except (urllib.error.URLError, ConnectionError):
                assert self.process.poll() is None, "the server didn't start"
                time.sleep(0.1)
        raise AssertionError("the server doesn't answer")

    def kill(self) -> None:
        """`kill -9` of the server and all its workers."""
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        """An orderly end."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
            self.process.wait(60)

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def memory(self) -> int:
        """Bytes of memory that the workers have had at most."""
        lines = [Path(f"/proc/{pid}/status").read_text() for pid in self.workers()]
        return sum(int(text.split("VmHWM:")[1].split()[0]) * 1024 for text in lines)

    def manage(self, *arguments: str) -> str:
        """The output of a management command."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, check=True, capture_output=True, text=True)
        return done.stdout

    def register(self, username: str) -> str:
        """A new account; its token."""
        body = {"appId": "test-app", "username": username, "password": PASSWORD}
        made = self.call("POST", "/users", body)
        assert made.status == 201, made.body
        return str(made.body["apiEndpoint"].split("//")[1].split("@")[0])

    def call(
        self, verb: str, path: str, body: Any = None, token: str = "", timeout: float = 30, **headers: str
    ) -> Reply:
        """One call. Raises Lost."""
        sent = {"Content-Type": "application/json", "Authorization": token}
        sent = {k: v for k, v in sent.items() if v} | {k.replace("_", "-"): v for k, v in headers.items()}
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(verb, path, raw, sent)
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            raise Lost(str(error)) from None
        finally:
            connection.close()
        is_json = (response.getheader("Content-Type") or "").startswith("application/json")
        return Reply(
            response.status,
            json.loads(content) if is_json and content else content,
            dict(response.getheaders()),
        )


@contextmanager
def database() -> Iterator[str]:
    """The database of this run: SQLite's file, or a PostgreSQL of its own that keeps what it commits."""
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        with private_postgres(durable=True) as url:
            yield url
    else:
        yield ""
