"""Hashes of passwords that were made elsewhere (spec api-access §2.13, `POST /system/create-user`)."""

import re

import bcrypt
from django.contrib.auth.hashers import BCryptPasswordHasher

BCRYPT_BYTES = 72  # of a password; the rest never counted
BCRYPT = re.compile(r"\$2[aby]\$(?:0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}")
ARGON2 = re.compile(
    r"\$argon2(?:id|i|d)\$v=(?:16|19)\$m=(?P<memory>[1-9]\d{0,6}),t=(?P<rounds>[1-9]\d?),p=(?P<lanes>[1-9]\d?)"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}"
)
ARGON2_MEMORY = 2**20  # KiB; what a sign-in may take
PBKDF2 = re.compile(r"pbkdf2_sha256\$[1-9]\d{0,6}\$[^$]{1,64}\$[A-Za-z0-9+/]{43}=")


class BcryptFromElsewhere(BCryptPasswordHasher):
    """Bcrypt as everywhere: bytes of a password beyond the 72nd don't count; the library refuses them."""

    def encode(self, password: str, salt: str | bytes) -> str:
        """The hash with a salt, or with that of another hash."""
        salt = salt.encode() if isinstance(salt, str) else salt
        hashed = bcrypt.hashpw(password.encode()[:BCRYPT_BYTES], salt)
        return f"{self.algorithm}${hashed.decode('ascii')}"


def stored_form(given: str) -> str | None:
    """A hash as it is stored; None for what is none, or would keep sign-ins waiting for many seconds."""
    plain = given.removeprefix("bcrypt$") if given.startswith("bcrypt$") else given
    if BCRYPT.fullmatch(plain):
        return f"bcrypt${plain}"
    plain = given.removeprefix("argon2")
    found = ARGON2.fullmatch(plain)
    if found and 8 * int(found["lanes"]) <= int(found["memory"]) <= ARGON2_MEMORY:
        return f"argon2{plain}"
    return given if PBKDF2.fullmatch(given) else None
