"""Integrity hashes: the specification's vectors, and what holds of all values (api-data §3.10; 208–210)."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pryvsite.kernel.integrity import access_integrity, event_integrity
from pryvsite.kernel.stable_json import js_number, stable_json

V1 = {
    "id": "ckabcdefghijklmnopqrstuv1", "streamIds": ["weight"], "time": 1700000000.123, "type": "mass/kg",
    "content": 70.5, "created": 1700000001, "createdBy": "acc1", "modified": 1700000001, "modifiedBy": "acc1",
}  # fmt: skip
V2 = {
    "id": "ckabcdefghijklmnopqrstuv2", "streamIds": ["diary"], "time": 1700000000, "duration": None,
    "type": "note/txt", "content": 'é "q" \n\u2028x',
    "attachments": [
        {"id": "att1", "fileName": "p.jpg", "type": "image/jpeg", "size": 12, "integrity": "sha256-AAAA"}
    ],
    "clientData": {"b": None, "a": {"z": 1, "y": [None, 2]}}, "created": 1700000001,
    "createdBy": "acc1 caller", "modified": 1700000002.5, "modifiedBy": "acc1",
}  # fmt: skip
V3 = {"id": "ckabcdefghijklmnopqrstuv2", "deleted": 1700000010.25}


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


def test_the_text_that_is_hashed() -> None:
    assert stable_json(V1) == (
        '{"content":70.5,"created":1700000001,"createdBy":"acc1","id":"ckabcdefghijklmnopqrstuv1",'
        '"modified":1700000001,"modifiedBy":"acc1","streamIds":["weight"],"time":1700000000.123,"type":"mass/kg"}'
    )


@pytest.mark.parametrize(
    "same",
    [{"duration": None}, {"duration": 0}, {"trashed": False}, {"trashed": None}, {"integrity": "x"},
     {"headId": "x"}, {"tags": []}, {"deleted": None}, {"content": 70.5}, {"created": 1700000001.0}],
)  # fmt: skip
def test_edge_209_what_makes_no_difference(same: dict[str, Any]) -> None:
    assert event_integrity({**V1, **same}) == event_integrity(V1)


@pytest.mark.parametrize(
    "other",
    [{"duration": 1}, {"trashed": True}, {"content": 70.6}, {"streamIds": ["weight", "a"]}, {"id": "x"},
     {"modifiedBy": "acc2"}, {"clientData": {}}, {"content": "70.5"}],
)  # fmt: skip
def test_what_makes_a_difference(other: dict[str, Any]) -> None:
    assert event_integrity({**V1, **other}) != event_integrity(V1)


def test_order_of_streams_counts_that_of_keys_does_not() -> None:
    two = {**V1, "streamIds": ["a", "b"]}
    assert event_integrity(two) != event_integrity({**V1, "streamIds": ["b", "a"]})
    assert event_integrity(dict(reversed(two.items()))) == event_integrity(two)


def test_edge_210_read_tokens_are_left_out() -> None:
    (file,) = V2["attachments"]  # type: ignore[misc]
    assert event_integrity({**V2, "attachments": [{**file, "readToken": "a-b"}]}) == event_integrity(V2)
    assert event_integrity({**V2, "attachments": [{**file, "size": 13}]}) != event_integrity(V2)


def test_accesses_are_hashed_without_what_use_changes() -> None:
    access = {"id": "a", "name": "n", "permissions": []}
    used = {**access, "integrity": "x", "lastUsed": 5, "calls": {"a": 1}, "apiEndpoint": "https://x"}
    assert access_integrity(access).startswith("ACCESS:0:sha256-")
    assert access_integrity(used) == access_integrity(access)
    assert access_integrity({**access, "name": "m"}) != access_integrity(access)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (70.0, "70"), (0.1, "0.1"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1e-7, "1e-7"),
        (1e-6, "0.000001"), (-0.0, "0"), (0, "0"), (123456789012345680000.0, "123456789012345680000"),
        (1.5e300, "1.5e+300"), (5e-324, "5e-324"), (-1.25e-9, "-1.25e-9"), (2**53 + 1, "9007199254740992"),
        (1.7976931348623157e308, "1.7976931348623157e+308"), (10**400, "null"), (-5, "-5"),
    ],
)  # fmt: skip
def test_numbers_are_spelled_as_in_javascript(number: float, text: str) -> None:
    assert js_number(number) == text


finite = st.floats(allow_nan=False, allow_infinity=False)
SPELLING = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?|-?[1-9](\.\d*[1-9])?e[+-][1-9]\d*")


@given(finite)
@example(9.007199254740993e15)
@example(999999999999999900000.0)
def test_numbers_read_back_the_same_in_the_shortest_spelling(number: float) -> None:
    text = js_number(number)
    assert float(text) == number
    assert SPELLING.fullmatch(text)
    small = number != 0 and not 1e-6 <= abs(number) < 1e21
    assert ("e" in text) is small, "JavaScript's bounds"
    digits = Decimal(text).normalize().as_tuple().digits
    assert len(digits) <= len(Decimal(repr(number)).normalize().as_tuple().digits), "no digit too many"


@given(st.integers())
def test_whole_numbers(number: int) -> None:
    assert js_number(number) == (js_number(float(number)) if abs(number) < 2**1000 else "null")


texts = st.text()
values = st.recursive(
    st.none() | st.booleans() | finite | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@given(values)
def test_it_is_json_of_the_same_value_without_null_properties(value: Any) -> None:
    assert json.loads(stable_json(value), parse_int=float) == without_nulls(value)


@given(values)
def test_one_spelling_per_value(value: Any) -> None:
    text = stable_json(value)
    assert stable_json(json.loads(text)) == text
    assert stable_json(without_nulls(value)) == text


@given(st.dictionaries(texts, st.integers(0, 9)))
@example({"\U0001f600": 1, "\uffee": 2})
def test_keys_are_sorted_by_utf16_units(value: dict[str, int]) -> None:
    keys = [key for key, _ in json.loads(stable_json(value), object_pairs_hook=list)]
    assert keys == sorted(value, key=lambda key: key.encode("utf-16-be"))


@given(st.dictionaries(texts, st.integers(0, 9)))
def test_the_order_in_which_keys_were_given_is_nothing(value: dict[str, int]) -> None:
    assert stable_json(dict(reversed(value.items()))) == stable_json(value)


RANGES = (
    (0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x600, 0x604), (0x70F, 0x70F), (0x17B4, 0x17B5),
    (0x200C, 0x200F), (0x2028, 0x202F), (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF0, 0xFFFF),
)  # fmt: skip
SHORT = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def test_every_character_is_spelled_as_specified() -> None:
    for code in range(0x11000):
        if 0xD800 <= code <= 0xDFFF:
            continue
        escaped = any(first <= code <= last for first, last in RANGES)
        wanted = SHORT.get(code) or (f"\\u{code:04x}" if escaped else chr(code))
        assert stable_json(chr(code)) == f'"{wanted}"', hex(code)


@given(values)
def test_no_white_space_outside_of_texts(value: Any) -> None:
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", stable_json(value))
    assert not re.search(r"\s", outside)
