"""Charts of objects, units and scales (ui §4.5, §4.6), from events to the drawing."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from events import types
from pryvsite.kernel.clock import now
from tests.cast import Api
from tests.events.test_comfort_pages import save

BPM = "blood-pressure/bpm-mmhg"  # not of the catalogue: that one has mmhg-bpm


def text(answer: Any) -> str:
    """The page as it is sent."""
    return unescape(answer.content.decode())


def drawn(page: Client, query: str = "scale=week") -> list[dict[str, str]]:
    """The series of all charts of the page: name, unit, points."""
    content = text(page.get(f"/u/alice/?{query}"))
    found = re.findall(r'data-name="([^"]*)" data-unit="([^"]*)".*?data-points="([^"]*)"', content)
    return [{"name": name, "unit": unit, "points": points} for name, unit, points in found]


def record(alice: Api, event_type: str, contents: list[Any], stream: str = "diary") -> None:
    for age, content in enumerate(contents):
        alice.event(stream, type=event_type, content=content, time=now() - 60 * age)


def test_objects_of_unknown_types_are_series(alice: Api, page: Client) -> None:
    record(alice, BPM, [{"systolic": 120 + i, "diastolic": 80 + i, "rate": 60 + i} for i in range(3)])
    lines = drawn(page)
    assert [(one["name"], one["unit"]) for one in lines] == [
        ("Systolic", "mmHg"),
        ("Diastolic", "mmHg"),
        ("Rate", "bpm"),
    ]
    assert all(one["points"] for one in lines)


def test_inner_objects_have_their_path(alice: Api, page: Client) -> None:
    record(alice, "lab/panel", [{"iron": {"serum": 18 + i, "ferritin": 90}, "crp": 1.5} for i in range(2)])
    assert {one["name"] for one in drawn(page)} == {"Iron serum", "Iron ferritin", "Crp"}


@pytest.mark.parametrize(
    "content",
    [
        {"name": "x", "place": "y", "number": 3},
        {"list": [1, 2, 3]},
        {"huge": 10**400, "word": "a"},
        {},
    ],
)
def test_other_objects_stay_names_and_values(alice: Api, page: Client, content: Any) -> None:
    record(alice, "custom/thing", [content, content])
    answer = page.get("/u/alice/?scale=week")
    assert answer.status_code == 200
    assert drawn(page) == []
    assert "Other entries" in text(answer)


def test_a_number_beyond_all_bounds_breaks_nothing(alice: Api, page: Client) -> None:
    record(alice, "custom/thing", [10**400, {"a": 10**400, "b": 1, "c": 2}])
    assert page.get("/u/alice/?scale=week").status_code == 200


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=9),
        max_leaves=40,
    )
)
def test_numbers_of_any_content(content: Any) -> None:
    found = types.numbers_of("custom/thing", content)
    assert len(found) <= types.MAX_FIELDS
    assert all(isinstance(value, float) for _, value in found)
    assert types.is_numeric("custom/thing", content) == bool(found)
    assert types.numbers_of("contact/other", content) == [pair for pair in found if pair[0] == ""]


def test_two_units_have_a_scale_each(alice: Api, page: Client) -> None:
    record(alice, "blood-pressure/mmhg-bpm", [{"systolic": 120, "diastolic": 80, "rate": 61}] * 2)
    content = text(page.get("/u/alice/?scale=week"))
    assert '<svg class="y"' in content
    assert '<svg class="y2"' in content
    assert re.search(r"Rate\s*<b data-value>61 bpm</b>", content)
    assert "120 / 80" in content


def test_three_units_are_told_in_the_legend(alice: Api, page: Client) -> None:
    for event_type in ("length/km", "length/m", "length/cm"):
        record(alice, event_type, [1, 2])
    content = text(page.get("/u/alice/?scale=week"))
    assert '<svg class="y"' not in content
    assert content.count("<b data-value>") == 3


def series_of(alice: Api, element: str, points: list[list[float]]) -> None:
    event = alice.event("diary", type=f"series:{element}", content=None, time=now() - 100)
    body = {"format": "flatJSON", "fields": ["deltaTime", "value"], "points": points}
    assert alice.post(f"events/{event['id']}/series", body).status == 200


def test_units_of_the_reader_in_every_chart(alice: Api, page: Client) -> None:
    record(alice, "mass/kg", [10, 20])
    series_of(alice, "temperature/c", [[0, 20], [50, 30]])
    metric = {one["unit"]: one["points"] for one in drawn(page)}
    save(page, units="imperial")
    imperial = {one["unit"]: one["points"] for one in drawn(page)}
    assert set(metric) == {"kg", "°C"}
    assert set(imperial) == {"lb", "°F"}
    # Both values may fall into one bucket.
    assert set(re.findall(r",([0-9.]+)", metric["°C"])) <= {"20", "25", "30"}
    assert set(re.findall(r",([0-9.]+)", imperial["°F"])) <= {"68", "77", "86"}


class TestSettings:
    """The form of a chart's settings."""

    PATH = "/u/alice/chart?island=diary&kind=numbers%3Amass&scale=week"
    GIVEN = {"color-0": "#d54556", "style-0": "bar", "transform-0": "sum", "interval-0": "daily"}

    def test_preview_shows_what_was_chosen_and_keeps_nothing(self, alice: Api, page: Client) -> None:
        record(alice, "mass/kg", [10, 20, 30])
        before = alice.trees()
        assert 'class="ln"' in text(page.get(self.PATH))
        seen = page.post(self.PATH, {**self.GIVEN, "action": "preview"})
        assert seen.status_code == 200
        content = text(seen)
        assert 'class="br"' in content
        assert 'class="pt s1"' in content
        assert re.search(r'value="bar"\s+selected', content)
        assert alice.trees() == before

    def test_a_preview_alone_for_a_page_with_script(self, alice: Api, page: Client) -> None:
        record(alice, "mass/kg", [10, 20, 30])
        seen = page.post(self.PATH, {**self.GIVEN, "action": "preview"}, headers={"HX-Request": "true"})
        assert "<form" not in text(seen)
        assert 'class="br"' in text(seen)

    def test_applied(self, alice: Api, page: Client) -> None:
        record(alice, "mass/kg", [10, 20, 30])
        assert page.post(self.PATH, self.GIVEN).status_code == 303
        assert 'class="br"' in text(page.get("/u/alice/?scale=week"))
        kept = alice.trees()[0]["clientData"]["pryv-browser:charts"]["mass/kg"]["settings"]
        assert kept == {"color": "#d54556", "style": "bar", "transform": "sum", "interval": "daily"}

    def test_colours_of_other_clients_are_drawn_and_can_be_kept(self, alice: Api, page: Client) -> None:
        record(alice, "mass/kg", [10, 20, 30])
        charts = {"mass/kg": {"settings": {"color": "#1abc9c"}}}
        alice.put("streams/diary", {"clientData": {"pryv-browser:charts": charts}})
        content = text(page.get("/u/alice/?scale=week"))
        assert 'class="pt k1abc9c"' in content
        assert "1abc9c" in re.findall(r"colours\.css\?c=([^\"]*)", content)[0]
        assert re.search(r'value="#1abc9c"\s+checked', text(page.get(self.PATH)))

    def test_nonsense_is_left_out(self, alice: Api, page: Client) -> None:
        record(alice, "mass/kg", [10, 20, 30])
        given = {"color-0": "red;}", "style-0": "x", "transform-0": "y", "interval-0": "z"}
        assert page.post(self.PATH, {**given, "action": "preview"}).status_code == 200
        assert page.get("/u/alice/chart?island=diary&kind=numbers%3Anone&scale=week").status_code == 404
