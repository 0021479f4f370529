"""An entry in a browser: its map, its files, several at once, and taking back."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.test_tutorial import check_axe


def add_place(page: Page, base: str, lat: str, lon: str) -> None:
    page.goto(f"{base}/add?kind=position")
    page.locator("#id_content-latitude").fill(lat)
    page.locator("#id_content-longitude").fill(lon)
    page.get_by_role("button", name="Add entry").click()
    page.get_by_text("1 entry added to Diary.").wait_for()


def open_first(page: Page, base: str) -> None:
    """The newest entry in the panel."""
    page.goto(f"{base}/?scale=week")
    page.locator(".tile a[href*='/entries']").first.click()
    expect(page.locator("#dt")).to_be_focused()


def test_a_position_on_maps(signed_in: Any) -> None:
    page, base = signed_in()
    add_place(page, base, "46,5", "6,6")  # decimals as many people write them
    add_place(page, base, "46.52", "6.63")
    open_first(page, base)
    panel = page.locator("#panel")
    expect(panel.get_by_role("img", name="Map of 2 positions: Diary")).to_be_visible()
    expect(panel.locator("h3").first).to_have_text("46.52000, 6.63000")
    check_axe(page)
    panel.get_by_role("button", name="Explore the map").press("Enter")
    expect(panel.locator(".leaflet-container")).to_be_focused()
    check_axe(page)
    page.keyboard.press("+")  # the map has keys of its own
    panel.get_by_role("link", name="Edit", exact=True).click()
    pin = panel.locator("form .pick-pin")
    pin.scroll_into_view_if_needed()
    before = panel.locator("#id_content-latitude").input_value()
    box = pin.bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    page.mouse.move(box["x"] + 9, box["y"] + 49, steps=6)
    page.mouse.up()
    expect(panel.locator("#id_content-latitude")).not_to_have_value(before)
    moved = float(panel.locator("#id_content-latitude").input_value())
    assert moved < float(before)
    panel.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    expect(panel.locator("h3").first).to_contain_text(f"{moved:.5f}")
    page.get_by_role("button", name="Undo").last.click()
    page.get_by_text("Undone.").wait_for()
    expect(panel.locator("h3").first).to_contain_text("46.52000")


def test_the_map_without_script(signed_in: Any) -> None:
    page, base = signed_in(script=False)
    add_place(page, base, "46,5", "6,6")
    page.get_by_role("link", name="View").click()
    expect(page.get_by_role("img", name="Map of 1 positions: Diary")).to_be_visible()
    expect(page.locator("[data-explore]")).to_be_hidden()


def until_it_listens(element: Locator) -> None:
    """Wait until the script knows a form that was just put in: no hand is as fast as a test's."""
    for _ in range(200):
        if element.evaluate("e => (e.form ?? e)['htmx-internal-data']?.listenerInfos?.length > 0"):
            return
        element.page.wait_for_timeout(50)
    raise AssertionError("The form doesn't listen.")


def upload(page: Page, names: list[str], content: bytes) -> None:
    chooser = page.locator("#panel input[name=uploads]")
    until_it_listens(chooser)
    chooser.set_input_files([{"name": name, "mimeType": "text/plain", "buffer": content} for name in names])


def undo(page: Page) -> None:
    button = page.get_by_role("button", name="Undo").last
    until_it_listens(button)
    button.click()
    page.get_by_text("Undone.").wait_for()


def test_files_come_and_go(signed_in: Any) -> None:
    page, base = signed_in()
    page.goto(f"{base}/add")
    page.locator("#id_content").fill("With papers")
    page.get_by_role("button", name="Add entry").click()
    open_first(page, base)
    panel = page.locator("#panel")
    panel.get_by_role("link", name="Edit", exact=True).click()
    upload(page, ["a.txt", "b.txt"], b"abc")
    page.get_by_text("2 files added.").wait_for()
    with page.expect_download() as download:
        panel.get_by_role("link", name="a.txt").click()
    assert download.value.path().read_bytes() == b"abc"
    undo(page)
    expect(panel.get_by_role("link", name="a.txt")).to_have_count(0)
    panel.get_by_role("link", name="Edit", exact=True).click()
    upload(page, ["c.txt"], b"c")
    page.get_by_text("File added.").wait_for()
    panel.get_by_role("link", name="Edit", exact=True).click()
    panel.get_by_role("button", name="Remove c.txt").click()
    expect(panel.get_by_role("heading", name="Remove c.txt?")).to_be_visible()
    check_axe(page)
    panel.get_by_role("button", name="Remove").click()
    page.get_by_text("c.txt was removed.").wait_for()


def test_copies_and_neighbours(signed_in: Any) -> None:
    page, base = signed_in()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for words in ("One", "Two", "Three"):
        page.goto(f"{base}/add")
        page.locator("#id_content").fill(words)
        page.get_by_role("button", name="Add entry").click()
        page.get_by_text("1 entry added").wait_for()
    open_first(page, base)
    panel = page.locator("#panel")
    title = panel.locator(".entry-head h3")
    expect(title).to_have_text("Three")
    panel.get_by_role("link", name="Older entry").click()
    expect(title).to_have_text("Two")
    page.keyboard.press("ArrowRight")
    expect(title).to_have_text("One")
    expect(panel.get_by_role("link", name="Older entry")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    expect(title).to_have_text("Two")
    panel.get_by_label("More actions").click()
    panel.get_by_role("button", name="Copy link").click()
    panel.get_by_role("button", name="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    panel.get_by_role("button", name="Copy JSON").click()
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('{')")
    assert '"content": "Two"' in page.evaluate("navigator.clipboard.readText()")
    panel.get_by_role("button", name="Add once more").click()
    page.get_by_text("Added once more").wait_for()
    page.goto(link)
    expect(page.locator(".entry-head h3")).to_have_text("Two")


def test_several_at_once(signed_in: Any) -> None:
    page, base = signed_in()
    for words in ("One", "Two", "Three"):
        page.goto(f"{base}/add")
        page.locator("#id_content").fill(words)
        page.get_by_role("button", name="Add entry").click()
        page.get_by_text("1 entry added").wait_for()
    open_first(page, base)
    panel = page.locator("#panel")
    boxes = panel.locator(".elist .check")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(panel.get_by_text("3 selected")).to_be_visible()
    check_axe(page)
    panel.get_by_role("button", name="None").click()
    expect(panel.get_by_text("0 selected")).to_be_attached()
    boxes.nth(1).click()
    with page.expect_download() as download:
        panel.get_by_role("button", name="Export as CSV").click()
    assert "Two" in download.value.path().read_text()
    panel.get_by_role("button", name="Move to trash").last.click()
    page.get_by_text("1 entry moved to the trash.").wait_for()
    page.get_by_role("button", name="Undo").last.click()
    page.get_by_text("Undone.").wait_for()


def test_swiping_goes_to_the_next(signed_in: Any) -> None:
    page, base = signed_in(width=390, has_touch=True)
    for words in ("One", "Two"):
        page.goto(f"{base}/add")
        page.locator("#id_content").fill(words)
        page.get_by_role("button", name="Add entry").click()
        page.get_by_text("1 entry added").wait_for()
    page.get_by_role("link", name="View").click()
    title = page.locator(".entry-head h3")
    expect(title).to_have_text("Two")
    box = title.bounding_box()
    touch = page.context.new_cdp_session(page)

    def swipe(start: float, end: float) -> None:
        for kind, x in (("touchStart", start), ("touchMove", (start + end) / 2), ("touchMove", end)):
            points = [{"x": x, "y": box["y"] + 5}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe(300, 100)
    expect(title).to_have_text("One")
    swipe(100, 300)
    expect(title).to_have_text("Two")
