"""Previews of pictures (spec api-data §3.9; edge cases 167–172)."""

import os
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Account
from events.preview_files import folder_of
from events.previews import render, target_size
from tests.cast import Api


def encoded(
    size: tuple[int, int], form: str = "PNG", mode: str = "RGB", color: Any = "red", **more: Any
) -> bytes:
    out = BytesIO()
    Image.new(mode, size, color).save(out, form, **more)
    return out.getvalue()


def picture(api: Api, content: bytes, event_type: str = "picture/attached") -> dict[str, Any]:
    file = SimpleUploadedFile("p.png", content, content_type="image/png")
    made = api.form("events", {"event": f'{{"streamIds":["diary"],"type":"{event_type}"}}', "file": file})
    assert made.status == 201, made.body
    return made["event"]


def preview(api: Api, event_id: str, query: str = "") -> Image.Image:
    answer = api.get(f"events/{event_id}.jpg{query}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg"), answer.body
    return Image.open(BytesIO(answer.body))


def test_edge_167_a_progressive_jpeg(alice: Api) -> None:
    event = picture(alice, encoded((800, 600)))
    shown = preview(alice, event["id"])
    assert (shown.format, shown.size, shown.info.get("progressive")) == ("JPEG", (256, 256), 1)
    assert alice.get(f"events/{event['id']}.JPEG").status == 200
    assert alice.get(f"events/{event['id']}.jpg?auth={alice.token}", Authorization="").status == 200
    assert alice.get(f"events/{event['id']}")["event"]["id"] == event["id"]


@pytest.mark.parametrize(
    ("original", "width", "height", "expected"),
    [
        ((3000, 2000), None, 280, (768, 512)),
        ((2000, 3000), None, 280, (341, 512)),
        ((2000, 9000), 280, None, (228, 1024)),
        ((3000, 2000), 256, None, (512, 341)),
        ((3000, 2000), 100, None, (256, 171)),
        ((3000, 2000), 5000, None, (1024, 683)),
        ((3000, 2000), 600, 100, (768, 512)),
        ((3000, 2000), 100, 600, (1024, 683)),
        ((3000, 2000), 0, None, (256, 171)),
        ((100, 50), 600, None, (100, 50)),
        ((9000, 3), 600, None, (768, 1)),
    ],
)
def test_edge_168_sizes(
    original: tuple[int, int], width: float | None, height: float | None, expected: tuple[int, int]
) -> None:
    assert target_size(original, width, height) == expected


def test_asked_sizes(alice: Api) -> None:
    event = picture(alice, encoded((1600, 800)))
    for query, size in (("?w=280", (512, 256)), ("?width=280", (512, 256)), ("?h=280", (1024, 512))):
        assert preview(alice, event["id"], query).size == size
    for query in ("?width=10&w=x", "?w=wide", "?h=-1", "?w=NaN", "?w=1e999"):
        assert alice.get(f"events/{event['id']}.jpg{query}").error == "invalid-parameters-format"


def test_edge_169_made_again_after_a_change(alice: Api) -> None:
    event = picture(alice, encoded((64, 64), color="red"))
    first = alice.get(f"events/{event['id']}.jpg")
    path = f"events/{event['id']}"
    alice.delete(f"{path}/{event['attachments'][0]['id']}")
    file = SimpleUploadedFile("q.png", encoded((64, 64), color="blue"), content_type="image/png")
    alice.form(path, {"file": file})
    again = alice.get(f"{path}.jpg")
    assert Image.open(BytesIO(again.body)).getpixel((5, 5))[2] > 200
    assert again.headers["ETag"] != first.headers["ETag"]
    alice.put(path, {"description": "x"})
    assert alice.get(f"{path}.jpg").headers["ETag"] != again.headers["ETag"]
    kept = alice.get(f"{path}.jpg", If_None_Match=alice.get(f"{path}.jpg").headers["ETag"])
    assert (kept.status, kept.body) == (304, b"")


def test_kept_files_follow_the_event(alice: Api, django_capture_on_commit_callbacks: Any) -> None:
    event = picture(alice, encoded((64, 64)))
    for query in ("", "?w=10", "?w=300"):
        preview(alice, event["id"], query)
    folder = folder_of(Account.objects.get(username="alice").id, file_of(event))
    assert len(list(folder.iterdir())) == 3
    alice.put(f"events/{event['id']}", {"description": "x"})
    preview(alice, event["id"])
    assert len(list(folder.iterdir())) == 1
    with django_capture_on_commit_callbacks(execute=True):
        alice.delete(f"events/{event['id']}")
        alice.delete(f"events/{event['id']}")
    assert not folder.exists()
    assert alice.get(f"events/{event['id']}.jpg").status == 404


def file_of(event: dict[str, Any]) -> str:
    return str(event["attachments"][0]["id"])


def test_edge_170_no_picture(alice: Api) -> None:
    note = alice.event("diary")
    answer = alice.get(f"events/{note['id']}.jpg")
    assert (answer.status, answer.body) == (204, b"")
    empty = alice.event("diary", type="picture/attached", content=None)
    answer = alice.get(f"events/{empty['id']}.jpg")
    assert (answer.status, answer.error) == (422, "corrupted-data")


def test_edge_171_rights(alice: Api, carol: Api) -> None:
    event = picture(alice, encoded((9, 9)))
    assert Api("alice").get(f"events/{event['id']}.jpg").status == 401
    assert alice.guest("create-only").get(f"events/{event['id']}.jpg").status == 403
    assert alice.get("events/unknown.jpg").status == 404
    assert carol.get(f"events/{event['id']}.jpg").status == 404


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 60 000 × 60 000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        b"no picture at all",
        b"",
        encoded((200, 200), "JPEG")[:300],
        encoded((200, 200))[:60],
        b"GIF89a" + b"\xff" * 40,
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        bomb(),
    ],
    ids=["text", "empty", "cut jpeg", "cut png", "cut gif", "postscript", "svg", "bomb"],
)
def test_damaged_files(alice: Api, content: bytes) -> None:
    event = picture(alice, content)
    answer = alice.get(f"events/{event['id']}.jpg")
    assert (answer.status, answer.error) == (422, "corrupted-data")


def test_edge_172_first_frame_of_an_animation(alice: Api) -> None:
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "blue")]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    shown = preview(alice, picture(alice, out.getvalue())["id"])
    red, _, blue = shown.getpixel((9, 9))
    assert (red > 200, blue < 60) == (True, True)


@pytest.mark.parametrize(
    ("mode", "color"),
    [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("P", 0), ("L", 255), ("I;16", 65535), ("1", 1)],
)
def test_modes_become_white(alice: Api, mode: str, color: Any) -> None:
    more = {"transparency": 0} if mode == "P" else {}
    shown = preview(alice, picture(alice, encoded((20, 20), mode=mode, color=color, **more))["id"])
    assert min(shown.getpixel((5, 5))) > 245


def test_orientation_and_metadata(alice: Api) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "Camera"
    wide = encoded((400, 200), "JPEG", exif=exif)
    shown = preview(alice, picture(alice, wide)["id"], "?h=100")
    assert shown.size == (128, 256)
    assert not shown.getexif()


def test_cmyk(alice: Api) -> None:
    shown = preview(alice, picture(alice, encoded((30, 30), "JPEG", mode="CMYK", color=(0, 0, 0, 0)))["id"])
    assert min(shown.getpixel((5, 5))) > 245


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP", "BMP", "TIFF", "MPO", "ICO", "AVIF", "JPEG2000"])
def test_formats_of_pictures(alice: Api, form: str) -> None:
    event = picture(alice, encoded((64, 64), form))
    red, green, blue = preview(alice, event["id"]).getpixel((128, 128))
    assert red > 240 and green < 15 and blue < 15


def plain_png(side: int, colour: int, channels: int) -> bytes:
    """A PNG of one value in every channel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, colour, 0, 0, 0)
    packer = zlib.compressobj(1)
    line = b"\0" + b"\x80" * (side * channels)
    data = b"".join([*(packer.compress(line) for _ in range(side)), packer.flush()])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


MEASURE = """
import sys
from io import BytesIO
import django
django.setup()
from events.previews import render
def peak():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) // 1024
content, before = sys.stdin.buffer.read(), peak()
assert render(BytesIO(content), 1000, None)
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells how much memory was used")
def test_the_largest_picture_takes_two_copies_of_itself_at_most() -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "pryvsite.settings", "LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], input=plain_png(8000, 6, 4), env=environment, capture_output=True,
        check=True,
    )  # fmt: skip
    assert 200 < int(done.stdout) < 600, done  # MiB; one copy is 244


@pytest.mark.parametrize("size", [(4100, 4100), (9000, 700), (700, 9000), (2048, 513)])
@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "RGB"])
def test_large_pictures_keep_their_shape_and_colours(size: tuple[int, int], mode: str) -> None:
    colour = {"RGBA": (255, 0, 0, 128), "L": 128, "P": 0, "RGB": (0, 0, 255)}[mode]
    content = encoded(size, mode=mode, color=colour)
    for width, height in ((None, None), (1000, None), (None, 300)):
        shown = Image.open(BytesIO(render(BytesIO(content), width, height)))
        assert shown.size == ((256, 256) if width is height else target_size(size, width, height))
        middle = shown.convert("RGB").getpixel((shown.width // 2, shown.height // 2))
        expected = {"RGBA": (255, 127, 127), "L": (128,) * 3, "P": (0, 0, 0), "RGB": (0, 0, 255)}[mode]
        assert isinstance(middle, tuple)
        assert all(abs(a - b) <= 4 for a, b in zip(middle, expected, strict=True)), middle
