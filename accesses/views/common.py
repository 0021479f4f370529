"""Small things that several pages need."""

import segno
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(request: HttpRequest) -> str:
    """The browser in plain words, for the list of sessions."""
    agent = request.headers.get("User-Agent", "")
    browser = next((name for mark, name in BROWSERS if mark in agent), "Browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


def qr_picture(text: str) -> SafeString:
    """A QR code as SVG, made here: no secret goes to anybody else."""
    svg = segno.make(text, error="m").svg_inline(svgclass="qr", lineclass=None, omitsize=True, border=0)
    return mark_safe(svg)  # noqa: S308 (paths made from numbers alone)
