"""The table of rows (docs/dashboard.md) has every row, and the tests that it names are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TABLE = (ROOT / "docs" / "dashboard.md").read_text(encoding="utf-8")
CELLS = [line.split("|")[1] for line in TABLE.splitlines() if line.startswith("|")]


@pytest.mark.parametrize(("letter", "last"), [("F", 146), ("G", 72), ("D", 33)])
def test_every_row_is_there(letter: str, last: int) -> None:
    found: set[int] = set()
    for first, end in re.findall(rf"\b{letter}(\d+)(?:–{letter}(\d+))?", "\n".join(CELLS)):
        found |= set(range(int(first), int(end or first) + 1))
    assert found == set(range(1, last + 1))


def test_named_tests_exist() -> None:
    code = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    named = re.findall(r"`((?:tests/\w+/)?test_\w+\.py)(?:::(\w+))?`", TABLE)
    assert len(named) > 50
    for file, test in named:
        texts = [text for path, text in code.items() if path.as_posix().endswith(f"/{file}")]
        assert texts, file
        assert not test or any(f"{test}(" in text or f"class {test}" in text for text in texts), test
