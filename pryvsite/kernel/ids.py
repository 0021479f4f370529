"""Ids: minted, given by clients, and slugs (spec api-data §1.7, §2.4; api-access §3.6)."""

import base64
import re
import secrets
import string
import time
import unicodedata

USERNAME = re.compile(r"[a-z0-9][a-z0-9-]{3,58}[a-z0-9]")
CLIENT_EVENT_ID = re.compile(r"c[a-z0-9-]{24}|[a-z][a-z0-9]{23}|:[a-z0-9-]+:[a-z0-9A-Z-]{1,256}")
ALIAS = re.compile(r"r-[a-hjkmnp-z2-9]{8}")  # no characters that look alike
# What stands for something else: absence in scripts, everything, and folders in paths.
RESERVED = frozenset({"null", "undefined", "*", ".", ".."})

_ALPHABET = string.ascii_lowercase + string.digits
_DIGITS = string.digits + string.ascii_lowercase
# Letters that Unicode does not decompose.
_LATIN = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "ł": "l", "Ł": "L"})  # fmt: skip  # noqa: E501


def new_id() -> str:
    """A fresh id: 24 characters, `^c[a-z0-9]{23}$`, of which fifteen are random.

    It begins with the moment, in ms: what was recorded one after the other in the same second is listed so.
    """
    return "c" + _base36(time.time_ns() // 1_000_000, 8) + _base36(secrets.randbelow(36**15), 15)


def _base36(number: int, length: int) -> str:
    digits: list[str] = []
    for _ in range(length):
        number, digit = divmod(number, 36)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def new_token() -> str:
    """A fresh access token: 25 characters, about 128 bits."""
    return "c" + "".join(secrets.choice(_ALPHABET) for _ in range(24))


def new_alias() -> str:
    """A fresh name that stands for a username in paths (spec api-access §3.6)."""
    return "r-" + "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(8))


def is_alias(name: str) -> bool:
    """Whether a name in a path has the form of an access's alias."""
    return ALIAS.fullmatch(name) is not None


def new_key(length: int) -> str:
    """A fresh secret of URL-safe characters (keys of authorisation requests)."""
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(length))


def is_client_event_id(value: str) -> bool:
    """Whether a client may give an event this id."""
    return CLIENT_EVENT_ID.fullmatch(value) is not None


def is_reserved_item_id(value: str) -> bool:
    """Ids that stand for something else."""
    return value in RESERVED


def _slug(raw: str) -> str:
    decomposed = unicodedata.normalize("NFKD", raw.translate(_LATIN))
    ascii_only = decomposed.encode("ascii", "ignore").decode()
    dashed = re.sub(r"\s+", "-", ascii_only.strip())
    kept = re.sub(r"[^A-Za-z0-9\-._~]", "", dashed)
    return re.sub(r"-{2,}", "-", kept).strip("-")


def slug_stream_id(raw: str) -> str:
    """The id under which a stream is stored; where nothing is left, base64 of the text."""
    slug = _slug(raw)
    if slug:
        return slug
    encoded = base64.b64encode(raw.encode("utf-8", "replace")).decode()
    return re.sub(r"[^A-Za-z0-9]", "", encoded)


def slug_token(raw: str) -> str:
    """A token chosen by a client, in URL-safe characters."""
    return slug_stream_id(raw)
