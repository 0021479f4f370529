"""What the pages of the dashboard cost: on a large account against a small one, and on that of `make demo`
(issue: in ms and bytes)."""

import gzip
import html
import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from statistics import median, quantiles
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.client import IDLE, PASSWORD, Client, register
from bench.server import ROOT, Server
from pryvsite import demo

SMALL, LARGE = 10_000, 1_000_000  # events
POINTS = 4  # of the series, for each ten events
START = 1_672_531_200  # 1 January 2023
MIDDLE = START + 547 * 86_400
ZONE = "Europe/Zurich"
SCALES = ("day", "week", "month", "year", "all")
WARM = 3
MOST_RATIO = 1.5
STREAMS = 20
MOST_SCRIPT = 35_000  # bytes of our JavaScript, compressed, without Leaflet
SHELL, TILE, HISTOGRAM = (100, 60_000), (150, 15_000), (100, 60_000)  # most ms (95th percentile) and bytes


@dataclass
class Page:
    """A page on all accounts that have it: times in ms, and its largest size in bytes."""

    title: str
    limits: tuple[int, int]
    times: dict[str, list[float]] = field(default_factory=dict)  # by account: small, large, demo
    size: int = 0

    def p95(self, account: str) -> float | None:
        """The 95th percentile on an account."""
        taken = self.times.get(account)
        return quantiles(taken, n=20)[-1] if taken else None

    @property
    def ratio(self) -> float | None:
        """How much longer the large account takes, by the middle of the times; None where the small one
        doesn't have the page."""
        if not {"small", "large"} <= self.times.keys():
            return None
        return median(self.times["large"]) / median(self.times["small"])

    @property
    def reached(self) -> bool:
        """Whether it is as fast and as small as it should be."""
        slowest = max(quantiles(taken, n=20)[-1] for taken in self.times.values())
        fits = slowest <= self.limits[0] and self.size <= self.limits[1]
        return fits and (self.ratio is None or self.ratio <= MOST_RATIO)


@dataclass
class Dashboard:
    """All that was measured of an engine."""

    pages: list[Page]
    first: float  # seconds to the first page of the large account, of which nothing is summed up yet
    whole: float  # seconds until all of it was
    script: int  # bytes of our JavaScript, compressed


class Browser:
    """A signed-in browser of one account."""

    def __init__(self, base: str, username: str, password: str = PASSWORD) -> None:
        self.http = http.client.HTTPConnection(str(urlsplit(base).netloc), timeout=600)
        self.username, self.cookies = username, {"tz": ZONE}
        self.used = 0.0
        page = self._send("GET", "/signin", None, {})
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {
            "login": username,
            "password": password,
            "csrfmiddlewaretoken": token[1].decode() if token else "",
        }
        self._send("POST", "/signin", urlencode(form), {"Origin": base})

    def get(self, path: str) -> bytes:
        """A page of the account."""
        return self._send("GET", f"/u/{self.username}/{path}", None, {})

    def timed(self, path: str) -> tuple[float, bytes]:
        """The ms that a page takes, and the page."""
        begun = time.perf_counter()
        page = self.get(path)
        return 1000 * (time.perf_counter() - begun), page

    def _send(self, verb: str, path: str, body: str | None, more: dict[str, str]) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Accept": "text/html", **more}
        if "/tile" in path:
            headers["HX-Request"] = "true"
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


def measure(server: Server, large: int, rounds: int) -> Dashboard:
    """All pages on all accounts, taking turns."""
    few, many = prepare(server, large)
    first, whole = _first_looks(many)
    _run(server, "-c", "import django; django.setup(); from pryvsite.demo import fill; fill()")
    full = Browser(server.base, demo.USERNAME, demo.PASSWORD)
    accounts = {"small": (few, MIDDLE), "large": (many, MIDDLE), "demo": (full, int(time.time()))}
    pages = [page for scale in SCALES for page in _of_scale(server, accounts, scale, rounds)]
    return Dashboard(pages, first, whole, script_size())


def prepare(server: Server, large: int) -> tuple[Browser, Browser]:
    """Two accounts of the same streams."""
    found = []
    for name, events in (("bench-few", SMALL), ("bench-many", large)):
        owner = register(server.base, name)
        _streams(owner)
        _run(server, "-m", "bench.life", name, str(events), str(START))
        _series(owner, events * POINTS // 10)
        found.append(Browser(server.base, name))
    return found[0], found[1]


def _run(server: Server, *command: str) -> str:
    """The output of a process beside the server, on the same database."""
    more = {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "pryvsite.settings"}
    ran = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env={**server.environment, **more}, check=True, text=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    return ran.stdout


def _streams(owner: Client) -> None:
    groups = [{"method": "streams.create", "params": {"id": f"g{i}", "name": f"Group {i}"}} for i in range(2)]
    leaves = [
        {"method": "streams.create",
         "params": {"id": f"s{i}", "name": f"Stream {i}", "parentId": f"g{0 if i % 10 < 5 else 1}"}}
        for i in range(STREAMS)
    ]  # fmt: skip
    owner.call("POST", "", groups + leaves)


def _series(owner: Client, points: int) -> None:
    """A pulse around the middle of the account's time, a point a minute."""
    event = {"streamIds": ["s1"], "type": "series:frequency/bpm", "time": MIDDLE - 30 * points}
    made = owner.call("POST", "events", event)["event"]
    for first in range(0, points, 10_000):
        rows = [[60 * i, 60 + i * 7 % 90] for i in range(first, min(first + 10_000, points))]
        body = {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": rows}
        owner.raw("POST", f"events/{made['id']}/series", json.dumps(body).encode()).read()


def _first_looks(browser: Browser) -> tuple[float, float]:
    """Seconds to the first page, and until no page says any more that something is left."""
    path = f"?scale=all&from={START}&to={START + 1096 * 86_400}"
    begun = time.perf_counter()
    page = browser.get(path)
    first = time.perf_counter() - begun
    while b"data-unfinished" in page:
        page = browser.get(path)
    return first, time.perf_counter() - begun


def _of_scale(
    server: Server, accounts: dict[str, tuple[Browser, int]], scale: str, rounds: int
) -> list[Page]:
    """Shell, histogram and each kind of tile of a scale."""
    shell = Page(f"shell, {scale}", SHELL)
    tiles: dict[str, Page] = {}
    asked: list[list[tuple[Page, str, Browser, str]]] = []
    for name, (browser, moment) in accounts.items():
        path = f"?scale={scale}" if scale == "all" else f"?scale={scale}&from={moment}"
        mine = [(shell, name, browser, path)]
        for tile in _tiles(browser.get(path)):
            kind = parse_qs(tile)["kind"][0]
            page = tiles.setdefault(kind, Page(f"tile {kind}, {scale}", TILE))
            if not any(page is known for known, *_ in mine):
                mine.append((page, name, browser, f"tile?{tile}"))
        asked.append(mine)
    for turn in range(WARM + rounds):
        for together in zip_longest(*asked):
            for page, name, browser, path in filter(None, together):
                taken, content = browser.timed(path)
                page.size = max(page.size, len(content))
                if turn >= WARM:
                    page.times.setdefault(name, []).append(taken)
    histogram = Page(f"histogram, {scale}", HISTOGRAM)
    for name, (browser, moment) in accounts.items():
        told = _run(server, "-m", "bench.histogram", browser.username, scale, str(moment), ZONE, str(rounds))
        histogram.times[name] = json.loads(told)
    return [shell, histogram, *tiles.values()]


def _tiles(page: bytes) -> list[str]:
    """What the tiles of a page are asked with."""
    return [html.unescape(text) for text in re.findall(r'hx-get="/u/[^"/]+/tile\?([^"]+)"', page.decode())]


def script_size() -> int:
    """Bytes of our JavaScript as it travels compressed, Leaflet left out."""
    return sum(len(gzip.compress(path.read_bytes())) for path in (ROOT / "static" / "js").glob("*.js"))


def table(found: Dashboard) -> str:
    """All of it as a table."""
    head = (
        "| | small, ms | large, ms | demo, ms | large : small | most | size, kB | at most | reached |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    )
    script = (
        f"JavaScript of ours, compressed, without Leaflet: {found.script / 1000:.1f} kB"
        f" (at most {MOST_SCRIPT / 1000:.0f}). First look at all of the large account: {found.first:.2f} s to"
        f" the page, which shows what is summed up so far; {found.whole:.1f} s until all is."
    )
    return "\n".join([head, *map(_row, found.pages), "", script])


def _row(page: Page) -> str:
    times = [_time(page, name) for name in ("small", "large", "demo")]
    ratio = "–" if page.ratio is None else f"{page.ratio:.2f}"
    size = f"{page.size / 1000:.1f} | {page.limits[1] / 1000:.0f}" if page.size else "– | –"
    cells = [page.title, *times, ratio, str(page.limits[0]), size, "yes" if page.reached else "no"]
    return f"| {' | '.join(cells)} |"


def _time(page: Page, account: str) -> str:
    p95 = page.p95(account)
    return "–" if p95 is None else f"{p95:.0f} ({median(page.times[account]):.0f})"


def reached(found: Sequence[Page]) -> int:
    """How many pages are as fast and small as they should be."""
    return sum(page.reached for page in found)
