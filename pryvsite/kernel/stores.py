"""Other places that show themselves as streams and events, such as the audit (spec api-data §2.7).

A store is addressed by ids that begin with `:{id}:`. Registering one is all it takes: listings of
streams and events, and single events, ask the registered stores.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from pryvsite.kernel.actor import Actor

Wire = dict[str, Any]
Row = tuple[str, bool, str, float]  # wire text, has files, id, time (Unix seconds)


@dataclass(frozen=True, slots=True)
class StoreQuery:
    """What a listing asks of a store; ids are checked for form only."""

    any: tuple[str, ...]
    all: tuple[str, ...]
    none: tuple[str, ...]
    types: tuple[str, ...]
    start: float | None
    end: float | None
    modified_since: float | None
    state: str
    running: bool
    ascending: bool
    most: int | None  # rows that are needed at most


class Store(Protocol):
    """A read-only place of streams and events that decides itself what an actor reads."""

    id: str
    listed: bool  # whether `streams.get` lists its streams unasked

    def trees(self, actor: Actor) -> list[Wire]:
        """Streams of the store as `streams.get` shows them to the actor."""
        ...

    def rows(self, actor: Actor, query: StoreQuery) -> Iterator[Row]:
        """Events in the order asked for. Raises Forbidden, UnknownReference."""
        ...

    def find(self, actor: Actor, event_id: str) -> Wire:
        """One event. Raises UnknownResource, Forbidden."""
        ...


STORES: dict[str, Store] = {}


def register_store(store: Store) -> None:
    """Add a store."""
    STORES[store.id] = store


def store_named(item_id: str) -> Store | None:
    """The registered store that an id of a stream or event names, or None."""
    if not item_id.startswith(":"):
        return None
    return STORES.get(item_id[1:].partition(":")[0])
