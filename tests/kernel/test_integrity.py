"""Integrity hashes (spec api-data §3.10; edge cases 208–210)."""

import json
import math
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pryvsite.kernel.integrity import event_integrity
from pryvsite.kernel.stable_json import stable_json

V1: dict[str, Any] = {
    "id": "ckabcdefghijklmnopqrstuv1", "streamIds": ["weight"], "time": 1700000000.123, "type": "mass/kg",
    "content": 70.5, "created": 1700000001, "createdBy": "acc1", "modified": 1700000001, "modifiedBy": "acc1",
}  # fmt: skip
V2: dict[str, Any] = {
    "id": "ckabcdefghijklmnopqrstuv2", "streamIds": ["diary"], "time": 1700000000, "duration": None,
    "type": "note/txt", "content": "é \"q\" \n\u2028x",
    "attachments": [
        {"id": "att1", "fileName": "p.jpg", "type": "image/jpeg", "size": 12, "integrity": "sha256-AAAA"}
    ],
    "clientData": {"b": None, "a": {"z": 1, "y": [None, 2]}}, "created": 1700000001,
    "createdBy": "acc1 caller", "modified": 1700000002.5, "modifiedBy": "acc1",
}  # fmt: skip
V3: dict[str, Any] = {"id": "ckabcdefghijklmnopqrstuv2", "deleted": 1700000010.25}


@pytest.mark.parametrize(
    ("event", "digest"),
    [
        (V1, "4m7XR+oXZvEh2ZwRbhnkqCTiVsM0Mq9AddzFRiGQzxs="),
        (V2, "Kc26hSJ8WfisgzjjGa6NJVEUxgUob1hCPBpb9+IInj0="),
        (V3, "QgVZ33DxN+NbsnYK3VoAqgzELtFiAXLmw4M6gUfzk/4="),
    ],
)
def test_edge_208_vectors(event: dict[str, Any], digest: str) -> None:
    assert event_integrity(event) == f"EVENT:0:sha256-{digest}"


@pytest.mark.parametrize(
    "empty", [{"duration": None}, {"duration": 0}, {"trashed": False}, {"deleted": None}]
)
def test_edge_209_empty_fields_leave_no_trace(empty: dict[str, Any]) -> None:
    assert event_integrity({**V1, **empty}) == event_integrity(V1)


def test_edge_210_read_tokens_leave_no_trace() -> None:
    (file,) = V2["attachments"]
    assert event_integrity({**V2, "attachments": [{**file, "readToken": "a-b"}]}) == event_integrity(V2)
    assert event_integrity({**V2, "attachments": [{**file, "size": 13}]}) != event_integrity(V2)


@pytest.mark.parametrize(
    ("number", "text"),
    [(70.0, "70"), (0.1, "0.1"), (1e21, "1e+21"), (1e-7, "1e-7"), (-0.0, "0"), (123456789.0, "123456789"),
     (1e20, "100000000000000000000"), (1e-6, "0.000001"), (-1.5e-9, "-1.5e-9"), (5e-324, "5e-324"),
     (1.7976931348623157e308, "1.7976931348623157e+308")],
)  # fmt: skip
def test_numbers_as_javascript_prints_them(number: float, text: str) -> None:
    assert stable_json(number) == text


def test_texts_and_keys() -> None:
    assert stable_json('\b\t\n\f\r"\\/\x7f\u2028é') == r'"\b\t\n\f\r\"\\/\u007f\u2028é"'
    # U+1F600 begins with the unit D83D and so comes before U+FF5E.
    assert stable_json({"\uff5e": 1, "\U0001f600": 2, "a": None}) == '{"\U0001f600":2,"\uff5e":1}'


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


@given(values)
def test_it_is_json_of_the_same_value(value: Any) -> None:
    assert json.loads(stable_json(value), parse_int=float) == without_nulls(value)


@given(st.dictionaries(st.text(), scalars))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert stable_json(dict(reversed(value.items()))) == stable_json(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_the_same(number: float) -> None:
    assert math.isclose(float(stable_json(number)), number, rel_tol=0)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_node_prints_the_same() -> None:
    printed = [10.0**power * factor for power in range(-30, 31) for factor in (1, 1.1, 123.456, 1 / 3)]
    script = "console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8'))))"
    done = subprocess.run(
        ["node", "-e", script], input=json.dumps(printed), capture_output=True, text=True, check=True
    )
    assert stable_json(printed) == done.stdout.strip()
