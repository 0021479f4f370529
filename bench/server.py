"""A server of our own on a fresh database, and what its processes use."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.postgres import private_postgres

ROOT = Path(__file__).resolve().parents[1]
TICK = os.sysconf("SC_CLK_TCK")
STARTING = 60.0  # seconds


@dataclass(frozen=True)
class Server:
    """A running server."""

    engine: str
    base: str
    pid: int
    environment: dict[str, str]

    def workers(self) -> list[int]:
        """The processes that answer."""
        return [pid for pid, parent, _ in _processes() if parent == self.pid]

    def cpu(self) -> float:
        """Seconds of processor time so far: the server's processes and, if any, its database's."""
        ours = {self.pid, *self.workers()}
        database = int(self.environment.get("BENCH_DATABASE_PID", "0"))
        return sum(
            seconds
            for pid, parent, seconds in _processes()
            if pid in ours or (database and database in (pid, parent))
        )


def _processes() -> Iterator[tuple[int, int, float]]:
    """(pid, parent, seconds of processor time) of all processes."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                yield int(entry.name), int(fields[1]), (int(fields[11]) + int(fields[12])) / TICK


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(engine: str) -> Iterator[Server]:
    """A server for the block: `sqlite` as it comes, or `postgresql`, durable, with two workers."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pryvsite-bench-"))
        more = {"VAR_DIR": folder, "DATABASE_URL": ""}
        if engine == "postgresql":
            url = stack.enter_context(private_postgres(durable=True))
            more |= {"DATABASE_URL": url, "WORKERS": "2", "BENCH_DATABASE_PID": str(_listening(url))}
        yield stack.enter_context(_server(engine, more))


def _listening(url: str) -> int:
    """The main process of the private database."""
    port = url.rpartition(":")[2].partition("/")[0]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                command = (entry / "cmdline").read_bytes().split(b"\0")
                if command[0].endswith(b"postgres") and port.encode() in command:
                    return int(entry.name)
    raise RuntimeError("The private database was not found.")


@contextlib.contextmanager
def _server(engine: str, more: dict[str, str]) -> Iterator[Server]:
    port = _free_port()
    base = f"http://127.0.0.1:{port}"
    left_out = ("PUBLIC_URL", "TRUSTED_APPS", "DJANGO_SETTINGS_MODULE", "WORKERS", "THREADS")
    environment = {key: value for key, value in os.environ.items() if key not in left_out}
    environment |= {"PORT": str(port), "LOG_LEVEL": "ERROR", **more}
    process = subprocess.Popen(
        [sys.executable, "-m", "pryvsite.serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    try:
        _wait(process, base)
        yield Server(engine, base, process.pid, environment)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _wait(process: "subprocess.Popen[bytes]", base: str) -> None:
    end = time.monotonic() + STARTING
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError("The server did not start.")
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{base}/health").close()
            return
        time.sleep(0.2)
    raise RuntimeError("The server did not answer.")
