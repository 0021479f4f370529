"""The streams query language: its wire forms as a list of items (spec api-data §3.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from pryvsite.kernel.errors import InvalidRequestStructure
from pryvsite.kernel.inputs import UNSET
from streams.queries import store_of

FORBIDDEN = frozenset("\"'`\\\0\b\t\n\r\x1a")
EVERYTHING = "*"
KEYS = frozenset({"any", "all", "not"})


@dataclass(frozen=True, slots=True)
class Item:
    """One alternative of a filter, as it was asked: ids with an optional `!` (that stream only)."""

    any: tuple[str, ...]
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    store: str = ""

    @property
    def everything(self) -> bool:
        """Whether all readable streams are meant."""
        return self.any == (EVERYTHING,)


def parse_streams(given: Any) -> list[Item] | None:
    """The items of a filter; None for no filter. Raises InvalidRequestStructure."""
    if given is UNSET or given is None:
        return None
    value = _decoded(given)
    if isinstance(value, str | dict):
        value = [value]
    if not isinstance(value, list):
        raise InvalidRequestStructure("The streams filter must be a list of stream ids.", given)
    if all(isinstance(item, str) for item in value):
        return _of_ids(value, given)
    if not all(isinstance(item, dict) for item in value):
        raise InvalidRequestStructure("The streams filter can't mix ids and objects.", given)
    return [_of_object(item, given) for item in value]


def _decoded(given: Any) -> Any:
    """A single text that begins like JSON is JSON."""
    text = given[0] if isinstance(given, list) and len(given) == 1 else given
    if not isinstance(text, str) or not text.startswith(("[", "{")):
        return given
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidRequestStructure("The streams filter is not valid JSON.", given) from None


def _of_ids(ids: Sequence[str], given: Any) -> list[Item]:
    """A plain list: one item per store."""
    by_store: dict[str, list[str]] = {}
    for sid in dict.fromkeys(ids):
        by_store.setdefault(store_of(sid), []).append(sid)
    return [_checked(Item(tuple(found), store=store), given) for store, found in by_store.items()]


def _of_object(item: dict[str, Any], given: Any) -> Item:
    if item.keys() - KEYS:
        raise InvalidRequestStructure("A streams query knows any, all and not.", given)
    parts = [item.get(key, []) for key in ("any", "all", "not")]
    if not all(isinstance(part, list) and all(isinstance(sid, str) for sid in part) for part in parts):
        raise InvalidRequestStructure("any, all and not are lists of stream ids.", given)
    if not parts[0]:
        raise InvalidRequestStructure("A streams query needs at least one id in any.", given)
    stores = {store_of(sid) for part in parts for sid in part}
    if len(stores) > 1:
        raise InvalidRequestStructure("One streams query can't mix stores.", given)
    any_, all_, none = (tuple(dict.fromkeys(part)) for part in parts)
    return _checked(Item(any_, all_, none, stores.pop()), given)


def _checked(item: Item, given: Any) -> Item:
    for sid in (*item.any, *item.all, *item.none):
        if not sid.removesuffix("!") or FORBIDDEN & set(sid) or sid.startswith("#"):
            raise InvalidRequestStructure("The streams filter holds a forbidden character.", given)
    named = {sid.removesuffix("!") for sid in item.any}
    if EVERYTHING in named and (not item.everything or item.all):
        raise InvalidRequestStructure("'*' stands alone, and not together with all.", given)
    if EVERYTHING in {sid.removesuffix("!") for sid in (*item.all, *item.none)}:
        raise InvalidRequestStructure("'*' stands in any only.", given)
    return item
