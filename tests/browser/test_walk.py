"""The acceptance walk of the pages (ui §8, steps 1–7 and 11–13): with script, without, and with the keyboard
alone at 320 px."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.hands import Keyboard, Pointer, link_in, newest_mail
from tests.browser.test_tutorial import call, check_axe, watch

WAYS = [
    pytest.param(1280, True, Pointer, id="script"),
    pytest.param(1280, False, Pointer, id="without-script"),
    pytest.param(320, True, Keyboard, id="keyboard-320px"),
]
PASSWORD = "correct-horse"


class Walk:
    """One visitor's way through the pages."""

    def __init__(
        self, context: BrowserContext, base: str, folder: Path, scripted: bool, hands: type[Pointer]
    ):
        self.context, self.base, self.folder, self.scripted = context, base, folder, scripted
        self.page = context.new_page()
        self.hands = hands(self.page)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.base}/{path}")

    def look(self, page: Page | None = None) -> None:
        """Nothing is out of reach: no sideways scrolling, no violation of accessibility."""
        page = page or self.page
        page.wait_for_load_state()
        wide = page.evaluate(
            "[...document.querySelectorAll('body *')]"
            ".filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.sr'))"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        assert not wide or page.evaluate("document.documentElement.scrollWidth <= innerWidth"), wide
        if self.scripted:
            check_axe(page)

    def register(self, name: str, email: str = "") -> None:
        self.go("register")
        self.look()
        self.hands.fill("Username", name)
        self.hands.fill("Password", PASSWORD)
        if email:
            self.page.get_by_label("E-mail").fill(email)
        self.hands.press("Create account")
        self.page.wait_for_url(f"**/u/{name}/")

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        self.hands.fill("Username or e-mail", login)
        self.hands.fill("Password", password)
        self.hands.press("Sign in")

    def sign_out(self) -> None:
        self.go("account/profile")
        self.hands.press("Sign out")
        self.page.get_by_text("You are signed out.").wait_for()

    def ask(self, template: str) -> Page:
        """Request access; the page where the owner answers."""
        self.go("access-token/")
        self.hands.press(template)
        self.page.locator("#check strong").first.wait_for()
        self.hands.press("Request Access")
        if not self.scripted:
            return self.page
        self.page.locator("[data-popup]").wait_for()
        with self.page.expect_popup() as opening:
            self.hands.act(self.page.locator("[data-popup]"))
        return opening.value

    def result(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()


@pytest.mark.parametrize(("width", "scripted", "hands"), WAYS)
def test_walk(
    live: str,
    live_folder: Path,
    browser: Browser,
    width: int,
    scripted: bool,
    hands: type[Pointer],
    request: pytest.FixtureRequest,
) -> None:
    way = request.node.callspec.id
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripted)
    strange = watch(context, live)
    walk = Walk(context, live, live_folder, scripted, hands)
    name, email = f"walk-{way}", f"{way}@example.org"

    walk.register(f"first-{way}")  # 1
    walk.sign_out()
    walk.register(name, email)  # 2
    assert f"/u/{name}/" in wait_for_mail(live_folder, email)
    walk.sign_out()  # 3
    asked = walk.ask("Manage one stream")  # 4, 5: signed out, the window asks to sign in
    there = walk.hands.on(asked)
    walk.look(asked)
    there.fill("Username or e-mail", email)
    there.fill("Password", PASSWORD)
    there.press("Sign in")
    asked.get_by_text("New stream, will be created").wait_for()
    walk.look(asked)
    there.press("Accept")
    walk.result(f"Access granted by {name}")  # 6
    walk.look()
    token = walk.page.locator("#endpoint").get_attribute("data-token")
    endpoint = f"{live.replace('://', f'://{token}@')}/{name}/"
    assert call(endpoint, "streams")["streams"][0]["name"] == "Heart"
    permissions = call(endpoint, "access-info")["permissions"]
    assert {"streamId": "heart", "level": "manage"} in permissions
    call(endpoint, "events", {"streamIds": ["heart"], "type": "density/kg-m3", "content": 850})  # 7
    walk.go(f"u/{name}/")
    walk.page.locator("#main").get_by_text("Heart").first.wait_for()
    repeat(walk, name)  # 11, 12
    reset(walk, browser, name, email)  # 13
    assert not strange
    context.close()


def repeat(walk: Walk, name: str) -> None:
    """The same request needs no answer, another one tells the difference, a refusal is told."""
    asked = walk.ask("Manage one stream")
    if walk.scripted:
        asked.get_by_text("You already allowed this").wait_for()
    walk.result(f"Access granted by {name}")
    asked = walk.ask("Read diary")
    asked.get_by_text("already holds an access").wait_for()
    walk.look(asked)
    walk.hands.on(asked).press("Keep the current one")
    walk.result("The request was refused.")
    walk.look()


def reset(walk: Walk, browser: Browser, name: str, email: str) -> None:
    """A lost password is set anew by mail; sessions elsewhere end."""
    elsewhere = browser.new_context()
    other = elsewhere.new_page()
    other.goto(f"{walk.base}/signin")
    hands = Pointer(other)
    hands.fill("Username or e-mail", name)
    hands.fill("Password", PASSWORD)
    hands.press("Sign in")
    other.wait_for_url(f"**/u/{name}/")
    walk.sign_out()
    walk.hands.follow("Forgot it?")
    walk.result("Reset your password")
    walk.look()
    walk.hands.fill("Username or e-mail", name)
    walk.hands.press("Send reset link")
    walk.result("a link is on its way")
    walk.page.goto(link_in(wait_for_mail(walk.folder, email, "Set a new password"), "/reset-password"))
    assert walk.page.url == f"{walk.base}/reset-password"
    walk.look()
    walk.hands.fill("New password", "another-horse")
    walk.hands.press("Change password")
    walk.result("Sign in with the new one")
    walk.sign_in(name, "another-horse")
    walk.page.wait_for_url(f"**/u/{name}/")
    other.goto(f"{walk.base}/account/profile")
    assert "/signin" in other.url
    elsewhere.close()


def wait_for_mail(folder: Path, recipient: str, subject: str = "") -> str:
    for _ in range(100):
        found = newest_mail(folder, recipient)
        if found and subject in found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"no mail to {recipient}")


def test_account_pages(live: str, live_folder: Path, browser: Browser) -> None:
    """Second step, sessions, apps with undo: in a browser, each state checked with axe."""
    import pyotp

    context = browser.new_context()
    walk = Walk(context, live, live_folder, True, Pointer)
    strange = watch(context, live)
    walk.register("area-tester", "area@example.org")
    for path in ("profile", "security", "apps", "data"):
        walk.go(f"account/{path}")
        walk.look()
    walk.hands.on(walk.ask("Read diary")).press("Accept")
    walk.result("Access granted")
    walk.hands.press("Send events.create")
    walk.result("Nothing was created")
    walk.look()
    walk.go("account/apps")
    walk.hands.press("Revoke app-web-access-test")
    walk.result("app-web-access-test revoked")
    walk.look()
    walk.hands.press("Undo")
    walk.result("has its access again")
    walk.hands.follow("app-web-access-test")
    walk.result("What it may do")
    walk.look()
    walk.hands.follow("Consent receipt")
    walk.result("Download as JSON")
    walk.look()
    walk.go("account/security")
    walk.hands.press("Set up with")
    walk.result("Step 2 of 3")
    walk.look()
    walk.hands.open("Cannot scan")
    code = pyotp.TOTP(walk.page.locator(".code").inner_text().replace(" ", ""))
    walk.hands.fill("Verification code", code.now())
    walk.hands.press("Turn on")
    walk.result("Shown once")
    walk.look()
    walk.sign_out()
    asked = walk.ask("Read diary")
    there = walk.hands.on(asked)
    there.fill("Username or e-mail", "area-tester")
    there.fill("Password", PASSWORD)
    there.press("Sign in")
    asked.get_by_role("heading", name="Verify it’s you").wait_for()
    walk.look(asked)
    there.fill("Verification code", code.at(time.time() + 30))
    there.press("Verify")
    walk.result("Access granted by area-tester")
    assert not strange
    context.close()


def test_closed_window_and_expiry_are_told(live: str, live_folder: Path, browser: Browser) -> None:
    context = browser.new_context()
    walk = Walk(context, live, live_folder, True, Pointer)
    walk.register("closing-tester")
    walk.ask("Manage one stream").close()
    walk.result("The window was closed")
    assert re.search(r"valid for \d+:\d\d more", walk.page.inner_text("[data-countdown]"))
    walk.hands.press("Cancel")
    walk.result("You can ask again at any time")
    context.close()


def test_secrets_stay_out_of_addresses_and_logs(live: str, live_folder: Path, browser: Browser) -> None:
    """No password, token or code in any address or referrer that the browser sent."""
    context = browser.new_context()
    seen: list[str] = []
    context.on("request", lambda sent: seen.append(f"{sent.url} {sent.headers.get('referer', '')}"))
    walk = Walk(context, live, live_folder, True, Pointer)
    walk.register("secret-tester", "secret@example.org")
    walk.hands.on(walk.ask("Manage one stream")).press("Accept")
    walk.result("Access granted")
    token = str(walk.page.locator("#endpoint").get_attribute("data-token"))
    walk.hands.press("Test it")
    walk.result("It works")
    walk.sign_out()
    walk.sign_in("secret-tester")
    walk.page.wait_for_url("**/u/secret-tester/")
    for secret in (token, PASSWORD):
        assert not [line for line in seen if secret in line]
    context.close()
