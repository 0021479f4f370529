"""What the pages of the dashboard cost on a large account against a small one (issue: in ms and bytes)."""

import http.client
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlencode, urlsplit

from bench.client import IDLE, PASSWORD, Client, register
from bench.server import ROOT, Server

SMALL, LARGE = 10_000, 1_000_000  # events
START = 1_672_531_200  # 1 January 2023
MIDDLE = START + 547 * 86_400
ROUNDS = 40
MOST_RATIO = 1.5
STREAMS = 20
# Pages: what is asked for, the most milliseconds (95th percentile) and the most bytes.
PAGES = {
    "shell, a week": ("?scale=week&from={at}", 100, 60_000),
    "shell, a month": ("?scale=month&from={at}", 100, 60_000),
    "shell, a year": ("?scale=year&from={at}", 100, 60_000),
    "tile of notes, a year": ("tile?island=g1&kind=notes&scale=year&from={at}", 150, 15_000),
    "tile of numbers, a week": ("tile?island=g0&kind=numbers:mass&scale=week&from={at}", 150, 15_000),
    "tile of numbers, a year": ("tile?island=g0&kind=numbers:mass&scale=year&from={at}", 150, 15_000),
    "tile of steps, a year": ("tile?island=g0&kind=numbers:count&scale=year&from={at}", 150, 15_000),
    "tile of two fields, a year": (
        "tile?island=g0&kind=fields:blood-pressure/mmhg-bpm&scale=year&from={at}", 150, 15_000
    ),
    "tile of places, a year": ("tile?island=g1&kind=places&scale=year&from={at}", 150, 15_000),
    "tile of times, a year": ("tile?island=g1&kind=activities&scale=year&from={at}", 150, 15_000),
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A page on both accounts: 95th percentiles in ms, and its size on the large one in bytes."""

    title: str
    small: float
    large: float
    size: int
    most: float
    largest: int

    @property
    def ratio(self) -> float:
        """How much longer the large account takes."""
        return self.large / self.small

    @property
    def reached(self) -> bool:
        """Whether it is as fast and as small as it should be."""
        return self.large <= self.most and self.size <= self.largest and self.ratio <= MOST_RATIO


class Browser:
    """A signed-in browser of one account."""

    def __init__(self, base: str, username: str) -> None:
        self.http = http.client.HTTPConnection(str(urlsplit(base).netloc), timeout=600)
        self.username, self.cookies = username, {"tz": "Europe/Zurich"}
        self.used = 0.0
        page = self.get("/signin")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {
            "login": username,
            "password": PASSWORD,
            "csrfmiddlewaretoken": token[1].decode() if token else "",
        }
        self._send("POST", "/signin", urlencode(form), {"Origin": base})

    def get(self, path: str) -> bytes:
        """A page of the account."""
        return self._send("GET", path, None, {})

    def _send(self, verb: str, path: str, body: str | None, more: dict[str, str]) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {
            "Cookie": cookies,
            "Accept": "text/html",
            "HX-Request": "true" if "tile" in path else "",
            **more,
        }
        headers = {name: value for name, value in headers.items() if value}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if time.monotonic() - self.used > IDLE:
            self.http.close()  # opens again by itself
        self.http.request(verb, path, body, headers)
        response = self.http.getresponse()
        content = response.read()
        self.used = time.monotonic()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        if response.status >= 400:
            raise RuntimeError(f"{verb} {path}: {response.status}")
        return content


def prepare(server: Server, large: int) -> tuple[Browser, Browser]:
    """Two accounts of the same streams."""
    found = []
    for name, events in (("bench-few", SMALL), ("bench-many", large)):
        owner = register(server.base, name)
        _streams(owner)
        command = [sys.executable, "-m", "bench.life", name, str(events), str(START)]
        environment = {**server.environment, "PYTHONPATH": str(ROOT)}
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        found.append(Browser(server.base, name))
    return found[0], found[1]


def _streams(owner: Client) -> None:
    groups = [{"method": "streams.create", "params": {"id": f"g{i}", "name": f"Group {i}"}} for i in range(2)]
    leaves = [
        {"method": "streams.create",
         "params": {"id": f"s{i}", "name": f"Stream {i}", "parentId": f"g{0 if i % 10 < 5 else 1}"}}
        for i in range(STREAMS)
    ]  # fmt: skip
    owner.call("POST", "", groups + leaves)


def compare(few: Browser, many: Browser) -> tuple[list[Page], float]:
    """All pages on both accounts, taking turns; and the seconds that the first look at the large one took."""
    begun = time.perf_counter()
    many.get(f"/u/{many.username}/{_path(next(iter(PAGES)))}".replace("week", "year"))
    first = time.perf_counter() - begun
    return [_page(title, few, many) for title in PAGES], first


def _path(title: str) -> str:
    return PAGES[title][0].format(at=MIDDLE)


def _page(title: str, few: Browser, many: Browser) -> Page:
    times: tuple[list[float], list[float]] = ([], [])
    size = 0
    for turn in range(ROUNDS + 1):
        for place, browser in enumerate((few, many)):
            begun = time.perf_counter()
            size = len(browser.get(f"/u/{browser.username}/{_path(title)}"))
            if turn:  # the first makes what is kept
                times[place].append(1000 * (time.perf_counter() - begun))
    return Page(title, _p95(times[0]), _p95(times[1]), size, *PAGES[title][1:])


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20)[-1]
