"""`kill -9` at any moment: what was acknowledged is there, of each call all or nothing, no file left over."""

import base64
import hashlib
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pryvsite.kernel.integrity import event_integrity
from tests.live.servers import Lost, Reply, Server, database

KILLS = 25  # on each of the two engines
POINTS = 40  # of a call
USER = "survivor"

# What the database holds, seen from behind the API.
INSPECT = """
import json
from events.models import Attachment, Event, EventStream, SeriesChunk
from streams.models import Stream
events = {e.id: json.loads(e.wire) for e in Event.objects.all()}
print(json.dumps({
    "events": events,
    "streams": sorted(Stream.objects.values_list("id", flat=True)),
    "blobs": sorted(Attachment.objects.values_list("blob", flat=True)),
    "files": sorted([a.event_id, a.id] for a in Attachment.objects.all()),
    "places": sorted([p.event_id, p.stream_id] for p in EventStream.objects.all()),
    "series": sorted(set(SeriesChunk.objects.values_list("event_id", flat=True))),
}))
"""


class Work:
    """One client's writes, and what it was told of them."""

    def __init__(self, server: Server, token: str, number: int) -> None:
        self.server, self.token, self.number = server, token, number
        self.random = random.Random(number)
        self.count = 0
        self.notes: dict[str, list[str]] = {}  # id: contents that may be stored
        self.gone: set[str] = set()  # events that are deleted for sure
        self.files: dict[str, list[str]] = {}  # event id: digests
        self.points: dict[int, bool] = {}  # value of a call's points: acknowledged
        self.merged: dict[str, str] = {}  # event id: the stream it was in
        self.series = self.post("events", {"streamIds": ["diary"], "type": "series:mass/kg"})["event"]["id"]
        self.wrong: list[str] = []

    def call(self, verb: str, path: str, body: Any = None, **headers: str) -> Reply:
        reply = self.server.call(verb, f"/{USER}/{path}", body, self.token, **headers)
        if reply.status >= 400:
            self.wrong.append(f"{verb} {path}: {reply.status} {reply.body!r:.300}")
        return reply

    def post(self, path: str, body: Any) -> Any:
        return self.call("POST", path, body).body

    def step(self) -> None:
        self.count += 1
        self.random.choice(
            [self.note, self.update, self.upload, self.write_points, self.merge, self.delete]
        )()

    def new_id(self) -> str:
        return f"c{self.number:02d}{self.count:022d}"

    def note(self) -> None:
        event_id, text = self.new_id(), f"note {self.count}"
        self.notes[event_id] = ["", text]  # the first: not there at all
        self.post("events", {"id": event_id, "streamIds": ["diary"], "type": "note/txt", "content": text})
        self.notes[event_id] = [text]

    def update(self) -> None:
        if not self.notes:
            return
        event_id = self.random.choice(list(self.notes))
        if "" in self.notes[event_id]:
            return
        text = f"update {self.count}"
        self.notes[event_id].append(text)
        self.call("PUT", f"events/{event_id}", {"content": text})
        self.notes[event_id] = [text]

    def upload(self) -> None:
        event_id = self.new_id()
        contents = [self.random.randbytes(self.random.randrange(200_000)) for _ in range(3)]
        self.files[event_id] = ["?", *(sha256(content) for content in contents)]
        event = {"id": event_id, "streamIds": ["diary"], "type": "file/attached-multiple"}
        body = b'--x\r\nContent-Disposition: form-data; name="e"\r\n\r\n' + json.dumps(event).encode()
        for n, content in enumerate(contents):
            head = f'\r\n--x\r\nContent-Disposition: form-data; name="f{n}"; filename="f{n}"\r\n\r\n'
            body += head.encode() + content
        self.call("POST", "events", body + b"\r\n--x--\r\n", Content_Type="multipart/form-data; boundary=x")
        del self.files[event_id][0]

    def write_points(self) -> None:
        start, value = self.random.randrange(10_000), self.count
        points = [[start + n + value / 1e6, value] for n in range(POINTS)]
        self.points[value] = False
        self.post(
            f"events/{self.series}/series",
            {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": points},
        )
        self.points[value] = True

    def merge(self) -> None:
        event_id, stream_id = self.new_id(), f"s{self.number}-{self.count}"
        self.post("streams", {"id": stream_id, "name": stream_id, "parentId": "diary"})
        self.notes[event_id] = ["", stream_id]
        event = {"id": event_id, "streamIds": [stream_id], "type": "note/txt", "content": stream_id}
        self.post("events", event)
        self.notes[event_id] = [stream_id]
        self.call("DELETE", f"streams/{stream_id}")
        self.call("DELETE", f"streams/{stream_id}?mergeEventsWithParent=true")
        self.merged[event_id] = stream_id

    def delete(self) -> None:
        known = [event_id for event_id, found in self.files.items() if found[0] != "?"]
        if not known:
            return
        event_id = known[0]
        digests = self.files.pop(event_id)
        self.files[event_id] = ["?", *digests]
        self.call("DELETE", f"events/{event_id}")
        self.call("DELETE", f"events/{event_id}")
        del self.files[event_id]
        self.gone.add(event_id)


def sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def run(work: Work, stop: threading.Event) -> None:
    """Write until the server is gone."""
    while not stop.is_set():
        try:
            work.step()
        except Lost:
            if stop.wait(0.02):
                return


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with database() as url:
        server = Server(tmp_path, url)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def test_nothing_acknowledged_is_lost(server: Server) -> None:
    token = server.register(USER)
    works = [Work(server, token, number) for number in range(4)]
    moments = random.Random(7)
    for _ in range(KILLS):
        stop = threading.Event()
        threads = [threading.Thread(target=run, args=(work, stop)) for work in works]
        for thread in threads:
            thread.start()
        time.sleep(moments.uniform(0.05, 0.8))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join(30)
        server.start()
    assert [problem for work in works for problem in work.wrong] == []
    acknowledged = [len(work.gone) + len(work.merged) + sum(work.points.values()) for work in works]
    assert sum(acknowledged) > KILLS, "kills came too early to interrupt anything"
    check(server, works)


def check(server: Server, works: list[Work]) -> None:
    server.manage("sweep_files", "--older-than", "0")
    found = json.loads(server.manage("shell", "--no-imports", "-c", INSPECT))
    events: dict[str, Any] = found["events"]
    media = server.folder / "media"
    on_disk = sorted(path.relative_to(media).as_posix() for path in media.rglob("*") if path.is_file())
    assert on_disk == found["blobs"], "a file without record, or a record without file"
    attached = [[event_id, file["id"]] for event_id, e in events.items() for file in e.get("attachments", ())]
    assert sorted(attached) == found["files"]
    placed = sorted([event_id, stream_id] for event_id, e in events.items() for stream_id in e["streamIds"])
    assert placed == found["places"]
    assert {stream_id for _, stream_id in placed} <= set(found["streams"])
    assert all(event["integrity"] == event_integrity(event) for event in events.values())
    for work in works:
        check_work(server, work, events, found["streams"])


def check_work(server: Server, work: Work, events: dict[str, Any], streams: list[str]) -> None:
    for event_id, contents in work.notes.items():
        stored = events[event_id]["content"] if event_id in events else ""
        assert stored in contents, (event_id, stored, contents)
    for event_id, stream_id in work.merged.items():
        assert events[event_id]["streamIds"] == ["diary"]
        assert stream_id not in streams
    assert not work.gone & set(events)
    get: Callable[[str], Reply] = lambda path: server.call("GET", f"/{USER}/{path}", None, work.token)  # noqa: E731
    for event_id, digests in work.files.items():
        if event_id not in events:
            assert digests[0] == "?", f"{event_id} was acknowledged"
            continue
        files = events[event_id]["attachments"]
        assert [file["integrity"] for file in files] == [f"sha256-{d}" for d in digests if d != "?"]
        for file in files:
            content = get(f"events/{event_id}/{file['id']}").body
            assert f"sha256-{sha256(content)}" == file["integrity"]
    points = get(f"events/{work.series}/series").body["points"]
    for value, acknowledged in work.points.items():
        count = sum(1 for _, stored in points if stored == value)
        assert count in ((POINTS,) if acknowledged else (0, POINTS)), "a call's points are there or not"
    assert [delta for delta, _ in points] == sorted(delta for delta, _ in points)
    longest = max((delta for delta, _ in points), default=0)
    assert events[work.series].get("duration", 0) == pytest.approx(longest)
