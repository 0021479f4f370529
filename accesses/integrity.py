"""Whether stored accesses are what they were when they were written."""

from collections.abc import Iterator

from accesses.models import Access
from accesses.presenters import stored_form
from accounts.integrity import Fault
from pryvsite.kernel.integrity import access_integrity


def check_accesses() -> Iterator[Fault | None]:
    """Every access has the hash that fits it, and a token that can be read."""
    rows = Access.objects.order_by("account_id", "id").select_related("account")
    for access in rows.iterator(chunk_size=500):
        where = f"{access.account.username}/{access.id}"
        try:
            fits = not access.integrity or access.integrity == access_integrity(stored_form(access))
        except Exception as error:
            yield Fault(where, f"the token can't be read ({type(error).__name__}): another SECRET_KEY?")
            continue
        yield None if fits else Fault(where, "the hash does not fit the access")
