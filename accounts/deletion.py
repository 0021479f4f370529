"""The end of an account and of all its data (spec api-access §2.12).

It is gone for everybody with one short transaction: its names and addresses are free again, its tokens
unknown. Then what it held is erased: files first, while their records still tell of them, then rows, some
thousands a transaction, so that others never wait long. Should the server die meanwhile, the next start, a
chore of each worker and `manage.py finish_deletions` go on (`finish_all`).
"""

import logging
from collections.abc import Callable, Iterator

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, models, transaction

from accounts.models import Account, Invitation, Username
from accounts.names import name_slot
from pryvsite.caching import changed
from pryvsite.kernel.clock import now

CONTENT = ("streams", "events")  # apps whose rows may be many
ATTEMPTS = 5  # to outlast calls that were under way
BATCH = 2000  # rows that one transaction erases
ROW = {"sqlite": "rowid", "postgresql": "ctid"}  # what names a row whatever the key is
HOUR = 3600  # seconds
log = logging.getLogger("pryvsite.deletion")

Step = Callable[[int], None]
_partings: list[Step] = []
_erasers: list[Step] = []


def register_parting(step: Step) -> None:
    """Add what is done for an account in the transaction that ends it."""
    if step not in _partings:
        _partings.append(step)


def register_eraser(step: Step) -> None:
    """Add what erases something outside of the database; it may run again."""
    if step not in _erasers:
        _erasers.append(step)


def owner_may_delete() -> bool:
    """Whether owners may delete their accounts themselves."""
    return "personalToken" in settings.ACCOUNT_DELETION


def operator_may_delete() -> bool:
    """Whether the operator's key deletes accounts."""
    return "adminToken" in settings.ACCOUNT_DELETION


def delete_account(account_id: int) -> None:
    """End an account and erase all that it held."""
    end(account_id)
    erase(account_id)


def end(account_id: int) -> None:
    """Make an account unknown to everybody; its names and addresses are free."""
    with transaction.atomic(durable=True):
        account = Account.objects.select_for_update().get(id=account_id)
        for step in _partings:
            step(account_id)
        for name in Username.objects.filter(account_id=account_id).values_list("name", flat=True):
            changed("names", name_slot(name))
        for model, field in _belongings():
            if model._meta.app_label not in CONTENT:
                model._default_manager.filter(**{field: account_id}).delete()
        Invitation.objects.filter(consumed_by=account.username).update(consumed_by="")
        nobody = f"~{account_id}", make_password(None)
        Account.objects.filter(id=account_id).update(
            username=nobody[0], password=nobody[1], email=None, field_changes={}, deleted=now()
        )
        changed("accesses", account_id)
        changed("streams", account_id)


def erase(account_id: int) -> None:
    """Erase what an ended account held, and then its row; may be repeated."""
    for attempt in range(ATTEMPTS):
        for step in _erasers:
            step(account_id)
        for model, field in _belongings():
            _erase_rows(model, field, account_id)
        try:
            with transaction.atomic():
                Account.objects.filter(id=account_id).exclude(deleted=None).delete()
            break
        except IntegrityError:  # a call that was under way has written meanwhile
            log.info("Account %s was written to while it was erased (%s)", account_id, attempt)
    for step in _erasers:  # an upload may have been under way, too
        step(account_id)


def _erase_rows(model: type[models.Model], column: str, account_id: int) -> None:
    """Rows that nothing else refers to, a batch by a transaction of its own."""
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    row = ROW[connection.vendor]
    some = f"SELECT {row} FROM {table} WHERE {quote(column)} = %s LIMIT {BATCH}"  # noqa: S608 (our own names)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(f"DELETE FROM {table} WHERE {row} IN ({some})", [account_id])  # noqa: S608
            if not cursor.rowcount:
                return


def finish_all(waited: float = 0) -> int:
    """Go on with deletions that were interrupted, and that began `waited` seconds ago; their number."""
    ended = Account.objects.filter(deleted__lte=now() - waited)
    waiting = list(ended.values_list("id", flat=True))
    for account_id in waiting:
        erase(account_id)
    return len(waiting)


def finish_abandoned() -> int:
    """The same for a chore, which leaves those alone that another process is likely to be at."""
    return finish_all(HOUR)


def _belongings() -> Iterator[tuple[type[models.Model], str]]:
    """Each model whose rows belong to an account, and the name of the attribute and column that tells so."""
    for relation in Account._meta.related_objects:
        if isinstance(relation.related_model, type):
            yield relation.related_model, relation.field.attname
