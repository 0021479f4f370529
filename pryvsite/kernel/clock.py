"""The one clock. Times are Unix seconds as floats; what the server makes has millisecond precision."""

import time


def now() -> float:
    """The present in Unix seconds, rounded to milliseconds."""
    return round(time.time(), 3)
