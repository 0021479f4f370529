"""Fields of an account as events, one per field, whose id is that of its stream (spec api-data §2.8)."""

from collections.abc import Sequence
from typing import Any

from accounts.fields import FIELDS, SHOWN_VALUES, Field, is_account_stream
from accounts.meter import waiting
from accounts.models import Account
from accounts.operations import set_field
from events.inputs import EventCreate, EventUpdate
from events.wire import sealed
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.changes import Change, announce
from pryvsite.kernel.errors import (
    Forbidden,
    InvalidOperation,
    InvalidParameters,
    InvalidRequestStructure,
    UnknownReference,
    UnknownResource,
)
from pryvsite.kernel.inputs import UnsetType
from pryvsite.kernel.permissions import Can
from streams.tree import Tree

Wire = dict[str, Any]


def account_events(actor: Actor) -> list[Wire]:
    """The events of all visible fields that have a value; whoever calls checks what is readable."""
    account = Account.objects.get(id=actor.account_id)
    return [wire for field in SHOWN_VALUES if (wire := _present(account, field)) is not None]


def _present(account: Account, field: Field) -> Wire | None:
    value = getattr(account, field.attribute)
    if value is None or value == "":
        return None
    if field.attribute == "db_documents":
        value = max(0, value + waiting(account.id))
    moment, author = account.field_changes.get(field.attribute, (account.created, "system"))
    return sealed(
        {
            "id": field.stream_id,
            "streamIds": [field.stream_id],
            "time": moment,
            "type": field.type,
            "content": value,
            "created": account.created,
            "createdBy": "system",
            "modified": moment,
            "modifiedBy": author,
        }
    )


def find_account_event(actor: Actor, event_id: str, want: Can, tree: Tree) -> Wire:
    """The event of a field. Raises UnknownResource, Forbidden (also for hidden fields)."""
    field = FIELDS.get(event_id)
    if field is None or not field.attribute:
        raise UnknownResource("event", event_id)
    if field.hidden or want not in actor.permissions.on(event_id, tree):
        raise Forbidden
    wire = _present(Account.objects.get(id=actor.account_id), field)
    if wire is None:
        raise UnknownResource("event", event_id)
    return wire


def write_account_event(actor: Actor, new: EventCreate, tree: Tree) -> Wire:
    """Set a field by creating its event; there is only ever one (spec api-data §2.8)."""
    stream_ids = list(dict.fromkeys(new.stream_ids))
    unknown = [sid for sid in stream_ids if sid not in FIELDS]
    if unknown:
        raise UnknownReference("streamIds", unknown)
    # Hidden fields are in no tree; their owner is told that they can't be changed.
    if not (actor.is_personal or all(Can.CREATE in actor.permissions.on(sid, tree) for sid in stream_ids)):
        raise Forbidden
    if len(stream_ids) > 1:
        raise InvalidOperation("An event can't be in two fields of the account.", {"streamIds": stream_ids})
    if new.id is not None:
        raise InvalidOperation("The event of a field has the id of its stream.", {"streamId": stream_ids[0]})
    return _set(actor, stream_ids[0], new.type, new.content)


def update_account_event(actor: Actor, event_id: str, update: EventUpdate, tree: Tree) -> Wire:
    """Change the value of a field; nothing else of its event can change."""
    current = find_account_event(actor, event_id, Can.UPDATE, tree)
    if not isinstance(update.stream_ids, UnsetType):
        _check_stays(event_id, update.stream_ids)
    others = (update.duration, update.description, update.client_data, update.trashed)
    if any(not isinstance(value, UnsetType) and value for value in others):
        raise InvalidOperation("Only the content of an account field can change.", {"streamId": event_id})
    event_type = current["type"] if isinstance(update.type, UnsetType) else update.type
    content = current["content"] if isinstance(update.content, UnsetType) else update.content
    return _set(actor, event_id, event_type, content)


def _check_stays(event_id: str, stream_ids: Sequence[str]) -> None:
    """Corrections §1.14: to an ordinary stream is another store's affair, to another field impossible."""
    if any(not is_account_stream(sid) for sid in stream_ids):
        raise InvalidRequestStructure("An account field can't move to another store.")
    if set(stream_ids) != {event_id}:
        raise InvalidOperation(
            "The event of an account field can't change its stream.", {"streamIds": list(stream_ids)}
        )


def refuse_delete(actor: Actor, event_id: str, tree: Tree) -> None:
    """Fields stay. Raises UnknownResource, Forbidden, InvalidOperation."""
    find_account_event(actor, event_id, Can.UPDATE, tree)
    raise InvalidOperation("The event of an account field can't be deleted.", {"streamId": event_id})


def _set(actor: Actor, stream_id: str, event_type: str, content: Any) -> Wire:
    field = FIELDS[stream_id]
    if not field.editable:
        raise InvalidOperation("This field of the account can't be changed.", {"streamId": stream_id})
    if event_type != field.type:
        entry = {
            "code": "ENUM_MISMATCH",
            "message": "Another type.",
            "params": [[field.type]],
            "path": "#/type",
        }
        raise InvalidParameters("The type of an account field is fixed.", [entry])
    account = set_field(actor.account_id, field.attribute, content, actor.author)
    announce(actor.account_id, Change.EVENTS)
    announce(actor.account_id, Change.ACCOUNT)
    wire = _present(account, field)
    if wire is None:
        raise InvalidParameters("A value is needed.")
    return wire
