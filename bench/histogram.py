"""Times the time bar alone: `python -m bench.histogram USERNAME SCALE MOMENT ZONE ROUNDS`; ms as JSON."""

import json
import os
import sys
import time
from zoneinfo import ZoneInfo

import django

WARM = 3


def main() -> None:
    """Make the bar as a page would, with its neighbours, from the database each time."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pryvsite.settings")
    django.setup()
    from accesses import sessions
    from accounts.models import Account
    from events.dashboard import mosaic, periods
    from events.dashboard.colours import colours_of
    from events.dashboard.frame import frame_of
    from events.dashboard.selection import Selection
    from events.dashboard.timeline import timeline
    from events.guard import own_trees
    from events.query.run import latest_time, neighbour_time
    from pryvsite.wiring import wire

    wire()
    username, scale, moment, zone = sys.argv[1], sys.argv[2], float(sys.argv[3]), ZoneInfo(sys.argv[4])
    actor = sessions.personal_session(Account.objects.get(username=username), "bench-histogram")
    if scale == "all":
        oldest = neighbour_time(actor, None, -1e12, later=True)
        period = periods.whole_time(oldest, latest_time(actor), moment, zone)
    else:
        period = periods.period_at(scale, moment, zone)
    trees = own_trees(actor)
    regions = mosaic.regions(None, trees, colours_of(trees))
    taken = []
    for _ in range(WARM + int(sys.argv[5])):
        begun = time.perf_counter()
        timeline(frame_of(actor, period, None), Selection(period, None), regions)
        taken.append(round(1000 * (time.perf_counter() - begun), 2))
    print(json.dumps(taken[WARM:]))


if __name__ == "__main__":
    main()
