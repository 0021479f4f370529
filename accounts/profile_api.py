"""The profile: sets of keys and values (spec api-access §5.1).

Sets of apps have names of their own kind, so that an app called `private` doesn't reach the owner's.
"""

from typing import Any

from accounts.inputs import AppProfileUpdate, ProfileGet, ProfileUpdate
from accounts.models import Account, ProfileSet
from accounts.results import ProfileGot
from pryvsite.api.registry import Wire, method
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import InvalidOperation, UnknownResource
from pryvsite.kernel.inputs import Nothing

PUBLIC, PRIVATE = "public", "private"


@method("profile.getPublic", ("GET", "profile/public"), result=ProfileGot)
def get_public(actor: Actor, _: Nothing) -> Wire:
    """What everybody with a token may read."""
    return _read(actor, PUBLIC)


@method(
    "profile.getApp", ("GET", "profile/app"), result=ProfileGot, errors=(InvalidOperation,), allow="token"
)
def get_app(actor: Actor, _: Nothing) -> Wire:
    """The set of the calling app; its devices share it."""
    return _read(actor, _app_set(actor))


@method("profile.get", ("GET", "profile/private"), input=ProfileGet, result=ProfileGot, allow="personal")
def get(actor: Actor, query: ProfileGet) -> Wire:
    """The owner's own set."""
    return _read(actor, _own_set(query.id))


@method(
    "profile.updateApp",
    ("PUT", "profile/app"),
    input=AppProfileUpdate,
    result=ProfileGot,
    errors=(InvalidOperation,),
    writes=True,
    update=True,
)
def update_app(actor: Actor, given: AppProfileUpdate) -> Wire:
    """Merge into the set of the calling app."""
    return _merge(actor, _app_set(actor), given.update)


@method(
    "profile.update",
    ("PUT", "profile/{id}"),
    input=ProfileUpdate,
    result=ProfileGot,
    allow="personal",
    writes=True,
    update=True,
)
def update(actor: Actor, given: ProfileUpdate) -> Wire:
    """Merge into the public or the private set."""
    return _merge(actor, _own_set(given.id), given.update)


def _own_set(name: str) -> str:
    if name not in (PUBLIC, PRIVATE):
        raise UnknownResource("profile", name)
    return name


def _app_set(actor: Actor) -> str:
    if actor.kind != "app":
        raise InvalidOperation("This resource is only available to app accesses.")
    return f"app:{actor.name}"


def _read(actor: Actor, name: str) -> Wire:
    rows = ProfileSet.objects.filter(account_id=actor.account_id, name=name)
    return {"profile": rows.values_list("data", flat=True).first() or {}}


def _merge(actor: Actor, name: str, changes: dict[str, Any]) -> Wire:
    """Merge at the top level; two merges at once both count, since the account's row is locked."""
    Account.objects.select_for_update().get(id=actor.account_id)
    rows = ProfileSet.objects.filter(account_id=actor.account_id, name=name)
    stored = rows.values_list("data", flat=True).first()
    merged = {key: value for key, value in {**(stored or {}), **changes}.items() if value is not None}
    if stored is None:
        ProfileSet(account_id=actor.account_id, name=name, data=merged).save(force_insert=True)
    else:
        rows.update(data=merged)
    return {"profile": merged}
