"""`docs/edge-cases.md` names a test for every edge case of the data API, or says why there is none."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent
LISTED = (TESTS.parent / "docs" / "edge-cases.md").read_text()
LAST = 210
ROW = re.compile(r"^\| (\d+) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
NUMBERS = re.compile(r"test_(?:edge_|a)(\d+(?:_(?:to_)?\d+)*)")


def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def numbers(name: str) -> set[int]:
    """The cases that a test's name tells: `test_edge_093_to_101_…`, `test_edge_013_014_…`."""
    found = NUMBERS.match(name)
    told: list[int] = []
    for part in found[1].replace("_to_", "_-").split("_") if found else ():
        last = int(part.removeprefix("-"))
        told += range(told[-1] + 1, last + 1) if part.startswith("-") else [last]
    return set(told)


def test_no_case_is_left_out() -> None:
    assert [int(number) for number, _ in ROW.findall(LISTED)] == list(range(1, LAST + 1))


def test_every_named_test_is_there_and_tells_the_case() -> None:
    known: dict[str, set[str]] = {}
    for number, what in ROW.findall(LISTED):
        for path, name in NAMED.findall(what):
            assert name in known.setdefault(path, functions(TESTS / path)), f"{path}::{name} is gone"
            assert int(number) in numbers(name), f"{name} doesn't tell case {number}"


def test_cases_without_test_have_a_reason() -> None:
    for number, what in ROW.findall(LISTED):
        assert NAMED.search(what) or len(what) > 10, f"case {number} has neither test nor reason"
