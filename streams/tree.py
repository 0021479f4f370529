"""The tree of an account's streams as a value: loaded by one query, asked without more."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeVar

from accounts.fields import VISIBLE
from pryvsite.caching import Memory
from streams.models import ROOT, Stream

T = TypeVar("T")
MOST_ANSWERS = 200  # remembered of one tree


@dataclass(frozen=True, slots=True)
class Node:
    """What questions about the tree need of a stream."""

    id: str
    name: str
    parent_id: str  # ROOT ("") for root streams
    trashed: bool


@dataclass(frozen=True)
class Tree:
    """All streams of one account, trashed ones included."""

    nodes: dict[str, Node]
    children: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[Hashable, tuple[object, Any]] = field(default_factory=dict, compare=False, repr=False)

    def remember(self, owner: object, question: Hashable, find: Callable[[], T]) -> T:
        """What an immutable value (permissions) means for this tree: found once, as neither ever changes."""
        known = self.answers.get((id(owner), question))
        if known is not None and known[0] is owner:
            answer: T = known[1]
            return answer
        if len(self.answers) >= MOST_ANSWERS:
            self.answers.clear()
        found = find()
        self.answers[id(owner), question] = (owner, found)  # holds the owner, so that its id stays its own
        return found

    def __contains__(self, stream_id: object) -> bool:
        return stream_id in self.nodes

    def ids(self) -> Iterable[str]:
        """All stream ids."""
        return self.nodes.keys()

    def path(self, stream_id: str) -> Iterator[str]:
        """The stream itself, then its ancestors, nearest first; an unknown id yields itself."""
        current = stream_id
        while current != ROOT:
            yield current
            node = self.nodes.get(current)
            current = node.parent_id if node else ROOT

    def descendants(
        self,
        stream_id: str,
        *,
        skip_trashed: bool = False,
        stop: Callable[[str], bool] = lambda _: False,
    ) -> list[str]:
        """The stream and all below it; without trashed ones and what is below them if asked, and
        without the subtrees at which to `stop`."""
        found: list[str] = []
        waiting = [stream_id]
        while waiting:
            current = waiting.pop()
            node = self.nodes.get(current)
            if node is None or (skip_trashed and node.trashed):
                continue
            found.append(current)
            waiting.extend(sid for sid in self.children.get(current, ()) if not stop(sid))
        return found

    def height(self, stream_id: str) -> int:
        """Number of levels from the stream down to its lowest descendant."""
        below = [stream_id]
        levels = 0
        while below:
            levels += 1
            below = [sid for parent in below for sid in self.children.get(parent, ())]
        return levels

    def in_trash(self, stream_id: str) -> bool:
        """Whether the stream or an ancestor is trashed."""
        return any(sid in self.nodes and self.nodes[sid].trashed for sid in self.path(stream_id))

    def root_of(self, stream_id: str) -> str:
        """The root above a stream."""
        return list(self.path(stream_id))[-1]


def build_tree(nodes: Iterable[Node]) -> Tree:
    """A tree of nodes; children are sorted by name."""
    by_id = {node.id: node for node in nodes}
    children: dict[str, list[str]] = {}
    for node in sorted(by_id.values(), key=lambda n: n.name):
        children.setdefault(node.parent_id, []).append(node.id)
    return Tree(by_id, children)


ACCOUNT_NODES = tuple(Node(f.stream_id, f.name, f.parent or ROOT, False) for f in VISIBLE)


_trees: Memory[Tree] = Memory("streams", 200_000, lambda tree: len(tree.nodes))


def load_tree(account_id: int) -> Tree:
    """The tree of an account with the streams of its fields, by one query where it isn't remembered."""
    return _trees.get(account_id, "", lambda: read_tree(account_id))


def read_tree(account_id: int) -> Tree:
    """The tree as the database has it now, for those who hold it to change it."""
    rows = Stream.objects.filter(account_id=account_id).values_list("id", "name", "parent_id", "trashed")
    return build_tree(chain((Node(*row) for row in rows), ACCOUNT_NODES))
