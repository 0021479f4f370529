"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pryvsite.settings")
application = get_wsgi_application()

from accounts import deletion, leaving  # noqa: E402 (apps must be loaded)
from events import ahead, blobs, digest_store  # noqa: E402
from pryvsite import chores  # noqa: E402
from pryvsite.chunked import Request  # noqa: E402

application.request_class = Request

HOUR = 3600.0  # seconds
chores.start(
    [
        chores.Chore("Files without record removed", blobs.sweep_alone, 6 * HOUR),
        chores.Chore("Accounts deleted that were to leave", leaving.sweep, HOUR),
        chores.Chore("Interrupted deletions finished", deletion.finish_abandoned, HOUR),
        chores.Chore("Events summed up ahead", ahead.catch_up, HOUR / 60),
        chores.Chore("Repeated notes of touched days dropped", digest_store.drop_repeated, HOUR / 6),
    ]
)
