"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pryvsite.settings")
application = get_wsgi_application()

from events.blobs import start_sweeping  # noqa: E402 (apps must be loaded)

start_sweeping()
