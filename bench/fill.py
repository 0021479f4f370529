"""Fills an account with made-up events: `python -m bench.fill USERNAME EVENTS START`.

The rows are those that the API writes, except that all share the integrity hash of one event.
"""

import os
import sys

import django


def main() -> None:
    """Write the events, some thousands a statement, and let the database take stock."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pryvsite.settings")
    django.setup()
    from django.db import connection

    from accounts.models import Account
    from events import rows
    from events.wire import sealed
    from pryvsite.kernel.ids import new_id

    username, number, start = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    account_id = Account.objects.values_list("id", flat=True).get(username=username)
    types = (("mass/kg", 70.5), ("note/txt", "a note of some words"), ("count/steps", 1200))
    for first in range(0, number, 5000):
        events = []
        for i in range(first, min(first + 5000, number)):
            event_type, content = types[0 if i % 10 < 7 else 1 if i % 10 < 9 else 2]
            moment = start + 60 * i
            event = {
                "id": new_id(), "streamIds": [f"leaf-{i % 60}"], "time": moment, "type": event_type,
                "content": content, "trashed": i % 100 == 0, "created": moment, "createdBy": "bench",
                "modified": moment, "modifiedBy": "bench",
            }  # fmt: skip
            if i == first:
                integrity = sealed(event)["integrity"]
            events.append({**event, "integrity": integrity})
        rows.insert(account_id, events)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT 1")


if __name__ == "__main__":
    main()
