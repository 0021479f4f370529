"""Form fields made from the rules of types."""

import pytest
from django import forms

from events import types
from events.dashboard.charts import number_text
from events.keeping.forms import length_of, sentence
from events.keeping.rules import NumberField, answers_of, content_of, field_of, fits_fields, rules_of, words
from pryvsite.web.comfort import Comfort, using


@pytest.mark.parametrize("event_type", sorted(types.all_types()))
def test_every_type_has_a_form(event_type: str) -> None:
    rules = rules_of(event_type)
    for rule in rules or []:
        assert isinstance(field_of(rule), forms.Field)
        assert rule.label
    names = [rule.name for rule in rules or []]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("event_type", "names"),
    [
        ("note/txt", ["content"]),
        ("mass/kg", ["content"]),
        ("activity/plain", []),
        ("blood-pressure/mmhg-bpm", ["content-systolic", "content-diastolic", "content-rate"]),
        ("message/facebook", None),
    ],
)
def test_fields(event_type: str, names: list[str] | None) -> None:
    rules = rules_of(event_type)
    if names is not None:
        assert [rule.name for rule in rules or []] == names
    else:
        assert "content-from-name" in [rule.name for rule in rules or []]


def test_unknown_types_take_json() -> None:
    assert rules_of("custom/thing") is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [("71,25", 71.25), ("1 210", 1210), ("−3", -3), ("+.5", 0.5), ("1e3", 1000), ("7.0", 7), ("", None)],
)
def test_numbers_as_people_type_them(typed: str, number: float | None) -> None:
    found = NumberField(required=False).clean(typed)
    assert found == number
    assert type(found) is type(number)


def test_decimals_as_the_reader_writes_them() -> None:
    with using(Comfort(decimal="comma")):
        assert number_text(-1234.5) == "−1\u202f234,5"
        assert NumberField().prepare_value(72.5) == "72,5"
        assert NumberField().clean(NumberField().prepare_value(72.5)) == 72.5
        assert NumberField().prepare_value("7x.5") == "7x.5"  # what was typed stays
    assert number_text(-1234.5) == "−1\u202f234.5"
    assert NumberField().prepare_value(72.5) == 72.5


@pytest.mark.parametrize("typed", ["many", "1.2.3", "nan", "inf", "1e999", "0x10"])
def test_what_is_no_number(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        NumberField().clean(typed)


def test_content_and_back() -> None:
    rules = rules_of("blood-pressure/mmhg-bpm") or []
    content = {"systolic": 120, "diastolic": 80.5}
    assert content_of(rules, answers_of(rules, content)) == content
    assert fits_fields(rules, content)
    assert not fits_fields(rules, {**content, "arm": "left"})


def test_nested_content() -> None:
    rules = rules_of("message/facebook") or []
    content = {"id": "1", "from": {"name": "Ann", "id": "2"}}
    assert content_of(rules, answers_of(rules, content)) == content


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:30", 5400),
        ("45", 2700),
        ("45 min", 2700),
        ("1 h 20", 4800),
        ("2 d", 172800),
        ("2h", 7200),
        ("1,5 h", 5400),
        ("0.5 d", 43200),
        ("x", None),
        ("", None),
    ],
)  # fmt: skip
def test_lengths(text: str, seconds: float | None) -> None:
    assert length_of(text) == seconds


def test_words() -> None:
    assert words("horizontalAccuracy") == "Horizontal accuracy"
    assert words("message-id") == "Message id"
    assert "none of the choices" in sentence({"code": "ENUM_MISMATCH"})
