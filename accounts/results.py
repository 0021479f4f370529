"""What the look-ups of accounts answer (spec api-access §2.4, §2.5)."""

from typing import Any

from pryvsite.kernel.results import Result


class Reserved(Result, frozen=True):
    """Whether a name is taken."""

    reserved: bool


class Core(Result, frozen=True):
    """A server that holds accounts."""

    url: str


class CoreGot(Result, frozen=True):
    """The server of an account."""

    core: Core


class HostingsGot(Result, frozen=True):
    """Regions, their zones and the hostings in them."""

    regions: dict[str, Any]


class UsernameFound(Result, frozen=True):
    """Whose address it is."""

    username: str


class UidFound(Result, frozen=True):
    """Whose address it is."""

    uid: str


class ServerFound(Result, frozen=True):
    """The server of an account."""

    server: str
    alias: str


class AppsGot(Result, frozen=True):
    """Registered apps."""

    apps: list[dict[str, Any]]
