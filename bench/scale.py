"""What calls cost on a large account against a small one, and what reading all of it takes."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.client import Client, register
from bench.server import ROOT, Server

SMALL, LARGE = 10_000, 1_000_000  # events
SHORT, LONG = 10_000, 10_000_000  # points of a series
MOST_RATIO = 1.3
MOST_GROWTH = 64.0  # MiB
ROUNDS = 60
START = 1_700_000_000
QUERIES = {
    "everything": "",
    "one stream": "streams[]=leaf-7",
    "a subtree of 50 streams": "streams[]=top",
    "a type": "types[]=mass/kg",
    "a class of types": "types[]=mass/*",
    "a type in a subtree": "streams[]=top&types[]=mass/kg",
    "changed lately": "modifiedSince={changed}",
    "a time window": "fromTime={middle}&toTime={after}",
    "in the trash": "state=trashed",
}


@dataclass(frozen=True)
class Ratio:
    """A call's time on the small and on the large account, in ms (medians)."""

    title: str
    small: float
    large: float

    @property
    def ratio(self) -> float:
        return self.large / self.small


@dataclass(frozen=True)
class Reading:
    """All events read by one call."""

    events: int
    growth: float  # MiB by which the worker grew at its peak
    first: float  # seconds to the first byte
    whole: float  # seconds to the last


def prepare(server: Server, large: int) -> tuple[Client, Client]:
    """A small and a large account of the same shape."""
    owners = []
    for name, events in (("bench-small", SMALL), ("bench-large", large)):
        owner = register(server.base, name)
        owner.call("POST", "streams", {"id": "top", "name": "Top"})
        leaves = [
            {"method": "streams.create",
             "params": {"id": f"leaf-{i}", "name": f"Leaf {i}", "parentId": "top" if i < 50 else None}}
            for i in range(60)
        ]  # fmt: skip
        owner.call("POST", "", leaves)
        _fill(server, name, events)
        owners.append(owner)
    return owners[0], owners[1]


def _fill(server: Server, username: str, events: int) -> None:
    """Fill an account in a process of its own, past the API: a million calls would take an hour."""
    environment = {**server.environment, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bench.fill", username, str(events), str(START)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def compare(small: Client, large: Client, sizes: tuple[int, int]) -> list[Ratio]:
    """Each query of 20 events on both accounts, taking turns, so that both meet the same disturbances."""
    found = []
    for title, query in QUERIES.items():
        paths = [_path(query, size) for size in sizes]
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for client, path, taken in zip((small, large), paths, times, strict=True):
                begun = time.perf_counter()
                client.call("GET", path)
                taken.append(1000 * (time.perf_counter() - begun))
        found.append(Ratio(title, median(times[0]), median(times[1])))
    return found


def _path(query: str, size: int) -> str:
    end = START + 60 * size
    middle = START + 60 * (size // 2)
    filled = query.format(changed=end - 3600, middle=middle, after=middle + 86_400)
    return f"events?limit=20&{filled}"


def read_all(server: Server, owner: Client) -> Reading:
    """Read all events by one call, watching the workers' memory."""
    for pid in server.workers():
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak counts from now
    before = {pid: _peak(pid) for pid in server.workers()}
    begun = time.perf_counter()
    response = owner.raw("GET", "events?fromTime=0&limit=100000000")
    response.read(1)
    first = time.perf_counter() - begun
    events, rest = 0, b""
    while part := response.read(1 << 20):
        text = rest + part
        events += text.count(b'"streamIds":')
        rest = text[-12:]
        events -= rest.count(b'"streamIds":')
    growth = max(_peak(pid) - size for pid, size in before.items())
    return Reading(events, growth, first, time.perf_counter() - begun)


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def compare_series(owner: Client, long: int) -> list[Ratio]:
    """Appending a thousand points and reading as many, on a short and on a long series."""
    ids = [_series(owner, points) for points in (SHORT, long)]
    sizes = (SHORT, long)
    append: tuple[list[float], list[float]] = ([], [])
    window: tuple[list[float], list[float]] = ([], [])
    for turn in range(ROUNDS // 2):
        for place, (event_id, size) in enumerate(zip(ids, sizes, strict=True)):
            body = _points(size + 1000 * turn, 1000)
            begun = time.perf_counter()
            owner.raw("POST", f"events/{event_id}/series", body).read()
            append[place].append(1000 * (time.perf_counter() - begun))
            begun = time.perf_counter()
            middle = size // 2
            owner.call("GET", f"events/{event_id}/series?fromDeltaTime={middle}&toDeltaTime={middle + 1000}")
            window[place].append(1000 * (time.perf_counter() - begun))
    return [
        Ratio("append 1000 points", median(append[0]), median(append[1])),
        Ratio("read a window of 1000 points", median(window[0]), median(window[1])),
    ]


def _series(owner: Client, points: int) -> str:
    event = {"streamIds": ["top"], "type": "series:mass/kg", "time": START}
    event_id: str = owner.call("POST", "events", event)["event"]["id"]
    for start in range(0, points, 10_000):
        response = owner.raw("POST", f"events/{event_id}/series", _points(start, 10_000))
        if response.status != 200:
            raise RuntimeError(f"series: {response.status} {response.read()[:300]!r}")
        response.read()
    return event_id


def _points(first: int, count: int) -> bytes:
    rows: Sequence[list[float]] = [[first + i, 70 + i % 50 / 10] for i in range(count)]
    body = {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": rows}
    return json.dumps(body).encode()
