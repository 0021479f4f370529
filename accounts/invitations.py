"""Invitations, which open a closed platform, each once (spec api-access §2.2, §2.6)."""

import secrets

from django.conf import settings

from accounts.models import Invitation
from pryvsite.kernel.clock import now
from pryvsite.kernel.errors import InvalidOperation


def invitation_needed() -> bool:
    """Whether registration asks for an invitation."""
    return settings.INVITATION_TOKENS is not None or Invitation.objects.exists()


def registration_closed() -> bool:
    """Whether nobody can register: invitations are needed and none is left."""
    if not invitation_needed():
        return False
    _seed()
    return not Invitation.objects.filter(consumed_at=None).exists()


def invitation_valid(token: str) -> bool:
    """Whether a registration with this invitation would pass now."""
    if not invitation_needed():
        return True
    _seed()
    return Invitation.objects.filter(id=token, consumed_at=None).exists()


def _seed() -> None:
    """Configured invitations enter the store once, and are single-use from then on."""
    if settings.INVITATION_TOKENS and not Invitation.objects.exists():
        moment = now()
        Invitation.objects.bulk_create(
            [Invitation(id=token, created=moment) for token in settings.INVITATION_TOKENS],
            ignore_conflicts=True,
        )


def consume(token: str, username: str) -> None:
    """Use an invitation, if one is needed; of several who try, one succeeds. Raises InvalidOperation."""
    if not invitation_needed():
        return
    _seed()
    rows = Invitation.objects.filter(id=token, consumed_at=None)
    if not rows.update(consumed_at=now(), consumed_by=username):
        raise InvalidOperation("Invalid invitation token")


def create(count: int, description: str) -> list[Invitation]:
    """Make invitations, which also closes a platform that was open."""
    moment = now()
    made = [
        Invitation(id=secrets.token_hex(4), created=moment, description=description) for _ in range(count)
    ]
    return Invitation.objects.bulk_create(made)
