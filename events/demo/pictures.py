"""Pictures drawn with Pillow: landscapes, plates, flowers, streets at night. Some carry time and place."""

import math
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

from events.demo.entry import ZONE, Entry, MadeFile, Span
from events.demo.places import JOURNEYS

SIZE = (960, 720)
Colour = tuple[int, int, int]
GPS_IFD, EXIF_IFD, ORIGINAL, OFFSET, MODEL = 0x8825, 0x8769, 0x9003, 0x9011, 0x0110


def albums(span: Span) -> Iterator[Entry]:
    """A picture every few days, more of them on journeys."""
    rng = span.rng("pictures")
    for number, day in span.each():
        if number % 90 < 8:
            name, lat, lon = JOURNEYS[number // 90 % len(JOURNEYS)]
            for hour in (10.4, 16.8):
                moment = span.at(day, hour + rng.random())
                where = (lat + rng.gauss(0, 0.01), lon + rng.gauss(0, 0.01))
                yield _entry(rng, "travel", moment, rng.choice([_landscape, _street]), name, where)
        elif rng.random() < 0.1:
            moment = span.at(day, 12.3 + rng.random() * 7)
            stream, scene, words = rng.choice(
                [
                    ("meals", _plate, "Lunch"),
                    ("garden", _flower, "From the garden"),
                    ("travel", _landscape, "Walk"),
                ]
            )
            yield _entry(rng, stream, moment, scene, words, None)


def _entry(
    rng: random.Random,
    stream: str,
    moment: float,
    scene: Callable[[random.Random], Image.Image],
    words: str,
    where: tuple[float, float] | None,
) -> Entry:
    picture = MadeFile(f"IMG_{int(moment) % 100000:05}.jpg", "image/jpeg", jpeg(scene(rng), moment, where))
    return Entry(stream, "picture/attached", moment, description=words, files=(picture,))


def jpeg(picture: Image.Image, moment: float, where: tuple[float, float] | None) -> bytes:
    """The picture as a camera would store it."""
    exif = Image.Exif()
    taken = datetime.fromtimestamp(moment, ZONE)
    exif[MODEL] = "Made-up camera"
    exif.get_ifd(EXIF_IFD).update(
        {ORIGINAL: f"{taken:%Y:%m:%d %H:%M:%S}", OFFSET: f"{taken:%z}"[:3] + ":" + f"{taken:%z}"[3:]}
    )
    if where is not None:
        lat, lon = where
        exif.get_ifd(GPS_IFD).update(
            {1: "N" if lat >= 0 else "S", 2: _degrees(lat), 3: "E" if lon >= 0 else "W", 4: _degrees(lon)}
        )
    out = BytesIO()
    picture.save(out, "JPEG", quality=80, exif=exif)
    return out.getvalue()


def _degrees(angle: float) -> tuple[float, float, float]:
    whole = abs(angle)
    minutes = whole % 1 * 60
    return float(int(whole)), float(int(minutes)), round(minutes % 1 * 60, 3)


def _gradient(top: Colour, bottom: Colour) -> Image.Image:
    mask = Image.linear_gradient("L").resize(SIZE)
    return Image.composite(Image.new("RGB", SIZE, bottom), Image.new("RGB", SIZE, top), mask)


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (max(0, min(255, round(part * factor))) for part in colour)
    return red, green, blue


def _landscape(rng: random.Random) -> Image.Image:
    """Sky, sun and ridges that grow darker towards us."""
    sky = rng.choice(
        [
            ((92, 150, 205), (250, 226, 190)),
            ((45, 60, 110), (240, 150, 120)),
            ((150, 190, 215), (235, 240, 240)),
        ]
    )
    picture = _gradient(*sky)
    draw = ImageDraw.Draw(picture)
    x, y, r = rng.uniform(120, 840), rng.uniform(120, 330), rng.uniform(28, 60)
    draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 244, 214))
    ridge: Colour = rng.choice([(120, 140, 160), (110, 130, 110), (150, 120, 120)])
    for layer in range(4):
        base, swing, phase = 360 + layer * 95, 90 - layer * 12, rng.uniform(0, 6.3)
        width = 5.5 - layer * 0.6
        line = [
            (i * 24.0, base - swing * abs(math.sin(i / width + phase)) * rng.uniform(0.85, 1.1))
            for i in range(42)
        ]
        draw.polygon([(0.0, 720.0), *line, (984.0, 720.0)], fill=_shade(ridge, 1.05 - layer * 0.24))
    return picture


def _plate(rng: random.Random) -> Image.Image:
    """A plate from above on a table."""
    picture = _gradient(*rng.choice([((186, 160, 128), (160, 132, 100)), ((120, 130, 140), (90, 98, 108))]))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((205, 85, 755, 635), fill=(246, 244, 240), outline=(220, 216, 208), width=6)
    draw.ellipse((265, 145, 695, 575), fill=(236, 233, 226))
    foods: list[Colour] = [
        (198, 60, 45),
        (90, 150, 60),
        (235, 200, 90),
        (120, 70, 45),
        (70, 40, 80),
        (240, 240, 230),
    ]
    for _ in range(46):
        turn, reach, size = rng.uniform(0, 6.3), rng.uniform(0, 165), rng.uniform(14, 44)
        x, y = 480 + reach * math.cos(turn), 360 + reach * math.sin(turn)
        colour = rng.choice(foods)
        draw.ellipse(
            (x - size, y - size * 0.8, x + size, y + size * 0.8),
            fill=colour,
            outline=_shade(colour, 0.8),
            width=3,
        )
    return picture


def _flower(rng: random.Random) -> Image.Image:
    """Blossoms before blurred leaves."""
    picture = _gradient((70, 110, 60), (30, 60, 35))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, r = rng.uniform(0, 960), rng.uniform(0, 720), rng.uniform(30, 110)
        draw.ellipse((x - r, y - r / 2, x + r, y + r / 2), fill=_shade((80, 135, 70), rng.uniform(0.5, 1.2)))
    picture = picture.filter(ImageFilter.GaussianBlur(12))
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.randint(2, 5)):
        x, y, size = rng.uniform(180, 780), rng.uniform(160, 560), rng.uniform(50, 120)
        colour: Colour = rng.choice([(225, 90, 120), (240, 190, 70), (150, 100, 200), (245, 245, 240)])
        for petal in range(9):
            turn = petal * 2 * math.pi / 9
            a, b = x + size * math.cos(turn), y + size * math.sin(turn)
            draw.ellipse((a - size * 0.5, b - size * 0.5, a + size * 0.5, b + size * 0.5),
                         fill=_shade(colour, 0.85 + petal % 2 * 0.15))  # fmt: skip
        draw.ellipse(
            (x - size * 0.45, y - size * 0.45, x + size * 0.45, y + size * 0.45), fill=(250, 215, 90)
        )
    return picture


def _street(rng: random.Random) -> Image.Image:
    """Houses in the evening, some windows lit."""
    picture = _gradient((38, 44, 84), (214, 128, 96))
    draw = ImageDraw.Draw(picture)
    left = -20.0
    while left < 960:
        width, height = rng.uniform(70, 160), rng.uniform(180, 470)
        wall = _shade((88, 78, 92), rng.uniform(0.4, 0.9))
        draw.rectangle((left, 720 - height, left + width, 720), fill=wall)
        for row in range(int(height // 52)):
            for column in range(int(width // 36)):
                lit = rng.random() < 0.4
                x, y = left + 12 + column * 36, 720 - height + 16 + row * 52
                draw.rectangle((x, y, x + 16, y + 26), fill=(250, 214, 130) if lit else _shade(wall, 0.6))
        left += width + rng.uniform(0, 14)
    return picture
