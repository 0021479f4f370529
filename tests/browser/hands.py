"""How a visitor works a page: with a pointer, or with the keyboard alone."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

MOST_TABS = 120


class Pointer:
    """Clicks and types."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def on(self, page: Page) -> "Pointer":
        """The same hands on another page."""
        return type(self)(page)

    def fill(self, label: str, text: str) -> None:
        """Type into the field of a label."""
        self.field(label).fill(text)

    def field(self, label: str) -> Locator:
        """The field of a label."""
        return self.page.get_by_label(label, exact=True).first

    def press(self, name: str) -> None:
        """Press a button."""
        self.act(self.page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}\b")).first)

    def follow(self, name: str) -> None:
        """Follow a link."""
        self.act(self.page.get_by_role("link", name=name, exact=True).first)

    def open(self, text: str) -> None:
        """Open a piece of the page."""
        self.act(self.page.locator("summary", has_text=text).first)

    def act(self, target: Locator) -> None:
        """Use something."""
        target.click()


class Keyboard(Pointer):
    """Tab, Enter and typing, nothing else."""

    def reach(self, target: Locator) -> None:
        """Tab until the target has the focus; everything must be reachable so."""
        target.wait_for()
        for _ in range(MOST_TABS):
            if target.evaluate("(element) => element === document.activeElement && !element.disabled"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} can't be reached with the keyboard")

    def fill(self, label: str, text: str) -> None:
        """Reach the field, replace what it holds."""
        self.reach(self.field(label))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def act(self, target: Locator) -> None:
        """Reach and press."""
        target.wait_for()
        self.page.wait_for_function("(element) => !element.disabled", arg=target.element_handle())
        self.reach(target)
        self.page.keyboard.press("Enter")


def newest_mail(folder: Path, recipient: str) -> str:
    """The newest mail to somebody, decoded as far as tests need it."""
    mails = sorted((folder / "mail").glob("*.log"), key=lambda file: file.stat().st_mtime)
    found = [text for text in (file.read_text() for file in mails) if f"To: {recipient}" in text]
    return found[-1] if found else ""


def link_in(mail: str, page: str) -> str:
    """The link to a page in a mail."""
    found: Any = re.search(rf"http://127\.0\.0\.1:\d+{page}\S+", mail)
    assert found, mail
    return str(found.group())
