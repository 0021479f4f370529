"""The small part of Markdown that apps may use in their message (ui §3.3).

Everything is escaped first; only our own tags are added. No pictures, no HTML; links to http(s) only.
"""

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

LONGEST = 4000  # characters
_BULLET = re.compile(r"[-*+]\s+(.+)")
_HEADING = re.compile(r"#{1,6}\s+(.+)")


def safe_markdown(text: str, longest: int = LONGEST) -> SafeString:
    """HTML of headings, bullets, bold, italic, code and links."""
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()[:longest].replace("\r\n", "\n")):
        blocks += _blocks(paragraph.strip().split("\n"))
    return mark_safe("".join(blocks))  # noqa: S308 (every piece is escaped in `_inline`)


def _blocks(rows: list[str]) -> list[str]:
    found: list[str] = []
    text: list[str] = []
    bullets: list[str] = []

    def flush() -> None:
        if text:
            found.append(f"<p>{'<br>'.join(text)}</p>")
        if bullets:
            found.append(f"<ul>{''.join(f'<li>{item}</li>' for item in bullets)}</ul>")
        text.clear()
        bullets.clear()

    for row in rows:
        bullet, heading = _BULLET.fullmatch(row.strip()), _HEADING.fullmatch(row.strip())
        if heading:
            flush()
            found.append(f"<p><strong>{_inline(heading[1])}</strong></p>")
        elif bullet:
            if text:
                flush()
            bullets.append(_inline(bullet[1]))
        else:
            if bullets:
                flush()
            text.append(_inline(row))
    flush()
    return found


def _inline(text: str) -> str:
    safe = str(escape(text))
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
    safe = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe)
    safe = re.sub(r"(?<!\*)\*([^*]+)\*(?!\*)", r"<em>\1</em>", safe)
    link = r'<a href="\2" target="_blank" rel="noopener noreferrer nofollow">\1</a>'
    return re.sub(r"\[([^\]\[]+)\]\((https?://[^\s()<>*`]+)\)", link, safe)
