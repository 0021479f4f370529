"""Adding and keeping in a browser: dialog, panel, undo, live changes; with and without script, by keys."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_tutorial import check_axe

GIF = bytes.fromhex("47494638396101000100800000ff0000ffffff2c00000000010001000002024401003b")


def quick_note(page: Page, base: str, words: str) -> None:
    """A note by the page without dialog."""
    page.goto(f"{base}/add")
    page.locator("#id_content").fill(words)
    page.get_by_role("button", name="Add entry").click()
    page.get_by_text("1 entry added to Diary.").wait_for()


def test_dialog_by_keys(signed_in: Any) -> None:
    page, base = signed_in()
    check_axe(page)
    page.goto(f"{base}/")
    page.locator("h1").click()
    page.keyboard.press("n")
    dialog = page.locator("dialog[open]")
    expect(dialog.locator("#id_content")).to_be_focused()
    check_axe(page)
    page.keyboard.type("Typed without a mouse")
    page.once("dialog", lambda asked: asked.dismiss())
    page.keyboard.press("Escape")
    expect(dialog.locator("#id_content")).to_have_value("Typed without a mouse")
    dialog.get_by_role("button", name="Add entry").press("Enter")
    page.get_by_text("1 entry added to Diary.").wait_for()
    expect(page.locator("dialog")).to_have_count(0)
    page.locator(".mosaic").get_by_text("Typed without a mouse").first.wait_for()
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_text("Undone.").wait_for()
    expect(page.locator(".mosaic").get_by_text("Typed without a mouse")).to_have_count(0)
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keys").wait_for()
    check_axe(page)


def test_type_switch_keeps_the_rest(signed_in: Any) -> None:
    page, base = signed_in()
    page.goto(f"{base}/")
    page.locator(".head").get_by_role("link", name="Add an entry").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("#id_description").fill("before coffee")
    dialog.get_by_role("link", name="Number").click()
    dialog.locator("#id_type").wait_for()
    dialog.locator("#id_type").select_option("blood-pressure/mmhg-bpm")
    dialog.get_by_label("Systolic").fill("122")
    dialog.get_by_role("button", name="Add entry").click()
    dialog.get_by_text("Give a number.").first.wait_for()
    check_axe(page)
    expect(dialog.locator("#id_description")).to_have_value("before coffee")
    dialog.get_by_label("Diastolic").fill("79")
    dialog.get_by_role("button", name="Add entry").click()
    page.get_by_text("1 entry added to Diary.").wait_for()


def test_pictures_one_by_one(signed_in: Any) -> None:
    page, base = signed_in()
    page.goto(f"{base}/add?kind=picture")
    files: Any = [{"name": f"{n}.gif", "mimeType": "image/gif", "buffer": GIF} for n in range(2)]
    page.locator("#id_uploads").set_input_files(files)
    expect(page.locator(".ups li")).to_have_count(2)
    page.get_by_role("button", name="Remove 0.gif").click()
    expect(page.locator(".ups li")).to_have_count(1)
    check_axe(page)
    failing = iter((True, False))
    page.route("**/add?kind=picture", lambda route: route.abort() if next(failing) else route.continue_())
    page.get_by_role("button", name="Add entry").click()
    page.get_by_text("The server could not be reached.").wait_for()
    page.get_by_role("button", name="Try again").click()
    page.wait_for_url(f"{base}/")


def test_panel_edit_undo(signed_in: Any) -> None:
    page, base = signed_in()
    quick_note(page, base, "Walked far")
    quick_note(page, base, "Swam back")
    page.goto(f"{base}/")
    page.locator(".mosaic .note", has_text="Swam back").first.click()
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="Swam back")).to_be_visible()
    expect(panel.locator(".elist li")).to_have_count(2)
    check_axe(page)
    assert "open=" in page.url
    panel.get_by_role("link", name="Older entry").click()
    expect(panel.locator("h3.val")).to_have_text("Walked far")
    page.keyboard.press("ArrowLeft")
    expect(panel.locator("h3.val")).to_have_text("Swam back")
    panel.get_by_role("link", name="Edit").click()
    panel.get_by_role("textbox", name="Note").fill("Swam there and back")
    check_axe(page)
    panel.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    expect(panel.locator("h3.val")).to_have_text("Swam there and back")
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone.").wait_for()
    page.reload()
    expect(panel.locator("h3.val")).to_have_text("Swam back")
    panel.locator(".elist .check").first.check()
    panel.get_by_role("button", name="Move to trash").last.click()
    page.get_by_text("1 entry moved to the trash.").wait_for()
    page.goto(f"{base}/trash")
    check_axe(page)


def test_changed_meanwhile(signed_in: Any) -> None:
    first, base = signed_in()
    quick_note(first, base, "The afternoon run")
    first.goto(f"{base}/")
    first.locator(".mosaic .note", has_text="The afternoon run").first.click()
    first.locator("#panel").get_by_role("link", name="Edit").click()
    first.get_by_role("textbox", name="Note").fill("Mine")
    second, _ = signed_in()
    second.locator(".mosaic .note", has_text="The afternoon run").first.click()
    second.locator("#panel").get_by_role("link", name="Edit").click()
    second.get_by_role("textbox", name="Note").fill("Theirs")
    second.get_by_role("button", name="Save").click()
    second.get_by_text("Saved.").wait_for()
    expect(first.get_by_role("textbox", name="Note")).to_have_value("Mine")
    first.get_by_role("button", name="Save").click()
    first.get_by_text("Changed meanwhile.").wait_for()
    expect(first.locator("#panel del")).to_have_text("Theirs")
    check_axe(first)
    first.get_by_role("button", name="Save").click()
    first.get_by_text("Saved.").wait_for()


def test_live(signed_in: Any) -> None:
    watching, base = signed_in()
    watching.goto(f"{base}/")
    other, _ = signed_in(script=False)
    quick_note(other, base, "From elsewhere")
    watching.locator(".mosaic").get_by_text("From elsewhere").first.wait_for()


@pytest.mark.parametrize("width", [1280, 320])
def test_without_script(signed_in: Any, width: int) -> None:
    page, base = signed_in(script=False, width=width)
    quick_note(page, base, "Plain words")
    page.get_by_role("link", name="View").click()
    page.get_by_role("heading", name="Plain words", level=3).wait_for()
    page.get_by_role("link", name="Edit").click()
    page.get_by_role("textbox", name="Note").fill("Plainer words")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone.").wait_for()
    page.get_by_role("heading", name="Plain words", level=3).wait_for()
    page.get_by_role("button", name="Move to trash").first.click()
    page.get_by_text("Moved to the trash.").wait_for()
    page.goto(f"{base}/trash")
    page.locator(".elist .check").first.check()
    page.get_by_role("button", name="Restore").click()
    page.get_by_text("1 entry restored.").wait_for()
    for path in ("add", "add?kind=other", "settings", "keys", "export", "trash"):
        page.goto(f"{base}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
