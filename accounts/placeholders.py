"""The language of mail texts: words in which `{{ name }}` stands for a value, and nothing else.

There are no tags, filters, conditions or attributes of objects: a name is looked up among the values of its
mail, so that whoever writes a text can't run anything. A line is left out when one of its values is empty.
HTML is what stands inside of the body, of a closed list of elements: nothing that is fetched, nothing that
runs. Values are escaped in it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from html.parser import HTMLParser

import nh3
from django.utils.html import escape, linebreaks, urlize
from django.utils.safestring import mark_safe

Value = str | int | Sequence[str]
Values = Mapping[str, Value]

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z][\w.]*)\s*\}\}")
FOREIGN = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\{|!\{")  # of languages that run something
ELEMENTS = {
    "a", "b", "blockquote", "br", "center", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "li",
    "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "u", "ul",
}  # fmt: skip
ALONE = {"br", "hr"}
ATTRIBUTES = {
    "align", "bgcolor", "border", "cellpadding", "cellspacing", "class", "colspan", "dir", "height", "lang",
    "role", "rowspan", "style", "title", "valign", "width",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto", "tel"}
LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s{}]+", re.IGNORECASE)
BARE = re.compile(r"<(?![A-Za-z/!?])")
FETCHING = re.compile(r"url|image|import|expression|[\\@{}]|/\*", re.IGNORECASE)  # in a style


def fill_text(source: str, values: Values) -> str:
    """A text with its values."""
    return _fill(source, values, _as_text)


def fill_html(source: str, values: Values) -> str:
    """The inside of an HTML body with escaped values: nothing in it runs or is fetched."""
    return nh3.clean(
        _fill(source, values, _as_html),
        tags=ELEMENTS,
        attributes={"*": ATTRIBUTES, "a": {"href"}},
        url_schemes=SCHEMES,
        link_rel=None,
    )


def html_of(source: str, values: Values, example: Values) -> str:
    """The inside of an HTML body that says what a text says. The addresses in it are links, and values that
    are links; no others, so that what somebody calls an app or a stream leads nowhere."""
    tight = PLACEHOLDER.sub(r"{{\1}}", _shown_lines(source, values))
    links = links_of(example)
    words = [_word(word, values, links) for word in re.split(r"(\s+)", tight)]
    return str(linebreaks(mark_safe("".join(words))))  # noqa: S308 (each word was escaped)


def _word(source: str, values: Values, links: set[str]) -> str:
    first, filled = PLACEHOLDER.search(source), _put(source, values, _as_text)
    ours = first is None or (first[1] in links and not any(map(str.isalnum, source[: first.start()])))
    return str(urlize(filled, autoescape=True) if ours else escape(filled))


def links_of(example: Values) -> set[str]:
    """The names of values that are addresses."""
    return {name for name, value in example.items() if LINK.fullmatch(str(value))}


def _fill(source: str, values: Values, shown: Callable[[Value], str]) -> str:
    return _put(_shown_lines(source, values), values, shown)


def _shown_lines(source: str, values: Values) -> str:
    """The text without lines of which a value is empty."""
    lines = source.splitlines(keepends=True)
    return "".join(
        line for line in lines if all(values[name] not in ("", []) for name in PLACEHOLDER.findall(line))
    )


def _put(source: str, values: Values, shown: Callable[[Value], str]) -> str:
    return PLACEHOLDER.sub(lambda found: shown(values[found[1]]), source)


def _as_text(value: Value) -> str:
    """A value in a line of its text: names that others chose begin no lines of their own."""
    if isinstance(value, str | int):
        return " ".join(str(value).split())
    return "\n".join(f"- {' '.join(item.split())}" for item in value)


def _as_html(value: Value) -> str:
    if isinstance(value, str | int):
        return str(escape(value))
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in value)}</ul>"


def text_problems(source: str, example: Values) -> list[str]:
    """What is wrong with a text, as sentences; `example` holds a value for each name there is."""
    problems = []
    unknown = [name for name in dict.fromkeys(PLACEHOLDER.findall(source)) if name not in example]
    for name in unknown:
        problems.append(f"There is no value {name}; there are: {', '.join(example)}.")
    strange = FOREIGN.search(PLACEHOLDER.sub("", source))
    if strange:
        problems.append(f"“{strange[0]}” is not understood; values are written {{{{ name }}}}, nothing else.")
    return problems


def html_problems(source: str, example: Values) -> list[str]:
    """The same of HTML."""
    problems = text_problems(source, example)
    if not problems:
        reader = _Reader(example)
        if BARE.search(source) or source.rfind("<") > source.rfind(">"):
            return ["A < that begins no element is written &lt;, and an element ends in >."]
        reader.feed(PLACEHOLDER.sub(r"{{\1}}", source))
        reader.close()
        problems = reader.told()
    return problems


class _Reader(HTMLParser):
    """Reads HTML and notes what a mail must not hold."""

    def __init__(self, example: Values) -> None:
        super().__init__(convert_charrefs=True)
        self.links = links_of(example)
        self.problems: dict[str, None] = {}
        self.open: list[str] = []
        self.elements = 0

    def told(self) -> list[str]:
        """The problems, once all is read."""
        if self.open:
            self._note(f"<{self.open[-1]}> is not closed")
        if not self.elements:
            self._note("there is no HTML in it")
        return [f"{problem[0].upper()}{problem[1:]}." for problem in self.problems]

    def _note(self, problem: str) -> None:
        line, _ = self.getpos()
        self.problems[f"{problem} (line {line})"] = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element and its attributes."""
        self.elements += 1
        if tag not in ELEMENTS:
            self._note(f"<{tag}> is not allowed in mails")
            return
        if tag not in ALONE:
            self.open.append(tag)
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag in ELEMENTS - ALONE:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """The end of an element, the one opened last."""
        if tag not in ELEMENTS - ALONE:
            return
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self._note(f"</{tag}> closes nothing")

    def handle_comment(self, data: str) -> None:
        """Comments: some mail programs read elements in them."""
        self._note("comments are not allowed in mails")

    def handle_decl(self, decl: str) -> None:
        """`<!doctype>`."""
        self._note("give what stands inside of <body>; the rest is added")

    def handle_pi(self, data: str) -> None:
        """`<?xml?>`."""
        self.handle_decl(data)

    def unknown_decl(self, data: str) -> None:
        """`<![CDATA[…]]>`."""
        self.handle_decl(data)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if tag == "a" and name == "href":
            if not self._leads_somewhere(value):
                self._note(
                    "a link is an address with https://, http://, mailto: or tel:, or a value that is one"
                )
        elif name not in ATTRIBUTES or "{{" in value:
            self._note(f"the attribute {name} is not allowed in <{tag}>, or not with a value in it")
        elif name == "style" and FETCHING.search(value):
            self._note("a style can't fetch anything")

    def _leads_somewhere(self, address: str) -> bool:
        """Whether it begins with one of our links, or is an address that tells nobody a value."""
        ours = PLACEHOLDER.match(address)
        if ours is None:
            return LINK.fullmatch(address) is not None
        rest = address[ours.end() :]
        return ours[1] in self.links and (not rest or rest[0] in "/?&#")
