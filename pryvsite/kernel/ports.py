"""Interfaces between rooms that must not import each other; bound once in `pryvsite.wiring`."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pryvsite.kernel.actor import AccountInfo, Actor


class Authenticator(Protocol):
    """Turns names and tokens into actors (implemented by accesses)."""

    def account(self, username: str) -> tuple[int, str] | None:
        """(account id, username) of a username or alias, or None."""
        ...

    def actor(self, account_id: int, username: str, token: str, caller: str) -> Actor:
        """The actor of a token. Raises InvalidToken, Forbidden (expired)."""
        ...

    def operator(self, key: str) -> Actor:
        """The operator, by the key. Raises UnknownResource, TooManyRequests."""
        ...

    def read_key(self, account_id: int, access_id: str) -> tuple[Actor, str] | None:
        """The actor of a live access and the secret that its read tokens are bound to; None when gone."""
        ...

    def used(self, actor: Actor, method_id: str) -> None:
        """Record that an access called a method (last used, call counters)."""
        ...


@dataclass(frozen=True, slots=True)
class Glance:
    """What streams hold, at a glance: entries (`more` than counted), the first one's time, kinds by name."""

    count: int
    more: bool
    since: float | None
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What an access wrote: entries it created, others it changed last, among so many `looked_at`; `more`
    than these were not looked at."""

    created: int
    changed: int
    looked_at: int
    more: bool


class StreamContents(Protocol):
    """What events know of the contents of streams (implemented by events, used by streams)."""

    def count(self, account_id: int, stream_ids: Sequence[str]) -> int:
        """Number of events that sit in any of the streams."""
        ...

    def glance(self, account_id: int, stream_ids: Sequence[str] | None) -> Glance:
        """What the streams hold; None: the whole account."""
        ...

    def written_by(self, account_id: int, access_id: str, since: float) -> Written:
        """What an access wrote of the entries that are there and changed since then (Unix seconds)."""
        ...

    def leave(
        self, actor: Actor, stream_ids: Sequence[str], merge_into: str | None
    ) -> list[Mapping[str, Any]]:
        """Take events out of deleted streams: move them to `merge_into`, or drop those left without
        stream. Returns `updatedEvents` entries `{action, id}` (spec api-data §2.6)."""
        ...


class WebSessions(Protocol):
    """The browser sessions of the pages (implemented by accesses)."""

    def current(self, store: MutableMapping[str, Any]) -> tuple[Actor, AccountInfo] | None:
        """Who is signed in, by the data of the session cookie; None when nobody or ended."""
        ...


class PlatformIdentity(Protocol):
    """What the operator entered of the platform (implemented by accounts)."""

    def told(self) -> Mapping[str, str]:
        """Some of `name`, `home`, `support`, `terms` and `logo`, the address of a picture."""
        ...


class Ports:
    """The bound implementations."""

    authenticator: Authenticator
    sessions: WebSessions
    contents: StreamContents
    identity: PlatformIdentity


ports = Ports()
