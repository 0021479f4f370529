"""Fills an account with three years of a life: `python -m bench.life USERNAME EVENTS START`.

Twenty streams, each with its own type of entries, as in an account that people use; only how many there
are differs.
"""

import os
import sys

import django

DAYS = 1095
STREAMS = (
    "mass/kg", "frequency/bpm", "count/steps", "temperature/c", "blood-pressure/mmhg-bpm", "note/txt",
    "position/wgs84", "activity/plain", "money/eur", "url/http",
)  # fmt: skip
CONTENTS = {
    "blood-pressure/mmhg-bpm": {"systolic": 121, "diastolic": 79},
    "note/txt": "A walk along the **lake**, then *work*.",
    "activity/plain": None,
    "url/http": "https://example.org/a-page",
}


def main() -> None:
    """Write the events, some thousands a statement."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pryvsite.settings")
    django.setup()
    from django.db import connection

    from accounts.models import Account
    from events import rows
    from events.wire import sealed
    from pryvsite.kernel.ids import new_id

    username, number, start = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    account_id = Account.objects.values_list("id", flat=True).get(username=username)
    step = DAYS * 86_400 / number
    for first in range(0, number, 5000):
        events = []
        for i in range(first, min(first + 5000, number)):
            place = i * 7 % 20
            event_type, moment = STREAMS[place % 10], round(start + i * step, 3)
            content = CONTENTS.get(event_type, 20 + i * 13 % 97)
            if event_type == "position/wgs84":
                content = {"latitude": 46.5 + i % 89 / 500, "longitude": 6.6 + i % 97 / 400}
            event = {
                "id": new_id(), "streamIds": [f"s{place}"], "time": moment, "type": event_type,
                "content": content, "created": moment, "createdBy": "bench", "modified": moment,
                "modifiedBy": "bench",
            }  # fmt: skip
            if event_type == "activity/plain":
                event["duration"] = 600
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
