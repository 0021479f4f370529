"""The wire form of a stream filter as a list of ids (spec api-data §3.4).

Lists of ids are understood; the object form of the query language is answered as not well-formed.
"""

from typing import Any

import msgspec

from pryvsite.kernel.errors import InvalidRequestStructure
from pryvsite.kernel.inputs import UNSET

FORBIDDEN = frozenset("\"'`\\\0\b\t\n\r\x1a")
EVERYTHING = "*"


def stream_ids(given: Any) -> list[str] | None:
    """The ids of a filter, or None for no filter. Raises InvalidRequestStructure."""
    if given is UNSET or given is None:
        return None
    value = _decoded(given)
    ids = [value] if isinstance(value, str) else value
    if not isinstance(ids, list) or not all(isinstance(item, str) for item in ids):
        raise InvalidRequestStructure("The streams filter must be a list of stream ids.", given)
    if any(not sid or FORBIDDEN & set(sid) or sid.startswith("#") for sid in ids):
        raise InvalidRequestStructure("The streams filter holds a forbidden character.", given)
    if EVERYTHING in ids:
        if len(ids) > 1:
            raise InvalidRequestStructure("'*' stands alone.", given)
        return None
    return list(dict.fromkeys(ids))


def _decoded(given: Any) -> Any:
    """A single text that begins like JSON is JSON (spec api-data §3.4)."""
    text = given[0] if isinstance(given, list) and len(given) == 1 else given
    if not isinstance(text, str) or not text.startswith(("[", "{")):
        return given
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidRequestStructure("The streams filter is not valid JSON.", given) from None
