"""What a streams query means for one actor: sets of streams, expanded and within what is readable."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from events.query.language import Item
from pryvsite.kernel.actor import Actor
from pryvsite.kernel.errors import Forbidden, UnknownReference
from pryvsite.kernel.permissions import Can, Scope
from streams.tree import Tree


@dataclass(frozen=True, slots=True)
class StreamFilter:
    """An event matches that sits in one of `any` (None: anywhere), in each of `all`, in none of `none`."""

    any: frozenset[str] | None
    all: tuple[frozenset[str], ...] = ()
    none: frozenset[str] = frozenset()

    @property
    def plain(self) -> bool:
        """Whether `any` says everything."""
        return not self.all and not self.none

    def matches(self, streams: Collection[str]) -> bool:
        """Whether an event in these streams is meant."""
        return (
            (self.any is None or not self.any.isdisjoint(streams))
            and all(not part.isdisjoint(streams) for part in self.all)
            and self.none.isdisjoint(streams)
        )


def resolve(actor: Actor, items: Sequence[Item] | None, tree: Tree, *, trashed: bool) -> list[StreamFilter]:
    """The filters of a query; one without items means everything readable.

    `trashed` tells whether streams in the trash are searched. Raises Forbidden, then UnknownReference,
    for streams named in `any`.
    """
    if items is None:
        return [StreamFilter(_all_readable(actor, tree, trashed))]
    check_named(actor, [sid for item in items if not item.everything for sid in item.any], tree)
    return [_resolved(actor, item, tree, trashed) for item in items]


def readable(actor: Actor, tree: Tree) -> Scope:
    """Where the actor reads."""
    allowed = actor.permissions
    return tree.remember(allowed, Can.READ, lambda: allowed.scope(Can.READ, tree))


def check_named(actor: Actor, named: Iterable[str], tree: Tree) -> None:
    """Streams asked for are readable, then exist; a limited access isn't told the difference."""
    ids = [sid.removesuffix("!") for sid in named]
    if any(Can.READ not in actor.permissions.on(sid, tree) for sid in ids):
        raise Forbidden
    unknown = [sid for sid in ids if sid not in tree]
    if unknown and Can.READ not in actor.permissions.everywhere():
        raise Forbidden
    if unknown:
        raise UnknownReference("streams", unknown)


def _all_readable(actor: Actor, tree: Tree, trashed: bool) -> frozenset[str] | None:
    scope = readable(actor, tree)

    def find() -> frozenset[str] | None:
        ids = frozenset(tree.ids()) if scope.everything else scope.ids
        live = ids if trashed else frozenset(sid for sid in ids if not tree.in_trash(sid))
        return None if scope.everything and len(live) == len(ids) else live

    return tree.remember(actor.permissions, ("all readable", trashed), find)


def _resolved(actor: Actor, item: Item, tree: Tree, trashed: bool) -> StreamFilter:
    scope = readable(actor, tree)

    def expand(asked: str, stop: Callable[[str], bool] = lambda _: False) -> set[str]:
        """The stream and those below, or it alone where it ends with `!`; nothing in the trash."""
        stream_id = asked.removesuffix("!")
        if not trashed and tree.in_trash(stream_id):
            return set()
        if asked.endswith("!"):
            return {stream_id} if stream_id in tree else set()
        return set(tree.descendants(stream_id, skip_trashed=not trashed, stop=stop))

    subtrees = {sid for sid in item.none if not sid.endswith("!")}
    singles = {sid.removesuffix("!") for sid in item.none if sid.endswith("!")}
    named = {sid.removesuffix("!") for sid in item.any}
    found: frozenset[str] | None
    if item.everything:
        found = _all_readable(actor, tree, trashed)
        wanted: set[str] = set()
    else:
        wanted = set().union(*(expand(sid, subtrees.__contains__) for sid in item.any))
        wanted -= singles - named
        found = frozenset(wanted if scope.everything else wanted & scope.ids)
    unwanted = set().union(*(expand(sid) for sid in item.none)) - wanted
    required = (frozenset(expand(sid)) for sid in item.all)
    return StreamFilter(found, tuple(part for part in required if part), frozenset(unwanted))
