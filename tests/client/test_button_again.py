"""The official login button again: known to the owner, with other permissions, closed, with a second step."""

import re
import time

import pyotp
from playwright.sync_api import Browser, Page

from tests.client.test_client import app, signed_up

__all__ = ["app"]


def visit(page: Page, live: str, app: str, name: str, level: str = "manage") -> Page:
    """The app as if it were new to this browser; the window that its button opens."""
    page.context.clear_cookies(name=re.compile("pryv-libjs"))
    page.goto(f"{app}/?service={live}/reg/service/info&app={name}&level={level}")
    page.locator("#log[data-state=INITIALIZED]").wait_for(state="attached")
    with page.expect_popup() as opening:
        page.locator("#pryv-access-btn-text").click()
    return opening.value


def test_again_and_with_other_permissions(live: str, app: str, browser: Browser) -> None:
    page = signed_up(live, browser, "again-user")
    visit(page, live, app, "again-test-app").get_by_role("button", name="Accept").click()
    page.get_by_text("app again-test-app again-user").wait_for()
    asked = visit(page, live, app, "again-test-app")
    asked.get_by_text("You already allowed this").wait_for()
    page.get_by_text("app again-test-app again-user").wait_for()
    asked = visit(page, live, app, "again-test-app", "read")
    asked.get_by_text("already holds an access").wait_for()
    asked.get_by_role("cell", name="Only see entries").wait_for()
    asked.get_by_role("button", name="Accept").click()
    page.get_by_text("app again-test-app again-user").wait_for()
    page.context.close()


def test_closed_window_can_be_opened_again(live: str, app: str, browser: Browser) -> None:
    page = signed_up(live, browser, "closing-user")
    visit(page, live, app, "closing-test-app").close()
    with page.expect_popup() as opening:
        page.locator("#pryv-access-btn-text").click()
    opening.value.get_by_role("button", name="Accept").click()
    page.get_by_text("app closing-test-app closing-user").wait_for()
    page.context.close()


def test_expired_request_is_told(live: str, app: str, browser: Browser) -> None:
    page = signed_up(live, browser, "late-user")
    asked = visit(page, live, app, "late-test-app")
    asked.goto(re.sub(r"key=\w+", "key=gone0gone0gone00", asked.url))
    asked.get_by_text("This request is no longer valid").wait_for()
    page.context.close()


def test_with_a_second_step(live: str, app: str, browser: Browser) -> None:
    page = signed_up(live, browser, "careful-user")
    page.goto(f"{live}/account/security")
    page.get_by_role("button", name="Set up with").click()
    page.get_by_text("Cannot scan").click()
    code = pyotp.TOTP(page.locator(".code").inner_text().replace(" ", ""))
    page.get_by_label("Verification code").fill(code.now())
    page.get_by_role("button", name="Turn on").click()
    page.get_by_text("Shown once").wait_for()
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    asked = visit(page, live, app, "careful-test-app")
    asked.get_by_label("Username or e-mail").fill("careful-user")
    asked.locator("#id_password").fill("correct-horse")
    asked.get_by_role("button", name="Sign in").click()
    asked.get_by_label("Verification code").fill(code.at(time.time() + 30))
    asked.get_by_role("button", name="Verify").click()
    asked.get_by_role("button", name="Accept").click()
    page.get_by_text("app careful-test-app careful-user").wait_for()
    page.context.close()
