"""Charts, maps, colours and the treemap: what is drawn from generated values."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from events.dashboard import charts, colours, layout, texts, world
from events.dashboard.charts import Point, Series, nice_ticks, number_text

values = st.floats(-1e6, 1e6)


@given(st.floats(-1e12, 1e12), st.floats(0, 1e12))
@example(-9e11, 1e-4)
def test_ticks_enclose_the_values(low: float, spread: float) -> None:
    ticks = nice_ticks(low, low + spread)
    assert ticks[0] <= low + 1e-6 * max(1, abs(low))
    assert 2 <= len(ticks) <= 14


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1210, "1\u202f210"),
        (-2.70, "−2.7"),
        (0, "0"),
        (68.904, "68.9"),
        (0.001, "1.00e−3"),
        (1e300, "1.00e300"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number_text(value) == text


def points(found: list[float]) -> list[Point]:
    return [Point(i / len(found), value, value, value, 1 / len(found)) for i, value in enumerate(found)]


@given(st.lists(values, min_size=1, max_size=60), st.sampled_from(["bar", "line", "spline", "point"]))
def test_everything_drawn_lies_in_the_box(found: list[float], style: str) -> None:
    chart = charts.draw([Series("a", "u", points(found), style)], [], 0.5)
    line = chart.lines[0]
    for text in (line.path, line.dots):
        assert all(-1 <= float(number) <= 1001 for number in re.findall(r"[ML ](-?[0-9.]+)", text))
    assert line.at is not None
    assert 0 <= line.at[1] <= 100


@given(st.lists(values, min_size=3, max_size=40))
def test_a_smooth_line_stays_between_its_values(found: list[float]) -> None:
    corners = [(float(i), value) for i, value in enumerate(found)]
    numbers = [float(n) for n in re.findall(r"-?[0-9]+", charts.spline(corners))][1::2]
    assert min(found) - 1 <= min(numbers)
    assert max(numbers) <= max(found) + 1


@pytest.mark.parametrize("style", ["line", "bar"])
def test_the_largest_numbers_can_be_drawn(style: str) -> None:
    most = (-1.7e308, 1.7e308, 1.7e308)
    found = [Point(0.2 + i / 10, v, v, v, 0.1) for i, v in enumerate(most)]
    drawn = charts.draw([Series(name, "kg", found, style) for name in ("one", "two")], [], 0.5)
    tops = [top for top, _ in drawn.y_labels]
    assert len(set(tops)) == len(tops) > 1
    assert all(0 <= top <= 100 for top in tops)
    for line in drawn.lines:
        assert not re.search("nan|inf", line.path + line.bars)


def test_gaps_stay_gaps() -> None:
    corners = [(float(x), 1.0) for x in (0, 10, 20, 30, 90, 100)]
    assert [len(part) for part in charts.runs(corners)] == [4, 2]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=14))
def test_islands_fill_their_rows(weights: list[int]) -> None:
    weights.sort(reverse=True)
    boxes, across = layout.islands(weights), 0
    for box in boxes:
        across += box.width
        assert across <= layout.COLUMNS
        across %= layout.COLUMNS
    assert across == 0
    assert len(boxes) == len(weights)


@given(st.integers(1, 9), st.integers(3, 12), st.integers(4, 8))
def test_tiles_fill_their_island(count: int, width: int, height: int) -> None:
    boxes = layout.tiles(count, layout.Box(width, height))
    assert len(boxes) == count
    assert sum(box.width * box.height for box in boxes) == layout.CELLS**2
    assert all(a.width * a.height >= b.width * b.height for a, b in pairwise(boxes))


@given(st.text("0123456789abcdef", min_size=6, max_size=6))
def test_picked_colours_are_told_apart_from_the_surface(digits: str) -> None:
    for surface in (colours.LIGHT, colours.DARK):
        assert colours.contrast(colours.legible(digits, surface), surface) >= 3


def stream(sid: str, colour: str = "", *children: dict[str, object], created: float = 0) -> dict[str, object]:
    data = {"clientData": {colours.KEY: colour}} if colour else {}
    return {"id": sid, "name": sid, "created": created, "children": list(children), **data}


def test_colours_are_inherited_and_palette_colours_stay() -> None:
    trees = [
        stream("b", "", stream("b1", "", stream("b2", "#abc")), created=2),
        stream("a", created=1),
        stream("c", "#05886C"),
    ]
    found = colours.colours_of(trees)
    assert found == {"a": "s1", "b": "s6", "b1": "s6", "b2": "kaabbcc", "c": "s4"}
    more = colours.colours_of([*trees, stream("d", created=3)])
    assert {sid: more[sid] for sid in found} == found


def test_the_style_sheet_takes_colours_alone() -> None:
    sheet = colours.style_sheet("aabbcc,x}body{,123,000000")
    assert re.fullmatch(r"(\.k[0-9a-f]{6}\{--s:light-dark\(#[0-9a-f]{6},#[0-9a-f]{6}\)\}\n){2}", sheet)


@pytest.mark.parametrize(
    "given",
    [
        "<script>alert(1)</script>", "[a](javascript:alert(1))", "![x](https://elsewhere.example/a.png)",
        '<img src=x onerror="alert(1)">', "<style>*{}</style>", '<a href="data:text/html,x">a</a>',
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["note/txt", "note/html"])
def test_notes_hold_nothing_that_acts(given: str, kind: str) -> None:
    html = texts.note_html({"type": kind, "content": given})
    assert not re.search(r"<(script|img|style)|<[^>]*(onerror|javascript|data:)", html)


def test_notes_are_markdown() -> None:
    html = texts.note_html({"type": "note/txt", "content": "# A\n\n- **b**\n- [c](https://c.example)"})
    assert "<strong>b</strong>" in html
    assert 'rel="noopener noreferrer nofollow"' in html


@settings(max_examples=30, deadline=None)
@given(st.floats(-84, 84), st.floats(-180, 179), st.floats(0.0001, 0.9))
def test_land_is_cut_to_the_view(latitude: float, longitude: float, span: float) -> None:
    x, y = world.project(latitude, longitude)
    view = world.View(x - span / 2, y - span / 3, 600 / span, 600, 400)
    path = world.land(view)
    assert path.count("M") == path.count("z")
    assert len(path) <= world.LONGEST


def test_places_on_land_and_at_sea() -> None:
    x, y = world.project(46.52, 6.63)
    assert world.land(world.View(x - 1e-5, y - 1e-5, 3e7, 600, 600))
    x, y = world.project(40.0, -40.0)
    assert world.land(world.View(x - 1e-5, y - 1e-5, 3e7, 600, 600)) == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("# Head\n\nbody", "Head\nbody"),
        ("first **version** of *a* [link](https://example.org/)", "first version of a link"),
        ("1 < 2 & <b>3</b>", "1 < 2 & <b>3</b>"),
        ({"content": "kept"}, "kept"),
        (None, ""),
    ],
)
def test_words_of_notes(content: object, words: str) -> None:
    assert texts.note_words({"type": "note/txt", "content": content}) == words
