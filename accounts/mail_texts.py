"""The texts of mails: the operator's, by language, before the built-in ones (spec api-access §2.13)."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from accounts.mail_kinds import BUILT_IN, KINDS, PARTS, Part, built_in, example
from accounts.models import MailText
from accounts.placeholders import (
    PLACEHOLDER,
    Values,
    fill_html,
    fill_text,
    html_of,
    html_problems,
    text_problems,
)
from pryvsite.api.platform import service_info
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidParameters, UnknownResource

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,2})?")  # no longer than an account's may be
LONGEST = {"subject": 200, "text": 20_000, "html": 50_000}  # characters


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail ready to be sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Found:
    """A text, and how far its language is from the wanted one."""

    source: str
    language: str
    distance: int


def compose(kind: str, language: str, values: Values) -> Letter:
    """A mail in the language of its reader, or else the platform's, or English.

    HTML that is farther from the reader than the text would say something else: then it is made of the text.
    """
    wanted = _languages(language)
    rows = MailText.objects.filter(kind=kind, language__in=wanted)
    stored = {(row.language, row.part): row.source for row in rows}
    subject, text, html = (_nearest(kind, part, wanted, stored) for part in PARTS)
    words = fill_text(text.source, values)
    near = html.distance <= text.distance
    inside = fill_html(html.source, values) if near else html_of(text.source, values, example(kind))
    return Letter(
        subject=" ".join(fill_text(subject.source, values).split()),
        text=words,
        html=_framed(inside, (html if near else text).language),
    )


def _framed(inside: str, language: str) -> str:
    """The whole HTML around what a text says; it was cleaned."""
    context = {"inside": mark_safe(inside), "language": language, "service": service_info()}  # noqa: S308
    return render_to_string("base_mail.html", context)


def _languages(language: str) -> list[str]:
    """Those to look for, the best first."""
    exact, default = language.lower(), settings.DEFAULT_LANGUAGE.lower()
    return list(dict.fromkeys([exact, exact.partition("-")[0], default, default.partition("-")[0], BUILT_IN]))


def _nearest(kind: str, part: Part, wanted: list[str], stored: dict[tuple[str, str], str]) -> _Found:
    for distance, language in enumerate(wanted):
        if (language, part) in stored:
            return _Found(stored[language, part], language, distance)
    return _Found(built_in(kind, part), BUILT_IN, len(wanted))


def listed() -> list[tuple[str, str, str, str]]:
    """All texts, (mail, language, part, source): the operator's, and the built-in ones they don't replace."""
    found: dict[tuple[str, str, str], str] = {
        (kind, BUILT_IN, part): built_in(kind, part) for kind in KINDS for part in PARTS
    }
    for row in MailText.objects.filter(kind__in=KINDS, part__in=PARTS):
        found[row.kind, row.language, row.part] = row.source
    return [(*key, source) for key, source in sorted(found.items())]


def read(kind: str, language: str, part: str) -> str:
    """The source of a text. Raises UnknownResource."""
    place = _place(kind, language, part)
    row = MailText.objects.filter(kind=kind, language=place[1], part=part).first()
    if row is not None:
        return row.source
    if place[1] != BUILT_IN:
        raise UnknownResource("mail template", f"{kind}/{language}/{part}")
    return built_in(kind, place[2])


def write(kind: str, language: str, part: str, source: str) -> None:
    """Replace a text, or add it in another language. Raises UnknownResource, InvalidParameters."""
    place = _place(kind, language, part)
    source = normal(source)
    wrong = problems(kind, place[2], source)
    if wrong:
        entries = [
            {"code": "PATTERN", "message": message, "params": [], "path": "#/pug"} for message in wrong
        ]
        raise InvalidParameters(wrong[0], entries)
    MailText.objects.update_or_create(
        kind=kind, language=place[1], part=part, defaults={"source": source, "changed": now()}
    )


def normal(source: str) -> str:
    """A text as it is stored: forms send other ends of lines."""
    return source.replace("\r\n", "\n")


def drop(kind: str, language: str, part: str) -> None:
    """Go back to the text that was there before: the built-in one, or that of another language.
    Raises UnknownResource."""
    place = _place(kind, language, part)
    MailText.objects.filter(kind=kind, language=place[1], part=part).delete()


def _place(kind: str, language: str, part: str) -> tuple[str, str, Part]:
    """A text's key. Raises UnknownResource where no text can be."""
    for known in PARTS:
        if kind in KINDS and LANGUAGE.fullmatch(language.lower()) and part == known:
            return kind, language.lower(), known
    raise UnknownResource("mail template", f"{kind}/{language}/{part}")


def problems(kind: str, part: Part, source: str) -> list[str]:
    """Why a text can't be sent, as sentences."""
    if not source.strip():
        return ["A text is needed; to go back to the built-in one, delete this one."]
    if len(source) > LONGEST[part]:
        return [f"{LONGEST[part]} characters at most, {len(source)} so far."]
    if part == "subject" and len(source.splitlines()) > 1:
        return ["A subject is one line."]
    if any(ord(letter) < 32 and letter not in "\n\t" for letter in source):
        return ["Control characters are not allowed."]
    known = example(kind)
    found = html_problems(source, known) if part == "html" else text_problems(source, known)
    needs = KINDS[kind].needs
    if not found and part != "subject" and needs and not set(needs) & set(PLACEHOLDER.findall(source)):
        found.append(f"This mail needs one of: {', '.join(needs)}.")
    return found
