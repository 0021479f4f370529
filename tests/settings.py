"""Settings of the tests: the real ones, with cheap passwords and folders of their own."""

import os
import tempfile

os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="pryvsite-test-")
os.environ["PUBLIC_URL"] = "http://testserver"
os.environ.setdefault("TRUSTED_APPS", "*@http://localhost:*,*@https://*.backloop.dev:*,free-app@*")

from pryvsite.settings import *  # noqa: F403

LIVE_STREAMS = 0  # threads of their own would keep test databases open; tests of them switch it on
RATE_LIMITS = False  # tests of the limits switch them on
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]  # noqa: F405
LOGGING = {"version": 1, "disable_existing_loggers": False}
if "pool" in DATABASES["default"]["OPTIONS"]:  # noqa: F405
    del DATABASES["default"]["OPTIONS"]["pool"]  # noqa: F405 (test databases are dropped while pools wait)
