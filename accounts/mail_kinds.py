"""The mails there are: the subject of each, and the values that its texts may show, with examples.

The built-in texts, in English, are the files in `accounts/texts`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from accounts.placeholders import Values
from pryvsite.api.platform import service_info

Part = Literal["subject", "text", "html"]
PARTS: tuple[Part, ...] = get_args(Part)
BUILT_IN = "en"  # the language of the built-in texts
FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mail. `needs`: text and HTML have no purpose without one of these values."""

    subject: str
    example: Mapping[str, str | int | list[str]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


# Also under the names of the specification (api-access §2.9).
RESET_LINKS = ("link", "RESET_LINK", "RESET_TOKEN")
KINDS: Mapping[str, Kind] = {
    "access-granted": Kind(
        "{{ app }} got access to your data",
        {
            "app": "Heart Notes",
            "sentences": ["See everything in Heart"],
            "link": "https://example.org/end",
            "days": 30,
        },
        ("link",),
    ),
    "leaving": Kind(
        "Your account will be deleted",
        {"due": "1 January 2030, 12:00 UTC", "link": "https://example.org/stay"},
        ("link",),
    ),
    "password-changed": Kind("Your password was changed", {"reset": "https://example.org/reset-password"}),
    "email-changed": Kind(
        "Your e-mail address was changed",
        {"new": "ada@example.com", "profile": "https://example.org/account/profile"},
    ),
    "reset-password": Kind(
        "Set a new password",
        {
            "link": "https://example.org/reset?resetToken=abc",
            "minutes": 60,
            "RESET_LINK": "https://example.org/reset?resetToken=abc",
            "RESET_URL": "https://example.org/reset",
            "RESET_TOKEN": "abc",
        },
        RESET_LINKS,
    ),
    "test": Kind("A test of {{ service.name }}"),
    "verify-email": Kind(
        "Confirm your e-mail address",
        {"address": "ada@example.org", "link": "https://example.org/verify", "hours": 24},
        ("link",),
    ),
    "welcome": Kind(
        "Welcome to {{ service.name }}",
        {
            "email": "ada@example.org",
            "dashboard": "https://example.org/u/ada/",
            "api": "https://example.org/ada/",
            "security": "https://example.org/account/security",
            "region": "Switzerland",
        },
    ),
}


def common(username: str) -> Values:
    """The values that every mail has."""
    info = service_info()
    told = {f"service.{name}": str(info[name]) for name in ("name", "home", "support", "terms")}
    return {"username": username, **told}


def example(kind: str) -> Values:
    """A value for each name that a mail knows."""
    links = {f"service.{name}": f"https://example.org/{name}" for name in ("home", "support", "terms")}
    return {**common("ada"), **links, **KINDS[kind].example}


@cache
def built_in(kind: str, part: Part) -> str:
    """The text that is sent where the operator wrote none."""
    if part == "subject":
        return KINDS[kind].subject
    return (FOLDER / f"{kind}.{'html' if part == 'html' else 'txt'}").read_text(encoding="utf-8")
