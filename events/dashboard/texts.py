"""Notes as safe HTML: Markdown rendered, then everything taken out that could do more than format text."""

from collections.abc import Mapping
from html import unescape
from typing import Any

import nh3
from markdown_it import MarkdownIt

TAGS = {"p", "br", "strong", "em", "s", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h1", "h2",
        "h3", "h4", "h5", "h6", "hr", "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
EXCERPT = 600  # characters of a note in a tile

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
    ["strikethrough", "table"]
)


def note_html(event: Mapping[str, Any], length: int | None = None) -> str:
    """An event's note as HTML that is safe to show; cut to about so many characters of its source."""
    text = note_text(event)
    if length is not None and len(text) > length:
        text = text[:length].rsplit(" ", 1)[0] + " …"
    if str(event["type"]) in ("note/html", "note/webclip"):
        return clean(text)
    return clean(_markdown.render(text))


def note_words(event: Mapping[str, Any], length: int = EXCERPT) -> str:
    """The beginning of a note as plain text, without the marks of its format; a line for each of its own."""
    return unescape(nh3.clean(note_html(event, length), tags=set())).strip()


def note_text(event: Mapping[str, Any]) -> str:
    """The source of a note."""
    content = event.get("content")
    if isinstance(content, Mapping):
        content = content.get("content") or content.get("url")
    return content if isinstance(content, str) else ""


def clean(html: str) -> str:
    """Only harmless elements; links say where they lead from nothing, pictures of others are left out."""
    return nh3.clean(
        html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
