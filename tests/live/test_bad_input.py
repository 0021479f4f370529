"""Whatever is sent: the specified error, in bounded time and memory, and nothing is written."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.live.servers import Reply, Server, database

USER = "sturdy"
SECONDS = 10.0  # of one call on a busy machine
GROWTH = 800 * 2**20  # bytes of a worker, over a body of 12 MB that is 3 000 000 texts
NOTE = {"streamIds": ["diary"], "type": "note/txt", "content": "x"}
REFUSED = {"invalid-request-structure", "invalid-parameters-format", "unknown-referenced-resource"}


class Target:
    """A server with one account, and what it holds."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.token = server.register(USER)
        made = self.send("POST", "events", {"streamIds": ["diary"], "type": "series:mass/kg"})
        self.series = made.body["event"]["id"]

    def send(self, verb: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One call; never an error of the server, never slow."""
        began = time.monotonic()
        reply = self.server.call(verb, f"/{USER}/{path}", body, self.token, timeout=60, **headers)
        assert reply.status < 500, (verb, path, reply.body)
        assert time.monotonic() - began < SECONDS
        if reply.status >= 400 and reply.body:
            assert reply.body["error"]["id"]
            assert reply.body["error"]["message"]
        return reply

    def state(self) -> Any:
        """All that was ever written, and the files."""
        path = "events?state=all&limit=100000&includeDeletions=true&modifiedSince=-1"
        found = self.send("GET", path).body
        points = self.send("GET", f"events/{self.series}/series").body["points"]
        streams = self.send("GET", "streams?state=all").body["streams"]
        media = self.server.folder / "media"
        files = sorted(str(file) for file in media.rglob("*") if file.is_file())
        # The account's own fields count along, a second later.
        events = [event for event in found["events"] if not event["id"].startswith(":")]
        return events, found["eventDeletions"], points, streams, files

    def refuses(self, verb: str, path: str, body: Any = None, **headers: str) -> Reply:
        """The call is refused as wrong and changes nothing."""
        before = self.state()
        reply = self.send(verb, path, body, **headers)
        assert reply.status == 400, (verb, path, reply.status, str(reply.body)[:500])
        assert reply.body["error"]["id"] in REFUSED, reply.body
        assert self.state() == before
        return reply


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with database() as url:
        server = Server(tmp_path_factory.mktemp("var"), url)
        server.start()
        try:
            yield Target(server)
        finally:
            server.stop()


def event(**fields: Any) -> bytes:
    return json.dumps({**NOTE, **fields}).encode()


DEEP = 20_000
BODIES = {
    "empty": b"",
    "text": b"hello",
    "scalar": b'"x"',
    "number": b"5",
    "unclosed": event()[:-1],
    "trailing": event() + b"}",
    "NaN": event().replace(b'"x"', b"NaN"),
    "Infinity": event().replace(b'"x"', b"-Infinity"),
    "1e400": event().replace(b'"x"', b"1e400"),
    "time 1e400": event(time=0).replace(b'"time": 0', b'"time": 1e400'),
    "whole time too large": event(time=int("9" * 400)),
    "surrogate": event().replace(b'"x"', b'"\\ud800"'),
    "surrogate in a key": event(clientData={"k": 1}).replace(b'"k"', b'"\\udfff"'),
    "NUL": event().replace(b'"x"', b'"a\\u0000b"'),
    "NUL in a key": event(clientData={"k": 1}).replace(b'"k"', b'"a\\u0000"'),
    "raw NUL": event().replace(b'"x"', b'"a\0b"'),
    "latin-1": event().replace(b'"x"', b'"\xe9"'),
    "UTF-16": event().decode().encode("utf-16"),
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep content": event().replace(b'"x"', b"[" * DEEP + b"]" * DEEP),
    "deep objects": event(type="a/b").replace(b'"x"', b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "deep client data": event(clientData={}).replace(b"{}", b'{"a":' * 1000 + b"1" + b"}" * 1000),
    "unknown field": event(other=1),
    "files": event(files=[{"path": "/etc/passwd"}]),
    "attachments": event(attachments=[]),
    "10 000 unknown streams": event(streamIds=[f"s{n}" for n in range(10_000)]),
    "negative duration": event(duration=-1),
    "wrong types": event(streamIds="diary", time="x", type=5, clientData=[], trashed="y"),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies(target: Target, name: str) -> None:
    target.refuses("POST", "events", BODIES[name])


@pytest.mark.parametrize("name", ["unclosed", "NaN", "1e400", "surrogate", "NUL", "latin-1", "deep lists"])
@pytest.mark.parametrize("path", ["", "streams", "series/batch", "events/{series}/series"])
def test_bodies_of_other_methods(target: Target, name: str, path: str) -> None:
    target.refuses("POST", path.format(series=target.series), BODIES[name])


def test_of_duplicate_keys_the_last_counts(target: Target) -> None:
    body = event().replace(b'"content"', b'"content": "first", "content"')
    assert target.send("POST", "events", body).body["event"]["content"] == "x"


def test_other_content_types_are_no_body(target: Target) -> None:
    for kind in (
        "text/plain",
        "application/xml",
        "application/json5",
        "image/png",
        "multipart/mixed; boundary=x",
    ):
        target.refuses("POST", "events", event(), Content_Type=kind)
    for kind in ("application/json; charset=utf-8", "application/json;charset=UTF-8"):
        assert target.send("POST", "events", event(), Content_Type=kind).status == 201


def test_large_contents(target: Target) -> None:
    """5 MB are stored and come back; more than a body may have is refused."""
    large = "é" * (5 * 2**19)
    made = target.send("POST", "events", event(content=large))
    assert made.status == 201
    got = target.send("GET", f"events/{made.body['event']['id']}").body["event"]
    assert got["content"] == large
    for _ in range(2):
        target.send("DELETE", f"events/{got['id']}")
    target.refuses("POST", "events", event(content="x" * (51 * 2**20)))
    target.refuses("POST", "events", b'{"streamIds":' + b"[" + b'"a",' * 3_000_000 + b'"a"]}')
    assert target.server.memory() < GROWTH * len(target.server.workers())


@pytest.mark.parametrize(
    "query",
    [
        "streams=" + "[" * 3000,
        "streams=%ff",
        "streams=%00",
        'streams={"any":["diary"],"any":5}',
        'streams={"any":[%22\\ud800%22]}',
        "limit=-1",
        "limit=1e99",
        "limit=1.5",
        "skip=x",
        "fromTime=NaN",
        "fromTime=1e400",
        "toTime=" + "9" * 400,
        "types=%2A%2F%2A%2F",
        "state=other",
        "other=1",
        "sortAscending=5",
    ],
)
def test_queries(target: Target, query: str) -> None:
    target.refuses("GET", f"events?{query.replace(' ', '%20').replace(chr(34), '%22')}")


def test_ten_thousand_streams_in_a_query(target: Target) -> None:
    """By batch, as no address holds as many."""
    for streams in ([f"s{n}" for n in range(10_000)], [{"any": ["diary"] * 10_000}], [["diary"]] * 10_000):
        calls = [{"method": "events.get", "params": {"streams": streams, "limit": 1}}]
        reply = target.send("POST", "", calls)
        (result,) = reply.body["results"]
        assert "events" in result or result["error"]["id"] in REFUSED


def raw(target: Target, head: str, body: bytes) -> bytes:
    """Bytes to the server as they are, then no more; its answer."""
    with socket.create_connection(("127.0.0.1", target.server.port), timeout=20) as connection:
        request = f"POST /{USER}/{head}\r\nHost: 127.0.0.1\r\nAuthorization: {target.token}\r\n".encode()
        connection.sendall(request + body)
        connection.shutdown(socket.SHUT_WR)
        got = b""
        while block := connection.recv(65536):
            got += block
        return got


PART = b'--x\r\nContent-Disposition: form-data; name="e"\r\n\r\n' + event() + b"\r\n"
FILE = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n' + b"y" * 300_000


CHUNKED = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"


def test_a_body_in_chunks_is_read(target: Target) -> None:
    chunks = b"".join(b"1\r\n" + event()[i : i + 1] + b"\r\n" for i in range(len(event())))
    answer = raw(target, "events HTTP/1.1", CHUNKED.encode() + chunks + b"0\r\n\r\n")
    assert b" 201 " in answer.splitlines()[0], answer[:200]


@pytest.mark.parametrize("sent", [b"", b"%x\r\n%s", b"zz\r\n%s\r\n", b"%x\r\n%s\r\n", b"%x\r\n%sxx0\r\n\r\n"])
def test_broken_chunks_change_nothing(target: Target, sent: bytes) -> None:
    before = target.state()
    body = sent.replace(b"%x", b"%x" % len(event())).replace(b"%s", event())
    answer = raw(target, "events HTTP/1.1", CHUNKED.encode() + body)
    assert answer == b"" or b" 400 " in answer.splitlines()[0], answer[:200]
    assert target.state() == before


def test_chunks_without_end_take_bounded_memory(target: Target) -> None:
    before, block = target.state(), b"100000\r\n" + b" " * 2**20 + b"\r\n"
    answer = raw(target, "events HTTP/1.1", CHUNKED.encode() + block * 60 + b"0\r\n\r\n")
    assert answer == b"" or b" 400 " in answer.splitlines()[0], answer[:200]
    assert target.state() == before


@pytest.mark.parametrize("path", ["events", "events/{series}"])
def test_multipart_that_breaks_off(target: Target, path: str) -> None:
    before = target.state()
    whole = PART + FILE + b"\r\n--x--\r\n"
    kind = "Content-Type: multipart/form-data; boundary=x\r\n"
    head = f"{path.format(series=target.series)} HTTP/1.1"
    for length, sent in (
        (len(whole), whole[:-100_000]),
        (len(whole) - 100_000, whole[:-100_000]),
        (len(PART), PART),
        (len(whole) * 2, whole),
        (10, whole[:10]),
    ):
        fields = f"{kind}Content-Length: {length}\r\nConnection: close\r\n\r\n".encode()
        answer = raw(target, head, fields + sent)
        # Whoever hangs up needs no answer; but it is never a success.
        if not (length > len(whole) and answer.startswith((b"HTTP/1.1 201", b"HTTP/1.1 200"))):
            assert answer == b"" or b" 400 " in answer.splitlines()[0], answer[:200]
            assert target.state() == before
        else:
            before = target.state()  # the body was whole; only more had been announced


@pytest.mark.parametrize(
    "fields",
    [
        "Content-Length: abc",
        "Content-Length: -5",
        "Content-Length: 5\r\nContent-Length: 9",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Content-Length: 999999",
    ],
)
def test_wrong_lengths(target: Target, fields: str) -> None:
    before = target.state()
    kind = "Content-Type: application/json\r\nConnection: close\r\n"
    answer = raw(target, "events HTTP/1.1", f"{kind}{fields}\r\n\r\n".encode() + event())
    status = answer.split(b" ")[1][:1] if answer else b"4"
    assert status in (b"4", b"5"), answer[:200]
    assert b" 500 " not in answer.split(b"\r\n")[0] + b" "
    assert b"Traceback" not in answer
    assert target.state() == before


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    "id",
    "streamIds",
    "time",
    "duration",
    "type",
    "content",
    "description",
    "clientData",
    "trashed",
    "x",
)
bodies = st.one_of(
    st.binary(max_size=200),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=6).map(
        lambda fields: json.dumps({**NOTE, **fields}).encode()
    ),
    st.tuples(st.integers(0, 120), st.integers(0, 255)).map(
        lambda at: event(clientData={"a": [1, 2]})[: at[0]] + bytes([at[1]]) + event()[at[0] + 1 :]
    ),
)
routes = st.sampled_from(
    [("POST", "events"), ("POST", ""), ("POST", "streams"), ("PUT", "streams/diary"),
     ("POST", "series/batch"), ("POST", "events/{series}/series"), ("PUT", "events/{series}"),
     ("POST", "accesses"),
     ("GET", "events?streams={text}"), ("GET", "events/{series}/series?fromDeltaTime={text}"),
     ("GET", "events/{text}"), ("DELETE", "streams/{text}"), ("GET", "events?content={text}")]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(route=routes, body=bodies, text=st.text(max_size=20))
def test_anything(target: Target, route: tuple[str, str], body: bytes, text: str) -> None:
    """No call makes the server fail, and one that is refused leaves all as it was."""
    before = target.state()
    path = route[1].format(series=target.series, text=quote(text, safe=""))
    reply = target.send(route[0], path, None if route[0] in ("GET", "DELETE") else body)
    if reply.status >= 400:
        assert target.state() == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.integers(0, 400), byte=st.integers(0, 255), kind=st.sampled_from(["x", "", '"x"', "y", "x; a=b"])
)
def test_any_multipart(target: Target, cut: int, byte: int, kind: str) -> None:
    whole = PART + FILE[:200] + b"\r\n--x--\r\n"
    body = whole[:cut] + bytes([byte]) + whole[cut + 1 :]
    before = target.state()
    reply = target.send("POST", "events", body, Content_Type=f"multipart/form-data; boundary={kind}")
    assert reply.status in (201, 400)
    if reply.status == 400:
        assert target.state() == before


def test_a_large_file_takes_little_memory(target: Target) -> None:
    """200 MB go through workers that hardly grow."""
    before = target.server.memory()
    size = 200 * 2**20
    head = PART + b'--x\r\nContent-Disposition: form-data; name="f"; filename="big"\r\n\r\n'
    tail = b"\r\n--x--\r\n"
    fields = (
        "Content-Type: multipart/form-data; boundary=x\r\nConnection: close\r\n"
        f"Content-Length: {len(head) + size + len(tail)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", target.server.port), timeout=60) as connection:
        opening = f"POST /{USER}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {target.token}\r\n"
        connection.sendall((opening + fields).encode() + head)
        block = bytes(2**20)
        for _ in range(size // len(block)):
            connection.sendall(block)
        connection.sendall(tail)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    assert b" 201 " in answer.splitlines()[0]
    made = json.loads(answer.split(b"\r\n\r\n", 1)[1])["event"]
    assert made["attachments"][0]["size"] == size
    assert target.server.memory() - before < 32 * 2**20
    for _ in range(2):
        target.send("DELETE", f"events/{made['id']}")
