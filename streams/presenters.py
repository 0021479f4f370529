"""Streams on the wire, and the tree as an access sees it (spec api-data §2.1, §2.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.fields import VISIBLE, is_account_stream
from pryvsite.caching import Memory
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.permissions import EVERYTHING, Can
from streams.models import ROOT, Stream
from streams.tree import Node, Tree, build_tree

Wire = dict[str, Any]


def present_stream(stream: Stream) -> Wire:
    """One stream without children."""
    wire: Wire = {"id": stream.id, "name": stream.name, "parentId": stream.parent_id or None}
    if stream.client_data is not None:
        wire["clientData"] = stream.client_data
    if stream.trashed:
        wire["trashed"] = True
    return wire | {
        "created": stream.created,
        "createdBy": stream.created_by,
        "modified": stream.modified,
        "modifiedBy": stream.modified_by,
    }


def _field_streams() -> list[Stream]:
    """The streams of account fields; they are as old as the platform."""
    return [
        Stream(
            id=field.stream_id, name=field.name, parent_id=field.parent or ROOT, created=0, modified=0,
            created_by="system", modified_by="system",
        )
        for field in VISIBLE
    ]  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """All streams of an account: their tree, and each without children in its wire form."""

    tree: Tree
    wires: Mapping[str, Wire]


_listings: Memory[Listing] = Memory("streams", 100_000, lambda listing: len(listing.wires))


def load_listing(account_id: int) -> Listing:
    """All streams of an account, by one query where they aren't remembered."""
    return _listings.get(account_id, "", lambda: _read_listing(account_id))


def _read_listing(account_id: int) -> Listing:
    streams = [*Stream.objects.filter(account_id=account_id), *_field_streams()]
    tree = build_tree(Node(s.id, s.name, s.parent_id, s.trashed) for s in streams)
    return Listing(tree, {stream.id: present_stream(stream) for stream in streams})


class Forest:
    """All streams of an account as one access may list them."""

    def __init__(self, actor: Actor, listing: Listing, *, trashed: bool) -> None:
        self.tree, self.wires = listing.tree, listing.wires
        self.permissions = actor.permissions
        self.seen = self.tree.remember(self.permissions, ("seen", trashed), lambda: self._seen(trashed))

    def _seen(self, trashed: bool) -> frozenset[str]:
        """The streams that the access may see, in the state asked for."""
        tree, allowed = self.tree, self.permissions
        seen = (sid for sid in self.wires if Can.SEE in allowed.on(sid, tree))
        return frozenset(sid for sid in seen if trashed or not tree.in_trash(sid))

    def visible(self, stream_id: str) -> bool:
        """Whether the access may see the stream, in the state asked for."""
        return stream_id in self.seen

    def roots(self) -> list[Wire]:
        """What a listing without parameters shows."""
        if Can.SEE in self.permissions.everywhere():
            tops = [sid for sid in self.tree.children.get("", ()) if self.visible(sid)]
            starts = sorted(tops, key=is_account_stream)  # stable: the account's fields come last
            starts += self._granted_below_hidden(starts)
        else:
            starts = self._granted_below_hidden([])
        return [self.branch(sid, root=True) for sid in starts]

    def _granted_below_hidden(self, starts: list[str]) -> list[str]:
        """Granted streams in the order of the grants, unless they appear below another one."""
        granted = [sid for sid in self.permissions.grants if sid != EVERYTHING and self.visible(sid)]
        return [sid for sid in granted if sid not in starts and not self._shown_above(sid)]

    def _shown_above(self, stream_id: str) -> bool:
        return self.tree.nodes[stream_id].parent_id in self.seen

    def branch(self, stream_id: str, *, root: bool = False) -> Wire:
        """A stream with all visible streams below it; built without recursion, trees may be deep."""
        top = self._shallow(stream_id)
        if root and not self._shown_above(stream_id):
            top["parentId"] = None
        waiting = [top]
        while waiting:
            wire = waiting.pop()
            below = [sid for sid in self.tree.children.get(wire["id"], ()) if self.visible(sid)]
            wire["children"] = [self._shallow(sid) for sid in below]
            waiting.extend(wire["children"])
        return top

    def _shallow(self, stream_id: str) -> Wire:
        return {**self.wires[stream_id], "children": []}
