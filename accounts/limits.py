"""How often something may be tried, by whom: buckets in the database, the same for all workers.

A bucket holds the moment at which it is full again (the "generic cell rate algorithm"): one number, one
statement. Passwords and codes are charged before they are checked, and given back when they were right.
A place that an account is known at, a browser or an address, has a bucket of its own there, so that
strangers can't keep an owner from signing in.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import Bucket, KnownAddress
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidCode, InvalidCredentials, InvalidTicket, TooManyRequests
from pryvsite.tokens import digest
from pryvsite.visitor import visitor

WRONG = (InvalidCredentials, InvalidCode, InvalidTicket)
ROUNDING = 0.001  # seconds
SEEN_EVERY = 86400  # seconds; how exactly a known address tells when it was seen last
MOST_ADDRESSES = 50  # known ones of an account


def take(kind: str, who: object) -> None:
    """Count one try of a kind, the name of a setting without `LIMIT_`. Raises TooManyRequests."""
    limit: tuple[int, int] | None = getattr(settings, f"LIMIT_{kind}")
    if limit is None or not settings.RATE_LIMITS:
        return
    amount, period = limit
    step = period / amount
    key, moment = _key(kind, who), now()
    while True:
        rows = Bucket.objects.filter(key=key, full_at__lte=moment + period - step + ROUNDING)
        if rows.update(full_at=Greatest(F("full_at"), moment) + step):
            return
        full_at = Bucket.objects.filter(key=key).values_list("full_at", flat=True).first()
        if full_at is not None:
            raise TooManyRequests(full_at + step - moment - period)
        Bucket.objects.filter(full_at__lte=moment).delete()
        try:
            with transaction.atomic():
                Bucket(key=key, full_at=moment + step).save(force_insert=True)
            return
        except IntegrityError:
            continue  # somebody else began this bucket


def give_back(kind: str, who: object) -> None:
    """Take one try back."""
    limit: tuple[int, int] | None = getattr(settings, f"LIMIT_{kind}")
    if limit is not None and settings.RATE_LIMITS:
        Bucket.objects.filter(key=_key(kind, who)).update(full_at=F("full_at") - limit[1] / limit[0])


def _key(kind: str, who: object) -> str:
    return digest(f"limit:{kind}:{who}")


def take_from_address(kind: str) -> None:
    """Count a try of the caller's address. Raises TooManyRequests."""
    take(f"{kind}_ADDRESS", visitor().address)


@contextmanager
def guess(kind: str, account_id: int, subject: str = "") -> Iterator[None]:
    """Check a secret inside the block; a wrong one (one of `WRONG`) counts for account and address.

    For an unknown account (0) the `subject` counts in its place. Raises TooManyRequests.
    """
    if not settings.RATE_LIMITS:
        yield
        return
    place = known_place(account_id)
    # A known place doesn't suffer from what others do at the same address.
    charged = [] if place else [(f"{kind}_ADDRESS", visitor().address)]
    charged.append((f"{kind}_ACCOUNT", f"{account_id}:{subject}:{place}"))
    for bucket in charged:
        take(*bucket)
    try:
        yield
    except WRONG:
        raise
    except BaseException:
        _give_back_all(charged)
        raise
    _give_back_all(charged)


def _give_back_all(charged: list[tuple[str, str]]) -> None:
    for bucket in charged:
        give_back(*bucket)


def wrong(kind: str, account_id: int) -> None:
    """Count a wrong secret that is too long to be guessed: right ones always pass. Raises TooManyRequests."""
    take_from_address(kind)
    if account_id:
        take(f"{kind}_ACCOUNT", account_id)


def known_place(account_id: int) -> str:
    """What names the caller's place, if the account was signed in to from there before."""
    browser = visitor().browser(account_id)
    if browser:
        return f"browser:{browser}"
    at = _address_digest()
    oldest = now() - settings.KNOWN_PLACE_MAX_AGE
    rows = KnownAddress.objects.filter(account_id=account_id, digest=at, seen__gt=oldest)
    return f"address:{at}" if rows.exists() else ""


def remember_place(account_id: int, *, browser: bool = False) -> None:
    """Note that the owner signed in from here."""
    if not settings.RATE_LIMITS:
        return
    if browser:
        visitor().remember(account_id)
    at, moment = _address_digest(), now()
    rows = KnownAddress.objects.filter(account_id=account_id, digest=at)
    if rows.filter(seen__gt=moment - SEEN_EVERY).exists() or rows.update(seen=moment):
        return
    KnownAddress.objects.bulk_create(
        [KnownAddress(account_id=account_id, digest=at, seen=moment)], ignore_conflicts=True
    )
    listed = KnownAddress.objects.filter(account_id=account_id).order_by("-seen")
    surplus = list(listed.values_list("digest", flat=True)[MOST_ADDRESSES:])
    if surplus:
        KnownAddress.objects.filter(account_id=account_id, digest__in=surplus).delete()


def _address_digest() -> str:
    return digest(f"address:{visitor().address}")
