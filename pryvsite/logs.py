"""What the log must not tell."""

import logging
import re

# Whoever knows the key of a request for access may read the token that was granted (spec api-access §4.2).
KEY = re.compile(r"(/reg/access/)[^/\s?]+")


class WithoutKeys(logging.Filter):
    """Hides the keys of requests for access, which stand in paths."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, with the keys in its message masked."""
        message = record.getMessage()
        masked = KEY.sub(r"\1(key)", message)
        if masked != message:
            record.msg, record.args = masked, ()
        return True
