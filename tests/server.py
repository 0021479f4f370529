"""A real server and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def live_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the live server keeps its things, mails among them."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="session")
def live(live_folder: Path) -> Iterator[str]:
    """The address of a server that was started as the README says."""
    port = free_port()
    left_out = ("DATABASE_URL", "PUBLIC_URL", "TRUSTED_APPS", "DJANGO_SETTINGS_MODULE", "VAR_DIR")
    env = {key: value for key, value in os.environ.items() if key not in left_out}
    env |= {"VAR_DIR": str(live_folder), "PORT": str(port), "RATE_LIMITS": "off"}
    env["TRUSTED_APPS"] = "node-test@*"  # outside of browsers nobody sends an Origin
    process = subprocess.Popen([sys.executable, "-m", "pryvsite.serve"], cwd=ROOT, env=env)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"{base}/health").close()
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        yield base
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or "/usr/bin/chromium"
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()
