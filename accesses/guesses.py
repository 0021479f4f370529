"""Guessing of tokens (issue: brute force). Calls with valid tokens cost no statement for it.

A wrong token counts for the caller's address and for the account, once: a program that keeps on using an
ended token guesses nothing. While an address has used up its guesses, only tokens that this worker has in
memory because they are in use pass from there.
"""

import threading
import time
from collections import OrderedDict

from django.conf import settings

from accounts.limits import take, take_from_address
from pryvsite.kernel.errors import TooManyRequests
from pryvsite.visitor import visitor

MOST = 10_000  # wrong tokens that are remembered

_lock = threading.Lock()
_seen: OrderedDict[tuple[str, int, str], None] = OrderedDict()
_stopped: dict[str, float] = {}  # address: until when, on the monotonic clock


def are_stopped() -> bool:
    """Whether the caller's address has no guesses left for now."""
    return bool(_stopped) and _stopped.get(visitor().address, 0.0) > time.monotonic()


def refuse() -> None:
    """Raises TooManyRequests, while the address is stopped."""
    raise TooManyRequests(_stopped[visitor().address] - time.monotonic())


def note(account_id: int, digest: str) -> None:
    """Count a wrong token. Raises TooManyRequests."""
    if not settings.RATE_LIMITS:
        return
    address = visitor().address
    key = address, account_id, digest
    with _lock:
        if key in _seen:
            return
        _seen[key] = None
        while len(_seen) > MOST:
            _seen.popitem(last=False)
    try:
        take_from_address("TOKENS")
    except TooManyRequests as error:
        _stop(address, error.retry_after)
        raise
    take("TOKENS_ACCOUNT", account_id)


def _stop(address: str, seconds: int) -> None:
    moment = time.monotonic()
    with _lock:
        for other in [other for other, until in _stopped.items() if until <= moment]:
            del _stopped[other]
        _stopped[address] = moment + seconds


def forget() -> None:
    """Forget everything (tests)."""
    with _lock:
        _seen.clear()
        _stopped.clear()
