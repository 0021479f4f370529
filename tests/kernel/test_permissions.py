"""Permissions against a brute-force oracle (spec api-data §2.2, api-access §3.3, corrections §1.22)."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pryvsite.kernel.permissions import ACCOUNT_ROOT, NOTHING, OWNER, Can, Permissions

LEVELS = ("none", "read", "create-only", "contribute", "manage")
# The table of spec api-data §2.2, row by row.
TABLE = {
    Can.SEE: {"read", "create-only", "contribute", "manage"},
    Can.READ: {"read", "contribute", "manage"},
    Can.CREATE: {"create-only", "contribute", "manage"},
    Can.UPDATE: {"contribute", "manage"},
    Can.MANAGE: {"manage"},
}
WANTS = st.sampled_from(sorted(TABLE, key=lambda can: can.value))


@dataclass(frozen=True)
class Parents:
    """A tree as a table of parents."""

    parents: dict[str, str | None]

    def path(self, stream_id: str) -> Iterable[str]:
        current: str | None = stream_id
        while current is not None:
            yield current
            current = self.parents.get(current)

    def ids(self) -> Iterable[str]:
        return self.parents


@st.composite
def trees(draw: st.DrawFn) -> Parents:
    """Up to eight streams, each below an earlier one or at the root."""
    parents: dict[str, str | None] = {}
    for number in range(draw(st.integers(0, 8))):
        parents[f"s{number}"] = draw(st.sampled_from([None, *parents]))
    return Parents(parents)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Parents, dict[str, str]]:
    """A tree and grants on some of its streams, on `*` and on ids that don't exist."""
    tree = draw(trees())
    ids = st.sampled_from([*tree.ids(), "*", "gone", ACCOUNT_ROOT])
    return tree, draw(st.dictionaries(ids, st.sampled_from(LEVELS), max_size=6))


def permissions(grants: dict[str, str]) -> Permissions:
    return Permissions.from_wire([{"streamId": sid, "level": level} for sid, level in grants.items()])


def oracle(tree: Parents, grants: dict[str, str], stream_id: str) -> str | None:
    """The level by walking up, recursively."""
    if stream_id in grants:
        return grants[stream_id]
    parent = tree.parents.get(stream_id)
    if parent is not None:
        return oracle(tree, grants, parent)
    return None if stream_id.startswith(":") else grants.get("*")


@given(cases())
def test_levels_and_capabilities(case: tuple[Parents, dict[str, str]]) -> None:
    tree, grants = case
    allowed = permissions(grants)
    for stream_id in [*tree.ids(), "unknown", ACCOUNT_ROOT, ":system:email"]:
        expected = oracle(tree, grants, stream_id)
        level = allowed.level(stream_id, tree)
        assert (level.wire if level else None) == expected
        for can, levels in TABLE.items():
            assert (can in allowed.on(stream_id, tree)) == (expected in levels)


@given(cases(), WANTS, st.data())
def test_scope_selects_the_events_that_the_table_allows(
    case: tuple[Parents, dict[str, str]], want: Can, data: st.DataObject
) -> None:
    """An event counts when one of its streams allows it and none is explicitly without the right."""
    tree, grants = case
    if not tree.parents:
        return
    streams = st.sets(st.sampled_from(sorted(tree.ids())), min_size=1, max_size=3)
    event = data.draw(streams)
    scope = permissions(grants).scope(want, tree)
    selected = (scope.everything or bool(event & scope.ids)) and not event & scope.vetoed
    levels = [oracle(tree, grants, sid) for sid in event]
    allowed = any(level in TABLE[want] for level in levels)
    vetoed = any(level is not None and level not in TABLE[want] for level in levels)
    assert selected == (allowed and not vetoed)


@given(cases(), WANTS)
def test_empty_scopes(case: tuple[Parents, dict[str, str]], want: Can) -> None:
    tree, grants = case
    scope = permissions(grants).scope(want, tree)
    anywhere = any(oracle(tree, grants, sid) in TABLE[want] for sid in tree.ids())
    if scope.empty:
        assert not anywhere


@given(
    cases(), st.dictionaries(st.sampled_from(["s0", "s1", "s2", "*"]), st.sampled_from(LEVELS), max_size=3)
)
def test_delegation(case: tuple[Parents, dict[str, str]], wanted: dict[str, str]) -> None:
    """Rank none < read < create-only = contribute < manage; a create-only holder gives nothing; and on no
    stream of all, existing or not, does the receiver get more than the giver has."""
    tree, grants = case
    rank = {"none": -1, "read": 0, "create-only": 1, "contribute": 1, "manage": 2}

    def level_of(held: dict[str, str], stream_id: str) -> str | None:
        return held.get("*") if stream_id == "*" else oracle(tree, held, stream_id)

    def may_give(stream_id: str) -> bool:
        own, level = level_of(grants, stream_id), level_of(wanted, stream_id)
        return level is None or (own is not None and own != "create-only" and rank[level] <= rank[own])

    every_stream = {*tree.ids(), *grants, *wanted, "*", "any", ACCOUNT_ROOT}
    expected = bool(wanted) and all(may_give(sid) for sid in every_stream)
    assert permissions(grants).covers(permissions(wanted), tree) == expected


@given(cases())
def test_unrestricted_means_manage_everywhere(case: tuple[Parents, dict[str, str]]) -> None:
    tree, grants = case
    if permissions(grants).unrestricted:
        assert all(oracle(tree, grants, sid) == "manage" for sid in tree.ids())


@given(cases())
def test_star_never_reaches_reserved_streams(case: tuple[Parents, dict[str, str]]) -> None:
    _, grants = case
    tree = Parents({})
    everywhere = permissions({"*": grants.get("*", "manage")})
    assert everywhere.on(":_system:language", tree) == Can.NOTHING
    assert everywhere.on(":_audit:access-x", tree) == Can.NOTHING


@given(trees())
def test_owner_and_nobody(tree: Parents) -> None:
    for stream_id in tree.ids():
        assert Can.MANAGE in OWNER.on(stream_id, tree)
        assert NOTHING.on(stream_id, tree) == Can.NOTHING
    assert OWNER.scope(Can.READ, tree).everything
    assert NOTHING.scope(Can.READ, tree).empty


def test_of_duplicates_the_last_wins() -> None:
    entries = [{"streamId": "a", "level": "manage"}, {"streamId": "a", "level": "read"}]
    assert Permissions.from_wire(entries).on("a", Parents({"a": None})) == Can.SEE | Can.READ


def test_unknown_levels_are_a_bug() -> None:
    with pytest.raises(KeyError):
        permissions({"a": "write"})
