"""Tokens at rest: found by a keyed digest, kept sealed, shown again only to those who may."""

import base64
import hashlib
import hmac
from functools import cache

from cryptography.fernet import Fernet
from django.conf import settings


@cache
def _key(purpose: str) -> bytes:
    """A key of its own for each purpose, derived from the platform's secret."""
    return hmac.new(settings.SECRET_KEY.encode(), f"pryvsite.{purpose}".encode(), hashlib.sha256).digest()


def digest(token: str) -> str:
    """What a token (or the key of a request) is looked up by; 64 hex characters."""
    return hmac.new(_key("token-digest"), token.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


@cache
def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key("token-seal")))


def seal(text: str) -> str:
    """Encrypt for storage."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again."""
    return _box().decrypt(sealed.encode()).decode()
