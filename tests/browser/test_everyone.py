"""Pages for everyone: narrow and zoomed windows, forced colours, contrast, paper, keys, roles (ui §0.8)."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import Keyboard
from tests.browser.test_tutorial import check_axe, run_axe

# Widths and heights in CSS pixels: a small phone, and a window of 1280 × 1024 zoomed in to 400 %.
SIZES = [pytest.param((320, 640), id="phone"), pytest.param((320, 256), id="zoomed-to-400")]
PAGES = [
    "/?scale=week", "/?streams=", "/add", "/add?kind=number&type=blood-pressure/mmhg-bpm",
    "/add?kind=position", "/add?kind=picture", "/add?kind=activity", "/settings", "/trash",
    "/export?scale=week", "/keys",
    "/streams/new", "/streams/diary/edit",
]  # fmt: skip
OVER = """() => [...document.querySelectorAll('.head, .time, .dlg-foot, .panel-head, .ctx, .tree')]
  .filter((e) => e.offsetParent && ['fixed', 'sticky'].includes(getComputedStyle(e).position))
  .reduce((sum, e) => sum + e.getBoundingClientRect().height, 0)"""


def fill(page: Page, base: str) -> None:
    """Entries of some kinds."""
    for kind, fields in (
        ("note", {"content": "A word for everyone"}),
        ("number&type=blood-pressure/mmhg-bpm", {"content-systolic": "122", "content-diastolic": "71"}),
        ("position", {"content-latitude": "46,5", "content-longitude": "6,6"}),
    ):
        page.goto(f"{base}/add?kind={kind}")
        for name, value in fields.items():
            page.locator(f"[name={name}]").fill(value)
        page.get_by_role("button", name="Add entry").click()
        page.get_by_text("1 entry added").wait_for()


def entries(page: Page, base: str) -> list[str]:
    """The addresses of the entries of all tiles."""
    page.goto(f"{base}/?scale=week&tiles=all")
    links = page.locator(".tile a[href*='/entries']").evaluate_all("all => all.map((one) => one.href)")
    found = []
    for link in dict.fromkeys(links):
        page.goto(link)
        found.append(page.url.split("?")[0])
    return found


def fits(page: Page) -> None:
    """Nothing is cut off at the side, and what stays in place leaves room for what scrolls."""
    page.wait_for_load_state("load")
    width, height = (page.viewport_size or {}).values()
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
    assert page.evaluate(OVER) < height / 2, page.url


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", SIZES)
def test_small_windows(signed_in: Any, size: tuple[int, int], script: bool) -> None:
    page, base = signed_in(width=size[0], height=size[1], script=script)
    fill(page, base)
    for path in PAGES:
        page.goto(base + path)
        fits(page)
    for address in entries(page, base):
        for path in (address, f"{address}/edit"):
            page.goto(path)
            fits(page)


@pytest.mark.parametrize("size", SIZES)
def test_dialogs_in_small_windows(signed_in: Any, size: tuple[int, int]) -> None:
    page, base = signed_in(width=size[0], height=size[1])
    page.goto(f"{base}/?scale=week")
    page.keyboard.press("n")
    dialog = page.locator("dialog[open]")
    dialog.locator("#id_content").fill("Typed in a small window")
    fits(page)
    button = dialog.get_by_role("button", name="Add entry")
    button.click()
    page.get_by_text("1 entry added to Diary.").wait_for()
    page.get_by_role("button", name="Streams").click()
    page.get_by_role("link", name="New stream").click()
    dialog.get_by_label("Name").fill("Garden")
    fits(page)
    dialog.get_by_role("button", name="Create stream").click()
    page.get_by_text("Created Garden.").wait_for()


LOOKS: list[dict[str, Any]] = [{"forced_colors": "active"}, {"contrast": "more"}]


@pytest.mark.parametrize("look", LOOKS, ids=["forced-colours", "high-contrast"])
def test_other_colours(signed_in: Any, look: dict[str, Any]) -> None:
    page, base = signed_in()
    fill(page, base)
    page.emulate_media(reduced_motion="reduce", **look)
    for path in ("/?scale=week", "/add", "/add?kind=position", "/settings", "/streams/diary/edit"):
        page.goto(base + path)
        run_axe(page)
    for address in entries(page, base):
        for path in (address, f"{address}/edit"):
            page.goto(path)
            run_axe(page)
    page.goto(f"{base}/?scale=week")
    box = page.locator("[data-row=diary] input")
    assert box.evaluate("(e) => getComputedStyle(e).appearance") == (
        "auto" if "forced_colors" in look else "none"
    )
    row = page.locator("[data-row=diary]")
    page.locator(".tree-menu summary").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
        if row.evaluate("(e) => e === document.activeElement"):
            break
    assert row.evaluate("(e) => getComputedStyle(e).outlineStyle") == "solid"


def test_high_contrast_by_setting(signed_in: Any) -> None:
    page, base = signed_in()
    page.goto(f"{base}/settings")
    page.get_by_label("Contrast").select_option("more")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.goto(f"{base}/?scale=week")
    colours = "(e) => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    assert page.locator("body").evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    check_axe(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_paper(signed_in: Any, theme: str) -> None:
    page, base = signed_in()
    fill(page, base)
    page.goto(f"{base}/settings")
    page.get_by_label("Theme", exact=True).select_option(theme)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    address = entries(page, base)[0]
    page.emulate_media(media="print")
    for path in (f"{base}/?scale=week&tiles=all", address):
        page.goto(path)
        for chrome in (".head", ".tree", ".time", ".batch-bar", ".skip"):
            for one in page.locator(chrome).all():
                expect(one).not_to_be_in_viewport()
        shade = "(e) => getComputedStyle(e).color.match(/\\d+/g).slice(0, 3).map(Number)"
        assert max(page.locator("body").evaluate(shade)) < 80  # dark ink, whatever the theme
        assert page.locator("body").evaluate("(e) => getComputedStyle(e).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
    assert len(page.pdf()) > 1000


def test_the_way_by_keys_alone(signed_in: Any) -> None:
    """Tree, focus, highlighted moment, entry, edit, undo: without a pointer (ui §6.6)."""
    page, base = signed_in()
    fill(page, base)
    keys = Keyboard(page)
    page.goto(f"{base}/streams/new")
    keys.fill("Name", "Garden")
    keys.press("Create stream")
    page.get_by_text("Created Garden.").wait_for()
    page.goto(f"{base}/?scale=week")
    keys.reach(page.locator("[role=treeitem][data-row=diary]"))
    page.keyboard.press("Enter")
    page.wait_for_url("**streams=diary**")
    keys.reach(page.get_by_role("slider").last)
    bubble = page.locator("#bubble")
    keys.reach(bubble)
    page.keyboard.press("Home")
    expect(bubble).to_have_attribute("aria-valuenow", "0")
    keys.act(page.locator(".tile", has_text="A word for everyone").locator("h3 a"))
    expect(page.locator("#dt")).to_be_focused()
    keys.act(page.locator("#panel").get_by_role("link", name="Edit", exact=True))
    expect(page.locator("#dt")).to_contain_text("Edit")
    keys.reach(page.locator("#panel #id_content"))
    page.keyboard.press("Control+A")
    page.keyboard.type("Changed by keys")
    keys.act(page.locator("#panel").get_by_role("button", name="Save"))
    page.get_by_text("Saved.").wait_for()
    keys.act(page.get_by_role("button", name="Undo").last)
    page.get_by_text("Undone.").wait_for()
    expect(page.locator("#panel .entry-head h3")).to_have_text("A word for everyone")
    keys.act(page.locator("#panel").get_by_role("link", name="Close"))
    expect(page.locator("#panel")).to_be_hidden()


def test_roles(signed_in: Any) -> None:
    page, base = signed_in()
    fill(page, base)
    page.goto(f"{base}/?scale=week")
    for role, name in (
        ("banner", None), ("main", None), ("navigation", "Streams"), ("tree", "Streams"), ("slider", None),
        ("heading", "Diary"),
    ):  # fmt: skip
        expect(page.get_by_role(role, name=name).first).to_be_visible()
    assert page.locator("h1").count() == 1
    row = page.get_by_role("treeitem", name="Diary, 3 entries")
    expect(row).to_have_attribute("aria-level", "1")
    expect(row).to_have_attribute("aria-checked", "true")
    expect(page.locator("#toasts")).to_have_attribute("aria-live", "polite")
    page.keyboard.press("n")
    expect(page.get_by_role("dialog", name="Add an entry")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".tile a[href*='/entries']").first.click()
    expect(page.get_by_role("complementary")).to_be_visible()


def test_script_that_is_switched_off_later(signed_in: Any) -> None:
    """A browser that once had script and has none now gets the tiles in the page all the same."""
    page, base = signed_in()
    fill(page, base)
    state = page.context.storage_state()
    other = page.context.browser.new_context(storage_state=state, java_script_enabled=False)  # type: ignore[union-attr]
    plain = other.new_page()
    plain.goto(f"{base}/?scale=week")
    expect(plain.get_by_text("A word for everyone")).to_be_visible()
    expect(plain.locator(".skel")).to_have_count(0)
    other.close()
