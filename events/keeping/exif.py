"""Time and place that a camera wrote into a picture."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

from PIL import Image

from events.attachments import Upload
from events.previews import BROKEN, FORMATS

EXIF_IFD, GPS_IFD = 0x8769, 0x8825
ORIGINAL, OFFSET = 0x9003, 0x9011
LAT_REF, LAT, LON_REF, LON = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Shot:
    """When (Unix seconds) and where (degrees) a picture was taken, as far as it tells."""

    time: float | None = None
    place: tuple[float, float] | None = None


def shot_of(file: Upload, zone: ZoneInfo) -> Shot:
    """What a picture tells; its beginning is enough. A file that isn't a picture tells nothing."""
    file.seek(0)
    try:
        with Image.open(cast("BinaryIO", file.file), formats=FORMATS) as picture:
            exif = picture.getexif()
            return Shot(_time(exif.get_ifd(EXIF_IFD), zone), _place(exif.get_ifd(GPS_IFD)))
    except BROKEN:
        return Shot()
    finally:
        file.seek(0)


def _time(tags: Any, zone: ZoneInfo) -> float | None:
    text, offset = str(tags.get(ORIGINAL, "")).strip("\0 "), str(tags.get(OFFSET, "")).strip("\0 ")
    for pattern, given in (("%Y:%m:%d %H:%M:%S%z", text + offset), ("%Y:%m:%d %H:%M:%S", text)):
        try:
            found = datetime.strptime(given, pattern)  # noqa: DTZ007 (the zone follows)
            return (found if found.tzinfo else found.replace(tzinfo=zone)).timestamp()
        except (ValueError, OverflowError):
            continue
    return None


def _place(tags: Any) -> tuple[float, float] | None:
    lat, lon = _degrees(tags.get(LAT)), _degrees(tags.get(LON))
    if lat is None or lon is None or lat > 90 or lon > 180:
        return None
    south, west = str(tags.get(LAT_REF, "N")).startswith("S"), str(tags.get(LON_REF, "E")).startswith("W")
    return round(-lat if south else lat, 6), round(-lon if west else lon, 6)


def _degrees(parts: Any) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    angle = degrees + minutes / 60 + seconds / 3600
    return angle if math.isfinite(angle) and angle >= 0 else None
