"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pryvsite.settings")
application = get_wsgi_application()

from accounts import leaving  # noqa: E402 (apps must be loaded)
from events.blobs import start_sweeping  # noqa: E402

start_sweeping()
leaving.start_sweeping()
