"""What a browser keeps after a visit: no secret in storage, history, addresses or referrers."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.browser.hands import Pointer, link_in
from tests.browser.test_walk import PASSWORD, Walk, wait_for_mail

NEW = "another-horse"
KEPT = """async () => JSON.stringify([
    {...localStorage}, {...sessionStorage}, history.state, document.cookie, location.href,
    (await indexedDB.databases()).map(one => one.name), await caches.keys(),
])"""


class Witness:
    """All addresses that were asked for, with who sent the browser there."""

    def __init__(self, page: Page) -> None:
        self.requests: list[tuple[str, str]] = []
        page.context.on("request", self.note)

    def note(self, request: Request) -> None:
        """Keep an address and its referrer."""
        self.requests.append((request.url, request.headers.get("referer", "")))

    def addresses(self, secret: str) -> list[str]:
        """Where the secret stands in an address."""
        return [url for url, _ in self.requests if secret in url]

    def referrers(self, secret: str) -> list[str]:
        """Where it stands in a referrer."""
        return [sender for _, sender in self.requests if secret in sender]


@pytest.fixture
def walk(live: str, live_folder: Path, browser: Browser) -> Walk:
    return Walk(browser.new_context(), live, live_folder, True, Pointer)


def test_token_of_the_generator(walk: Walk) -> None:
    page, witness = walk.page, Witness(walk.page)
    walk.register("keeps-nothing")
    walk.hands.on(walk.ask("Manage one stream")).press("Accept")
    walk.result("Access granted")
    token = str(page.locator("#endpoint").get_attribute("data-token"))
    assert len(token) > 20
    walk.hands.press("Send events.create")
    walk.result("created")
    for secret in (token, PASSWORD):
        assert secret not in page.evaluate(KEPT)
    assert token not in page.locator(".console").inner_text()

    page.goto(f"{walk.base}/account/apps")  # boosted moves within the area write history
    page.get_by_role("link", name="Profile").first.click()
    page.wait_for_url("**/account/profile")
    for path in ("security", "data"):
        page.goto(f"{walk.base}/account/{path}")
        assert token not in page.content()
    for _ in range(4):
        page.go_back()
        page.wait_for_load_state()
        assert token not in page.evaluate(KEPT)
    page.wait_for_url("**/access-token/**")
    assert token not in page.content()  # shown once
    assert page.locator("#endpoint[data-token]").count() == 0
    for secret in (token, PASSWORD):
        assert witness.addresses(secret) == witness.referrers(secret) == []


def test_link_to_set_a_new_password(walk: Walk, live_folder: Path) -> None:
    page, witness = walk.page, Witness(walk.page)
    walk.register("lost-it", "lost-it@example.org")
    walk.sign_out()
    walk.go("reset-password")
    walk.hands.fill("Username or e-mail", "lost-it")
    walk.hands.press("Send reset link")
    walk.result("a link is on its way")
    link = link_in(wait_for_mail(live_folder, "lost-it@example.org", "Set a new password"), "/reset-password")
    secret = link.partition("resetToken=")[2]
    page.goto(link)
    assert page.url == f"{walk.base}/reset-password"
    assert secret not in page.evaluate(KEPT) + page.content()
    walk.hands.fill("New password", "short")
    walk.hands.press("Change password")
    walk.result("6 characters needed")
    assert (
        page.get_by_label("New password", exact=True).input_value() == ""
    )  # typed passwords aren't sent back
    walk.hands.fill("New password", NEW)
    walk.hands.press("Change password")
    walk.result("Sign in with the new one")
    walk.sign_in("lost-it", NEW)
    page.wait_for_url("**/u/lost-it/")
    for one in (secret, NEW, PASSWORD):
        assert one not in page.evaluate(KEPT)
    assert witness.addresses(secret) == [link]  # the one that was opened
    assert witness.referrers(secret) == []
    assert witness.addresses(NEW) == witness.referrers(NEW) == []
    page.go_back()
    page.wait_for_load_state()
    assert not re.search(f"{secret}|{NEW}", page.content())
