"""The time bar and what charts do with time: gestures, keys, following the present, motion."""

import re
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.test_dashboard import account, open_page, settled
from tests.browser.test_tutorial import check_axe

__all__ = ["account", "open_page"]

NAME = "time-looker"  # the account that these tests fill for themselves
WEEK = "/?scale=week"


def moment(page: Page) -> float:
    return float(page.locator("#time").get_attribute("data-at") or "nan")


def spot(page: Page, selector: str, share: float) -> tuple[float, float]:
    """A point of an element, at a share of its width."""
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["x"] + box["width"] * share, box["y"] + box["height"] / 2


class Fingers:
    """Touches as a screen reports them."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_the_selected_period_is_widened(open_page: Any) -> None:
    page = open_page(WEEK)
    settled(page)
    narrow = page.locator("[data-selected]").bounding_box()["width"]
    page.locator("[data-widen]").click()
    expect(page.locator("#bubble")).to_be_focused()
    expect(page.locator(".per").first).to_be_hidden()
    expect(page.locator(".scale-seg")).to_be_hidden()
    page.wait_for_function(
        "width => document.querySelector('[data-selected]').offsetWidth > width + 100", arg=narrow
    )
    check_axe(page)
    before = moment(page)
    page.keyboard.press("ArrowLeft")
    assert moment(page) < before
    page.mouse.click(*spot(page, "[data-hist]", 0.25))
    start, end = (
        float(page.locator("#time").get_attribute(f"data-{side}") or 0) for side in ("start", "end")
    )
    assert moment(page) == pytest.approx(start + (end - start) / 4, abs=(end - start) / 50)
    expect(page.locator("#time")).to_have_attribute("data-widened", "")
    page.keyboard.press("Escape")
    expect(page.locator("[data-widen]")).to_be_focused()
    expect(page.locator(".per").first).to_be_visible()
    page.keyboard.press("w")
    expect(page.locator("#bubble")).to_be_focused()
    assert page.problems == []


def test_now_is_followed_until_somebody_picks_a_moment(open_page: Any) -> None:
    page = open_page("/?scale=month&range=last+year")
    link = page.locator(".follow")
    page.locator("h1").click()
    page.keyboard.press("f")
    expect(link).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(r"scale=year.*at=now"))
    assert moment(page) == pytest.approx(page.evaluate("Date.now() / 1000"), abs=120)
    check_axe(page)
    before = moment(page)
    page.wait_for_function("at => Number(document.getElementById('time').dataset.at) > at", arg=before)
    page.reload()
    expect(link).to_have_attribute("aria-current", "true")
    page.locator("#bubble").focus()
    page.keyboard.press("ArrowLeft")
    expect(link).not_to_have_attribute("aria-current", "true")
    expect(page).to_have_url(re.compile(r"at=\d+"))
    link.click()
    expect(link).to_have_attribute("aria-current", "true")
    link.click()
    expect(link).not_to_have_attribute("aria-current", "true")
    assert page.problems == []


def test_the_present_is_shown_without_script(open_page: Any) -> None:
    page = open_page("/?range=last+year", script=False)
    page.locator(".follow").click()
    expect(page.locator(".follow")).to_have_attribute("aria-current", "true")
    expect(page.locator(".note.near").first).to_contain_text("Note 0")
    page.get_by_role("link", name="Shorter period").click()
    expect(page.locator("[data-scale=half]")).to_have_attribute("aria-current", "true")
    page.locator("summary", has_text="Custom").click()
    page.get_by_role("link", name="First entry").click()
    expect(page.locator(".prose", has_text="long ago")).to_be_visible()


def test_keys_go_from_entry_to_entry_and_zoom(open_page: Any) -> None:
    page = open_page(WEEK)
    page.locator("h1").click()
    begin = moment(page)
    page.keyboard.press("Alt+ArrowLeft")
    expect(page).to_have_url(re.compile(r"at=\d+"))
    page.wait_for_function("at => Number(document.getElementById('time').dataset.at) < at", arg=begin)
    first = moment(page)
    page.keyboard.press("Alt+ArrowLeft")
    page.wait_for_function("at => Number(document.getElementById('time').dataset.at) < at", arg=first)
    page.keyboard.press("Alt+ArrowRight")
    page.wait_for_function("at => Number(document.getElementById('time').dataset.at) === at", arg=first)
    page.keyboard.press("+")
    expect(page.locator("[data-scale=day]")).to_have_attribute("aria-current", "true")
    page.keyboard.press("+")
    expect(page).to_have_url(re.compile("scale=custom"))
    page.keyboard.press("6")
    expect(page.locator("h1")).to_have_text("All time")
    page.keyboard.press("3")
    expect(page.locator("[data-scale=month]")).to_have_attribute("aria-current", "true")
    page.locator("#bubble").focus()
    expect(page.locator("#bubble")).to_have_attribute("aria-valuetext", re.compile(r"\d+ entr|no entries"))
    page.keyboard.press("End")
    page.keyboard.press("Home")
    assert page.problems == []


def test_enter_opens_the_bucket_of_the_moment(open_page: Any) -> None:
    page = open_page(WEEK)
    settled(page)
    page.locator(".follow").click()
    expect(page.locator(".follow")).to_have_attribute("aria-current", "true")
    bubble = page.locator("#bubble")
    bubble.focus()
    expect(bubble).to_have_attribute("aria-valuetext", re.compile(r"\d+ entr"))
    page.keyboard.press("Enter")
    expect(page.locator("[data-scale=day]")).to_have_attribute("aria-current", "true")


def test_a_chart_is_zoomed_by_dragging(open_page: Any) -> None:
    page = open_page(WEEK)
    settled(page)
    plot = "#mosaic .tile:has(.chart) .plot"
    page.mouse.move(*spot(page, plot, 0.2))
    page.mouse.down()
    page.mouse.move(*spot(page, plot, 0.5), steps=4)
    expect(page.locator(".zoom")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".zoom")).to_have_count(0)
    page.mouse.up()
    assert "scale=week" in page.url
    start = float(page.locator("#time").get_attribute("data-start") or 0)
    page.mouse.move(*spot(page, plot, 0.25))
    page.mouse.down()
    page.mouse.move(*spot(page, plot, 0.75), steps=4)
    page.mouse.up()
    page.wait_for_url("**scale=custom**")
    expect(page.locator("#panel")).to_be_hidden()
    assert float(page.locator("#time").get_attribute("data-start") or 0) > start
    page.go_back()
    expect(page.locator("[data-scale=week]")).to_have_attribute("aria-current", "true")
    assert page.problems == []


def test_all_charts_mark_the_moment_under_the_pointer(open_page: Any) -> None:
    page = open_page(WEEK)
    settled(page)
    page.mouse.move(*spot(page, "#mosaic .tile:has(.chart) .plot", 0.5))
    expect(page.locator(".tip dd").first).to_be_visible()
    lines = page.locator("#mosaic .xh")
    assert lines.count() >= 2
    places = lines.evaluate_all("all => [...new Set(all.map(line => line.getAttribute('x1')))]")
    assert len(places) == 1


def test_a_bucket_tells_its_count(open_page: Any) -> None:
    page = open_page(WEEK)
    page.locator(".buckets a").last.hover()
    expect(page.locator(".hist .tip")).to_have_text(re.compile(r"\d+ entr"))
    page.locator("h1").hover()
    expect(page.locator(".hist .tip")).to_have_count(0)


def test_a_finger_that_stays_tells_the_count(open_page: Any) -> None:
    page = open_page(WEEK, width=390)
    where = page.url
    box = page.locator(".buckets rect").last.bounding_box()
    finger = Fingers(page)
    finger.send("touchStart", (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))
    expect(page.locator(".hist .tip")).to_have_text(re.compile(r"\d+ entr"))
    finger.send("touchEnd")
    expect(page.locator(".hist .tip")).to_be_visible()
    assert page.url == where
    assert page.problems == []


def test_two_fingers_change_the_length(open_page: Any) -> None:
    page = open_page(WEEK, width=390)
    x, y = spot(page, "[data-hist]", 0.5)
    finger = Fingers(page)
    finger.send("touchStart", (x - 20, y), (x + 20, y))
    finger.send("touchMove", (x - 60, y), (x + 60, y))
    finger.send("touchEnd")
    expect(page.locator("[data-scale=day]")).to_have_attribute("aria-current", "true")
    finger.send("touchStart", (x - 80, y), (x + 80, y))
    finger.send("touchMove", (x - 20, y), (x + 20, y))
    finger.send("touchEnd")
    expect(page.locator("[data-scale=week]")).to_have_attribute("aria-current", "true")
    finger.send("touchStart", (x - 60, y))
    finger.send("touchMove", (x + 60, y))
    finger.send("touchEnd")
    page.wait_for_function("start => Number(document.getElementById('time').dataset.start) < start",
                           arg=page.evaluate("Date.now() / 1000") - 7 * 86400)  # fmt: skip
    assert page.problems == []


def test_tiles_keep_what_they_show_until_the_new_is_there(open_page: Any) -> None:
    page = open_page(WEEK)
    settled(page)
    held: list[Any] = []
    holding = True
    page.route("**/tile?**", lambda route: held.append(route) if holding else route.continue_())
    page.locator("[data-scale=month]").click()
    expect(page.locator("[data-scale=month]")).to_have_attribute("aria-current", "true")
    expect(page.locator(".tile[aria-busy] .prose").first).to_be_visible()
    holding = False
    for route in held:
        route.continue_()
    expect(page.locator(".tile[aria-busy]")).to_have_count(0)
    expect(page.locator(".tile .prose").first).to_be_visible()


@pytest.mark.parametrize("calm", [True, False])
def test_nothing_moves_for_those_who_want_calm(open_page: Any, calm: bool) -> None:
    page = open_page(WEEK)
    page.emulate_media(reduced_motion="reduce" if calm else "no-preference")
    page.evaluate("""() => { window.moves = 0; const animate = Element.prototype.animate;
        Element.prototype.animate = function (...given) {
            window.moves += 1; return animate.apply(this, given);
        }; }""")
    settled(page)
    page.locator("[data-scale=month]").click()
    expect(page.locator("[data-scale=month]")).to_have_attribute("aria-current", "true")
    settled(page)
    page.locator("[data-widen]").click()
    expect(page.locator("#bubble")).to_be_focused()
    assert (page.evaluate("window.moves") == 0) == calm
    expect(page.locator(".gliding")).to_have_count(0)
    assert page.problems == []


def test_chart_settings_are_seen_before_they_are_kept(open_page: Any) -> None:
    page = open_page(WEEK)
    settled(page)
    tile = page.locator(".tile:has(.chart)", has_text="Weight").first
    shape = "path.br" if tile.locator("path.br").count() == 0 else "path.ln"
    tile.hover()
    tile.locator(".tools").click()
    preview = page.locator("dialog[open] .preview")
    expect(preview.locator(".chart")).to_be_visible()
    page.locator("dialog[open] select[name=style-0]").select_option("bar" if shape == "path.br" else "line")
    expect(preview.locator(shape)).to_be_attached()
    page.locator("dialog[open] .swatch", has_text="Rose").click()
    expect(preview.locator("circle.s9")).to_be_attached()
    check_axe(page)
    page.locator("dialog[open] button", has_text="Cancel").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(tile.locator(shape)).to_have_count(0)
    assert page.problems == []


def test_chart_settings_are_seen_without_script(open_page: Any) -> None:
    page = open_page(WEEK, script=False)
    page.locator(".tile:has(.chart)", has_text="Weight").first.hover()
    page.locator(".tile:has(.chart) .tools", has=page.locator("svg")).first.click()
    page.locator("select[name=style-0]").select_option("point")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("select[name=style-0]")).to_have_value("point")
    expect(page.locator(".preview path.pts")).to_be_attached()
