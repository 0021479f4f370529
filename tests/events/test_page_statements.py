"""How many statements the dashboard's pages take: as many for a full account as for a small one."""

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Api

START = 1_782_864_000  # 2026-07-01
SHELL, TILE = 16, 12  # statements at most
CONTENTS: dict[str, Any] = {
    "mass/kg": 70.5,
    "note/txt": "a note",
    "activity/plain": None,
    "url/http": "https://example.org/",
    "position/wgs84": {"latitude": 46.5, "longitude": 6.6},
    "blood-pressure/mmhg-bpm": {"systolic": 120, "diastolic": 80, "rate": 60},
}


def fill(owner: Api, streams: range, times: int) -> None:
    """Streams in trees of three, and events of each kind in the first tree."""
    for n in streams:
        owner.stream(f"s{n}", parent=f"s{n - 1}" if n % 3 else None)
    calls = [
        {
            "method": "events.create",
            "params": {
                "streamIds": [f"s{i % 3}"], "type": type_, "content": content,
                "time": START + 86_400 / times * i, "duration": 60 if type_ == "activity/plain" else 0,
            },
        }
        for i in range(times)
        for type_, content in CONTENTS.items()
    ]  # fmt: skip
    assert all("event" in one for one in owner.post("", calls).body["results"])


def statements(page: Client, address: str) -> int:
    """Those of a page that was seen before."""
    page.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert page.get(address).status_code == 200
    return len(seen)


def tiles(page: Client, address: str) -> dict[str, str]:
    """Addresses of the tiles that are loaded when they come into view, by their kind."""
    content = page.get(address).content.decode()
    found = [html.unescape(one) for one in re.findall(r'hx-get="(/u/alice/tile\?[^"]+)"', content)]
    return {one.partition("kind=")[2].partition("&")[0]: one for one in found}


@pytest.mark.parametrize("scale", ["day", "month", "all"])
def test_a_full_account_takes_no_more(alice: Api, page: Client, scale: str) -> None:
    page.cookies["tz"] = "Europe/Zurich"
    address = f"/u/alice/?scale={scale}" + (f"&from={START}" if scale != "all" else "")
    counted = []
    for streams, times in ((range(3), 3), (range(3, 60), 60)):
        fill(alice, streams, times)
        found = {kind: statements(page, tile) for kind, tile in tiles(page, address).items()}
        counted.append({"shell": statements(page, address), **found})
    few, many = counted
    assert set(few) == set(many) and len(few) == 1 + len(CONTENTS)
    assert all(many[one] <= few[one] + 1 for one in many), "one more may look again at what changed"
    assert many.pop("shell") <= SHELL
    assert max(many.values()) <= TILE
