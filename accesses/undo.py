"""Taking back a revocation (ui §1.11): access ends at once, and can come back for a while."""

from django.db import IntegrityError, transaction

from accesses.models import Access
from accesses.presenters import seal_integrity
from pryvsite.caching import changed
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce, gathering
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidOperation, UnknownResource

UNDO_FOR = 600.0  # seconds
TOGETHER = 5.0  # seconds; what an access had made was deleted just before it


def just_revoked(actor: Actor) -> list[Access]:
    """Accesses whose end can be taken back, the latest first."""
    rows = Access.objects.filter(account_id=actor.account_id, deleted__gt=now() - UNDO_FOR)
    return list(rows.exclude(type="personal").order_by("-deleted"))


def restore(actor: Actor, access_id: str) -> Access:
    """Bring an access back with those it had made. Raises UnknownResource, InvalidOperation."""
    with gathering() as deliver:
        with transaction.atomic(durable=True):
            rows = Access.objects.select_for_update().filter(account_id=actor.account_id)
            access = rows.filter(id=access_id, deleted__gt=now() - UNDO_FOR).exclude(type="personal").first()
            if access is None or access.deleted is None:
                raise UnknownResource("access", access_id)
            ended = access.deleted
            made = rows.filter(creator_id=access.id, deleted__gt=ended - TOGETHER, deleted__lte=ended)
            for one in (access, *made):
                _revive(one)
            changed("accesses", actor.account_id)
            announce(actor.account_id, Change.ACCESSES)
        deliver()
    return access


def _revive(access: Access) -> None:
    access.deleted = None
    seal_integrity(access)
    try:
        with transaction.atomic():
            access.save(update_fields=["deleted", "integrity"])
    except IntegrityError:
        raise InvalidOperation("The app got a new access meanwhile.") from None
