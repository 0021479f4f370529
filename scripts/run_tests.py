"""All tests: the API and pages on SQLite and on PostgreSQL, then browser and clients; one sum at the end."""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from postgres import private_postgres

ROOT = Path(__file__).resolve().parent.parent
STRICT = os.environ.get("CI") == "true"
LIVE = "tests/live"  # each test starts servers of its own: nothing else runs beside them
SLOW = ["tests/browser", "tests/client"]


class Tally:
    """Sums of all runs."""

    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0

    def add(self, report: Path) -> None:
        """Count one JUnit report; a run without report has failed."""
        if not report.exists():
            self.failed += 1
            return
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 (our own file)
            total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
            failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            self.passed += total - skipped - failed
            self.skipped += skipped
            self.failed += failed


def pytest(tally: Tally, name: str, arguments: Sequence[str], **variables: str) -> None:
    """One run of pytest."""
    print(f"--- {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False).returncode
        if code not in (0, 1, 5):
            tally.failed += 1
        if code != 5:
            tally.add(report)


def ensure_chromium() -> bool:
    """Whether a browser is there; installs Debian's where we may."""
    if shutil.which("chromium"):
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    return shutil.which("chromium") is not None


def ensure_client() -> bool:
    """Whether the JavaScript client is installed; installs it from its lock file."""
    folder = ROOT / "tests" / "client"
    if not (folder / "package.json").exists():
        return True
    if not shutil.which("npm"):
        return False
    return subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=False).returncode == 0


def slow_paths(tally: Tally) -> list[str]:
    """The folders of browser and client tests that can run; what is missing fails where CI is strict."""
    paths: list[str] = []
    for path, ready, what in (
        (SLOW[0], ensure_chromium, "Chromium"),
        (SLOW[1], ensure_client, "Node.js and npm"),
    ):
        if not (ROOT / path).exists():
            continue
        if ready():
            paths.append(path)
        else:
            print(f"{what} is missing: {path} was not run.", flush=True)
            tally.failed += STRICT
    return paths


def main() -> int:
    """Run everything; 0 when nothing failed and something passed."""
    tally = Tally()
    fast = ["tests", "-n", "2", *(f"--ignore={path}" for path in (LIVE, *SLOW))]
    pytest(tally, "SQLite", fast, DATABASE_URL="")
    pytest(tally, "Live server, SQLite", [LIVE], DATABASE_URL="", LIVE_TESTS="on")
    try:
        with private_postgres() as url:
            pytest(tally, "PostgreSQL", fast, DATABASE_URL=url)
            pytest(tally, "Live server, PostgreSQL", [LIVE], DATABASE_URL=url, LIVE_TESTS="on")
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        print(f"PostgreSQL was not tested: {error}", flush=True)
        tally.failed += STRICT
    paths = slow_paths(tally)
    if paths:
        # A file stays in one process: its tests may follow each other.
        pytest(tally, "Browser and clients", [*paths, "-n", "2", "--dist", "loadfile"], DATABASE_URL="")
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped", flush=True)
    return 0 if tally.passed and not tally.failed else 1


if __name__ == "__main__":
    sys.exit(main())
