"""Files, sounds, links, messages and other odd entries, so that no kind is missing."""

import math
import struct
import wave
from collections.abc import Iterator
from io import BytesIO

from events.demo.entry import DAY, Entry, MadeFile, Span

RATE = 8000  # samples a second


def things(span: Span) -> Iterator[Entry]:
    """Entries of the rarer kinds, spread over the whole time."""
    rng = span.rng("things")
    makers = (
        _invoice,
        _report,
        _memo,
        _link,
        _video,
        _mail,
        _song,
        _appointment,
        _card,
        _web_clip,
        _picture_link,
    )
    for number, day in span.each():
        if number % 9 == 4 or number == span.days - 2:
            for maker in makers if number >= span.days - 40 else rng.sample(makers, 2):
                yield maker(number, span.at(day, 10 + rng.random() * 8))
    yield from _trash(span)


def _invoice(number: int, moment: float) -> Entry:
    name = f"invoice-{2000 + number}.pdf"
    lines = ["Invoice", f"No. {2000 + number}", "Piano tuning", "EUR 140.00"]
    return Entry("documents", "file/attached", moment, description="Invoice, piano tuning",
                 files=(MadeFile(name, "application/pdf", pdf(lines)),))  # fmt: skip


def _report(number: int, moment: float) -> Entry:
    rows = "date,value\n" + "".join(f"2026-01-{i:02},{(number * i) % 97}\n" for i in range(1, 29))
    letter = "Dear Sir or Madam,\n\nplease find the figures attached.\n"
    files = (
        MadeFile("figures.csv", "text/csv", rows.encode()),
        MadeFile("letter.txt", "text/plain", letter.encode()),
    )
    return Entry(
        "documents", "file/attached-multiple", moment, description="Report with figures", files=files
    )


def _memo(number: int, moment: float) -> Entry:
    return Entry("diary", "audio/attached", moment, description="Voice memo",
                 files=(MadeFile(f"memo-{number}.wav", "audio/wav", tune(number)),))  # fmt: skip


def _link(number: int, moment: float) -> Entry:
    return Entry(
        "links", "url/http", moment, f"https://example.org/articles/{number}", description="Read later"
    )


def _video(number: int, moment: float) -> Entry:
    return Entry(
        "links",
        "video/url",
        moment,
        f"https://example.org/talks/{number}.mp4",
        description="A talk on rivers",
    )


def _picture_link(number: int, moment: float) -> Entry:
    return Entry("links", "picture/url", moment, f"https://example.org/pictures/{number}.jpg")


def _mail(number: int, moment: float) -> Entry:
    content = {"from": "anna@example.org", "to": "demo@example.org", "subject": f"Sunday, number {number}",
               "body": "Shall we meet at the lake at eleven? I bring the boat."}  # fmt: skip
    return Entry("messages", "message/email", moment, content)


def _song(number: int, moment: float) -> Entry:
    content = {"title": f"Étude {number % 24 + 1}", "artist": "Home piano", "album": "Evenings", "year": 2026}
    return Entry("music", "music/basic", moment, content)


def _appointment(number: int, moment: float) -> Entry:
    content = {
        "uid": f"{number}@example.org",
        "summary": "Dentist",
        "location": "Rue du Lac 4",
        "dtstart": "20260301T090000Z",
    }
    return Entry("calendar", "calendar/ical-event", moment, content)


def _card(number: int, moment: float) -> Entry:
    text = f"BEGIN:VCARD\nVERSION:3.0\nFN:Jonas Weber {number}\nEMAIL:jonas@example.org\nEND:VCARD"
    return Entry("messages", "contact/vcard", moment, text)


def _web_clip(number: int, moment: float) -> Entry:
    content = {"url": f"https://example.org/rivers/{number}", "content": "Rivers remember where they ran."}
    return Entry("links", "note/webclip", moment, content)


def _trash(span: Span) -> Iterator[Entry]:
    for days in (1, 3, 8):
        yield Entry(
            "diary", "note/txt", span.until - days * DAY, "A note that was thrown away.", trashed=True
        )


def tune(number: int) -> bytes:
    """One second of a rising tone as a wave file."""
    out = BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(RATE)
        pitch = 300 + number % 12 * 25
        waves = (
            int(128 + 60 * math.sin(2 * math.pi * pitch * (1 + i / RATE) * i / RATE)) for i in range(RATE)
        )
        sound.writeframes(struct.pack(f"{RATE}B", *waves))
    return out.getvalue()


def pdf(lines: list[str]) -> bytes:
    """A one-page PDF with lines of text."""
    text = "BT /F1 18 Tf 60 760 Td 26 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}").encode("latin-1")
