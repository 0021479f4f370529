"""`docs/edge-cases-access.md` names a test for every edge case of this part, or says why there is none."""

import re

from tests.test_edge_cases import NAMED, ROW, TESTS, functions

LISTED = (TESTS.parent / "docs" / "edge-cases-access.md").read_text()
LAST = 177
TOLD = re.compile(r"(?:^test|(?<=\d))_[a-i](\d{2,3})(?=_|$)")
# Tests of cases that the data API counts by other numbers, and scripts of the client that show many.
SHARED = ("api/test_conventions.py", "client/test_client.py")


def rows() -> list[tuple[int, str]]:
    return [(int(number), what) for number, what in ROW.findall(LISTED)]


def test_no_case_is_left_out() -> None:
    assert [number for number, _ in rows()] == list(range(1, LAST + 1))


def test_every_named_test_is_there_and_tells_the_case() -> None:
    known: dict[str, set[str]] = {}
    for number, what in rows():
        for path, name in NAMED.findall(what):
            assert name in known.setdefault(path, functions(TESTS / path)), f"{path}::{name} is gone"
            if path not in SHARED:
                assert number in {int(told) for told in TOLD.findall(name)}, f"{name} doesn't tell {number}"


def test_cases_without_test_have_a_reason() -> None:
    for number, what in rows():
        assert NAMED.search(what) or what.startswith("No: "), f"case {number}"
