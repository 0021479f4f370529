"""Small JPEG versions of pictures, kept until the event changes (spec api-data §3.9)."""

import struct
import threading
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from PIL import Image, ImageOps

from events.attachments import open_attachment
from events.preview_files import folder_of, keep
from events.queries import find_event
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import CorruptedData
from pryvsite.kernel.permissions import Can
from streams.tree import load_tree

STANDARDS = (256, 512, 768, 1024)  # px
LARGEST = STANDARDS[-1]
QUALITY = 82
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "AVIF", "JPEG2000")  # JPEG reads MPO too
PICTURE = "picture/attached"
BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    ZeroDivisionError,
    struct.error,
    Image.DecompressionBombError,
)  # fmt: skip (what decoders raise for files that aren't what they say)

# Decoding takes memory by the size of the picture, 8 bytes for each pixel: some at a time, one large one.
_turns = threading.BoundedSemaphore(2)
_large_turn = threading.Lock()
LARGE = 16_000_000  # pixels
REDUCIBLE = ("L", "LA", "RGB", "RGBA", "CMYK", "YCbCr")  # modes whose pixels can be averaged

Size = tuple[int, int]  # px


def preview(
    actor: Actor, event_id: str, width: float | None, height: float | None
) -> tuple[Path, str] | None:
    """The preview's file and entity tag; None for events that are no pictures.

    Raises UnknownResource, Forbidden, CorruptedData (no file, or one that is no picture).
    """
    event = find_event(actor, event_id, Can.READ, load_tree(actor.account_id))
    if event["type"] != PICTURE:
        return None
    files = event.get("attachments") or ()
    if not files:
        raise CorruptedData("The event has no file.")
    file_id = files[0]["id"]
    asked = "crop" if width is None and height is None else f"{_key(width)}x{_key(height)}"
    version = f"{event['modified']}-{asked}"
    path = folder_of(actor.account_id, file_id) / f"{version}.jpg"
    if not path.exists():
        handle, _ = open_attachment(actor, event_id, file_id)
        with handle, _turns:
            keep(path, render(handle, width, height), str(event["modified"]))
    return path, f'"{file_id}-{version}"'


def _key(side: float | None) -> str:
    return "" if side is None else str(standard(side))


def standard(side: float) -> int:
    """The next standard strictly greater than what is asked, 1024 at most."""
    return next((size for size in STANDARDS if size > side), LARGEST)


def target_size(original: Size, width: float | None, height: float | None) -> Size:
    """The size of a preview: of both sides asked for the one that needs more counts."""
    ratio = original[0] / original[1]
    by_width = height is None or (width is not None and width / max(height, 1) > ratio)
    if by_width:
        wide = float(standard(width or 0))
        tall = wide / ratio
    else:
        tall = float(standard(height or 0))
        wide = tall * ratio
    shrink = min(1.0, LARGEST / max(wide, tall), original[0] / wide)
    return max(1, round(wide * shrink)), max(1, round(tall * shrink))


def render(handle: BinaryIO, width: float | None, height: float | None) -> bytes:
    """A progressive JPEG without metadata of the first frame. Raises CorruptedData."""
    try:
        with Image.open(handle, formats=FORMATS) as opened:
            pixels = opened.width * opened.height
            if pixels > settings.PREVIEW_MAX_PIXELS:
                raise CorruptedData("The picture is too large for a preview.")
            with _large_turn if pixels > LARGE else nullcontext():
                return _rendered(opened, width, height)
    except BROKEN:
        raise CorruptedData("The file is not a picture that can be shown.") from None


def _rendered(opened: Any, width: float | None, height: float | None) -> bytes:
    opened.draft("RGB", (LARGEST, LARGEST))  # JPEG decoders shrink while they read
    opened.seek(0)
    ImageOps.exif_transpose(opened, in_place=True)
    size = opened.size
    picture = _flat(_smaller(opened))
    if width is None and height is None:
        side = STANDARDS[0]
        picture = ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)
    else:
        picture = picture.resize(target_size(size, width, height), Image.Resampling.LANCZOS)
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    return out.getvalue()


def _smaller(picture: Image.Image) -> Image.Image:
    """A large picture, averaged down to twice what any preview needs: what follows copies it."""
    factor = min(max(picture.size) // (2 * LARGEST), min(picture.size) // (2 * STANDARDS[0]))
    if factor > 1 and picture.mode == "P":
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    if factor <= 1 or picture.mode not in REDUCIBLE or "transparency" in picture.info:
        return picture
    return picture.reduce(factor)


def _flat(picture: Image.Image) -> Image.Image:
    """Colours as JPEG has them: what is transparent becomes white, deep greys are scaled."""
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value / 257).convert("L").convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(paper, layer).convert("RGB")
    return picture.convert("RGB")
