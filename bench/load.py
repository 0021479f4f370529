"""Seven kinds of calls under load by wrk: requests a second, and processor time a request."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.client import Client, register
from bench.server import Server

CONNECTIONS = 10
EVENTS = 10_000  # of the account that is read
POINTS = 1000  # of a series call
START = 1_700_000_000


@dataclass(frozen=True)
class Case:
    """One kind of call. `target` is in requests a second on PostgreSQL; SQLite owes half."""

    title: str
    target: float
    client: Client
    verb: str
    path: str
    check: Callable[[Any], bool]
    body: Any = None
    series: bool = False


@dataclass(frozen=True)
class Figure:
    """What was measured of a case."""

    title: str
    target: float
    rate: float  # requests a second, the median run
    lowest: float
    highest: float
    cpu: float  # ms of the server's and database's processor time a request
    p50: str
    p99: str
    failed: int


def ensure_wrk() -> None:
    """wrk must be there; as root on Debian it is installed. Raises FileNotFoundError."""
    if not shutil.which("wrk") and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "wrk"]):
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if not shutil.which("wrk"):
        raise FileNotFoundError("wrk was not found: install the package wrk.")


def prepare(base: str) -> list[Case]:
    """Three accounts: one that is read, one that is written to, one with a hundred streams."""
    reader, writer, trees = (register(base, f"bench-{name}") for name in ("reader", "writer", "trees"))
    for owner in (reader, writer):
        owner.call("POST", "streams", {"id": "data", "name": "Data"})
    for start in range(0, EVENTS, 500):
        _batch(reader, [_event(START + 60 * i, 50 + i % 500 / 10) for i in range(start, start + 500)])
    _plant(trees)
    reading, writing = reader.app(_on("data", "read")), writer.app(_on("data", "manage"))
    whole = trees.app(_on("*", "manage"))
    series = writing.call("POST", "events", {"streamIds": ["data"], "type": "series:mass/kg", "time": START})[
        "event"
    ]["id"]
    hundred = [{"method": "events.create", "params": {**_event(None, 70.5 + i / 100)}} for i in range(100)]
    return [
        Case("events.get, limit 20", 1350, reading, "GET", "events?limit=20", _has("events", 20)),
        Case("events.get, limit 1000", 350, reading, "GET", "events?limit=1000", _has("events", 1000)),
        Case("events.create", 1130, writing, "POST", "events", _created, _event(None, 72.5)),
        Case("batch of 100 events.create", 97, writing, "POST", "", _all_created, hundred),
        Case("streams.get, 100 streams in a tree", 1990, whole, "GET", "streams", _hundred_streams),
        Case("series, 1000 points", 500, writing, "POST", f"events/{series}/series", _ok, series=True),
        Case("access-info", 3160, reading, "GET", "access-info", lambda got: got["type"] == "app"),
    ]


def _event(moment: float | None, content: float) -> dict[str, Any]:
    event = {"streamIds": ["data"], "type": "mass/kg", "content": content}
    return event if moment is None else {**event, "time": moment}


def _batch(owner: Client, events: Sequence[dict[str, Any]]) -> None:
    owner.call("POST", "", [{"method": "events.create", "params": event} for event in events])


def _plant(owner: Client) -> None:
    """Four roots, each with four children of five leaves: a hundred streams; the one there was goes."""
    for _ in range(2):
        owner.call("DELETE", "streams/diary")
    for i in range(4):
        owner.call("POST", "streams", {"id": f"r{i}", "name": f"Root {i}"})
        for j in range(4):
            owner.call("POST", "streams", {"id": f"r{i}-{j}", "name": f"Child {i} {j}", "parentId": f"r{i}"})
            for k in range(5):
                leaf = {"id": f"r{i}-{j}-{k}", "name": f"Leaf {i} {j} {k}", "parentId": f"r{i}-{j}"}
                owner.call("POST", "streams", leaf)


def _on(stream_id: str, level: str) -> dict[str, str]:
    return {"streamId": stream_id, "level": level}


def _has(name: str, number: int) -> Callable[[Any], bool]:
    return lambda got: len(got[name]) == number


def _created(got: Any) -> bool:
    return "event" in got


def _all_created(got: Any) -> bool:
    return len(got["results"]) == 100 and all("event" in one for one in got["results"])


def _ok(got: Any) -> bool:
    return bool(got["status"] == "ok")


def _hundred_streams(got: Any) -> bool:
    waiting, found = list(got["streams"]), 0
    while waiting:
        stream = waiting.pop()
        found += not stream["id"].startswith(":")
        waiting += stream["children"]
    return found == 100


def measure(server: Server, case: Case, *, seconds: int, runs: int) -> Figure:
    """One call whose answer is checked, a warm-up, then some runs; the median one counts."""
    first = _points(0) if case.series else case.body
    if not case.check(case.client.call(case.verb, case.path, first)):
        raise RuntimeError(f"{case.title}: not the answer it must be.")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "case.lua"
        found: list[tuple[float, float, str]] = []
        for number in range(runs + 1):
            script.write_text(_script(case, first_point=(number + 1) * 100_000_000))
            before = server.cpu()
            told = _wrk(server.base, case, script, max(1, seconds // 3) if number == 0 else seconds)
            requests = int(_number(r"(\d+) requests in", told))
            spent = 1000 * (server.cpu() - before) / max(1, requests)
            if number:
                found.append((_number(r"Requests/sec:\s+([\d.]+)", told), spent, told))
    rates = [rate for rate, _, _ in found]
    middle = min(found, key=lambda one: abs(one[0] - median(rates)))
    told = middle[2]
    failed = int(_number(r"Non-2xx or 3xx responses: (\d+)", told) + _number(r"timeout (\d+)", told))
    return Figure(
        case.title, case.target, middle[0], min(rates), max(rates), middle[1],
        _text(r"\n\s+50%\s+(\S+)", told), _text(r"\n\s+99%\s+(\S+)", told), failed,
    )  # fmt: skip


def _wrk(base: str, case: Case, script: Path, seconds: int) -> str:
    url = f"{base}/{case.client.username}/{case.path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "30s"]
    done = subprocess.run([*command, "-s", str(script), url], capture_output=True, text=True, check=True)
    time.sleep(0.5)
    return done.stdout


def _points(first: int) -> dict[str, Any]:
    rows = [[first + i, 70 + i % 50 / 10] for i in range(POINTS)]
    return {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": rows}


def _script(case: Case, *, first_point: int) -> str:
    lines = [
        f"wrk.method = {json.dumps(case.verb)}",
        f"wrk.headers['Authorization'] = {json.dumps(case.client.token)}",
    ]
    if case.body is not None or case.series:
        lines.append("wrk.headers['Content-Type'] = 'application/json'")
    if case.body is not None:
        lines.append(f"wrk.body = {json.dumps(json.dumps(case.body))}")
    if case.series:
        lines.append(_SERIES % (first_point, POINTS))
    return "\n".join(lines)


_SERIES = """
local first, count = %d, %d
request = function()
  local rows = {}
  for i = 1, count do rows[i] = "[" .. (first + i) .. "," .. (70 + (i %% 50) / 10) .. "]" end
  first = first + count
  local points = table.concat(rows, ",")
  local body = '{"format":"flatJSON","fields":["deltaTime","value"],"points":[' .. points .. "]}"
  return wrk.format(nil, nil, nil, body)
end
"""


def _text(pattern: str, told: str) -> str:
    found = re.search(pattern, told)
    return found[1] if found else ""


def _number(pattern: str, told: str) -> float:
    return float(_text(pattern, told) or 0)
