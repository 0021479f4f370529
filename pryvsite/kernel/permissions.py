"""What an access may do, as one immutable value; every permission question is answered here.

Levels are sets of capabilities rather than a ladder, so `create-only` needs no special case.
Source: spec api-data §2.2, api-access §3.2–3.3, corrections §1.22.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from types import MappingProxyType
from typing import Any, Protocol

EVERYTHING = "*"
ACCOUNT_ROOT = ":_system:account"


class Can(Flag):
    """Capabilities on one stream."""

    NOTHING = 0
    SEE = auto()  # the stream is listed
    READ = auto()  # its events are readable
    CREATE = auto()  # events can be added
    UPDATE = auto()  # events can be changed, trashed, deleted
    MANAGE = auto()  # the stream and those below can be created, changed, deleted


class Level(Enum):
    """Permission levels with their wire name, rank for delegation, and capabilities."""

    NONE = ("none", -1, Can.NOTHING)
    READ = ("read", 0, Can.SEE | Can.READ)
    CREATE_ONLY = ("create-only", 1, Can.SEE | Can.CREATE)
    CONTRIBUTE = ("contribute", 1, Can.SEE | Can.READ | Can.CREATE | Can.UPDATE)
    MANAGE = ("manage", 2, Can.SEE | Can.READ | Can.CREATE | Can.UPDATE | Can.MANAGE)

    def __init__(self, wire: str, rank: int, can: Can) -> None:
        self.wire = wire
        self.rank = rank
        self.can = can

    @classmethod
    def of(cls, wire: str) -> "Level":
        """The level with this wire name; KeyError for an unknown one."""
        return _BY_WIRE[wire]


_BY_WIRE = {level.wire: level for level in Level}


class TreeLike(Protocol):
    """What permissions need to know of the stream tree."""

    def path(self, stream_id: str) -> Iterable[str]:
        """The stream itself, then its ancestors, nearest first."""
        ...

    def ids(self) -> Iterable[str]:
        """All stream ids of the account."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """The streams on which something is allowed: all but `vetoed`, or exactly `ids`.

    An event qualifies when it sits in an allowed stream and in no vetoed one.
    """

    everything: bool
    ids: frozenset[str]
    vetoed: frozenset[str]

    @property
    def empty(self) -> bool:
        """Whether no stream at all is in scope."""
        return not self.everything and not self.ids


@dataclass(frozen=True, slots=True)
class Permissions:
    """Grants per stream id (in the order given), and feature settings."""

    grants: Mapping[str, Level]
    features: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def level(self, stream_id: str, tree: TreeLike) -> Level | None:
        """The nearest explicit grant of the stream or an ancestor, else that of `*`, else None.

        `*` never covers reserved namespaces (ids that begin with a colon).
        """
        for sid in tree.path(stream_id):
            if sid in self.grants:
                return self.grants[sid]
        return None if stream_id.startswith(":") else self.grants.get(EVERYTHING)

    def _default(self, stream_id: str, tree: TreeLike) -> Level | None:
        return self.grants.get(EVERYTHING) if stream_id == EVERYTHING else self.level(stream_id, tree)

    def on(self, stream_id: str, tree: TreeLike) -> Can:
        """Capabilities on one stream."""
        level = self.level(stream_id, tree)
        return level.can if level else Can.NOTHING

    def everywhere(self) -> Can:
        """Capabilities granted by `*`; what root streams need."""
        level = self.grants.get(EVERYTHING)
        return level.can if level else Can.NOTHING

    @property
    def unrestricted(self) -> bool:
        """Whether `*` is managed without exception: no tree is needed to answer."""
        return self.everywhere() is Level.MANAGE.can and all(
            level is Level.MANAGE for sid, level in self.grants.items() if not sid.startswith(":")
        )

    def scope(self, want: Can, tree: TreeLike) -> Scope:
        """Where `want` is allowed; an explicit grant without it is a veto (spec api-data §3.2)."""
        if self.unrestricted:
            return Scope(everything=True, ids=frozenset(), vetoed=frozenset())
        allowed: set[str] = set()
        vetoed: set[str] = set()
        for sid in tree.ids():
            level = self.level(sid, tree)
            if level is None:
                continue
            (allowed if want in level.can else vetoed).add(sid)
        if want in self.everywhere():
            return Scope(everything=True, ids=frozenset(), vetoed=frozenset(vetoed))
        return Scope(everything=False, ids=frozenset(allowed), vetoed=frozenset(vetoed))

    def covers(self, other: "Permissions", tree: TreeLike) -> bool:
        """Whether the holder may hand out `other` (delegation rules, spec api-access §3.3).

        Asked at each grant of both: what the holder itself is kept out of stays so for the receiver.
        """
        if not other.grants:
            return False
        for stream_id in (*other.grants, *self.grants):
            own, wanted = self._default(stream_id, tree), other._default(stream_id, tree)
            if wanted is None:
                continue
            if own is None or own is Level.CREATE_ONLY or own.rank < wanted.rank:
                return False
        return all(self._may_give(feature, setting) for feature, setting in other.features.items())

    def _may_give(self, feature: str, setting: str) -> bool:
        own = self.features.get(feature)
        if feature in ("selfRevoke", "secretSharing"):
            return own != "forbidden" or setting == own
        return feature == "selfAudit" and own in (None, setting)

    @property
    def may_revoke_itself(self) -> bool:
        """The `selfRevoke` feature; allowed unless forbidden."""
        return self.features.get("selfRevoke") != "forbidden"

    @classmethod
    def from_wire(cls, entries: Sequence[Mapping[str, Any]]) -> "Permissions":
        """Build from validated wire entries; of duplicates the last wins (spec api-access §3.2)."""
        grants: dict[str, Level] = {}
        features: dict[str, str] = {}
        for entry in entries:
            if "feature" in entry:
                features[entry["feature"]] = entry["setting"]
            else:
                grants[entry["streamId"]] = Level.of(entry["level"])
        return cls(MappingProxyType(grants), MappingProxyType(features))


NOTHING = Permissions(MappingProxyType({}))
OWNER = Permissions(MappingProxyType({EVERYTHING: Level.MANAGE, ACCOUNT_ROOT: Level.MANAGE}))
