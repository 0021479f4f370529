"""Tests against the server as it is started, one after the other; `make test` runs them by themselves."""

import os

collect_ignore_glob = [] if os.environ.get("LIVE_TESTS") else ["test_*.py"]
