"""Names to offer to who finds theirs taken (ui §1.1)."""

from collections.abc import Iterator
from itertools import islice

from accounts.operations import username_problem
from pryvsite.kernel.clock import now

LONGEST = 60  # characters of a username
TRIES = 12


def taken_text(username: str) -> str:
    """That a name is taken, and which similar ones are free."""
    free = list(islice(_free(username), 2))
    if not free:
        return "Already taken."
    return f"Already taken – for instance {' and '.join(free)} {'is' if len(free) == 1 else 'are'} free."


def _free(username: str) -> Iterator[str]:
    return (name for name in islice(_similar(username), TRIES) if username_problem(name) is None)


def _similar(username: str) -> Iterator[str]:
    year = str(int(1970 + now() / (365.2425 * 86400)))
    for ending in (year, *(str(number) for number in range(2, TRIES + 1))):
        yield f"{username[: LONGEST - len(ending) - 1].rstrip('-')}-{ending}"
