"""Points that were stored singly are packed by migration 0004, and come back."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import Account
from events.series import store
from tests.cast import register

BEFORE, AFTER = [("events", "0003_stores_and_versions")], [("events", "0004_packed_series")]


@pytest.mark.django_db(transaction=True)
def test_points_survive_both_ways() -> None:
    register("alice")
    account_id = Account.objects.get(username="alice").id
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    try:
        executor.migrate(BEFORE)
        old = executor.loader.project_state(BEFORE).apps.get_model("events", "SeriesPoint")
        rows = [(n / 2, [n, None, "é" if n == 7 else None]) for n in range(2300)]
        old.objects.bulk_create(
            [old(account_id=account_id, event_id="s", delta=delta, row=row) for delta, row in rows],
            batch_size=200,
        )
        old.objects.create(account_id=account_id, event_id="t", delta=1.5, row=[True])
        MigrationExecutor(connection).migrate(AFTER)
        found = [
            (delta, row + [None] * (3 - len(row))) for delta, row in store.points(account_id, "s", None, None)
        ]
        assert found == rows
        assert list(store.points(account_id, "t", None, None)) == [(1.5, [True])]
        executor = MigrationExecutor(connection)
        executor.migrate(BEFORE)
        found = list(old.objects.filter(event_id="s").order_by("delta").values_list("delta", "row"))
        assert [(delta, row + [None] * (3 - len(row))) for delta, row in found] == rows
    finally:
        MigrationExecutor(connection).migrate(newest)
