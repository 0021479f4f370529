"""What pages weigh: our script is at most 35 kB, compressed, without the map library."""

import gzip
from pathlib import Path

from django.conf import settings

BUDGET = 35_000  # bytes, gzip


def test_script() -> None:
    files = sorted((Path(settings.BASE_DIR) / "static" / "js").glob("*.js"))
    assert len(files) > 5
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) <= BUDGET
