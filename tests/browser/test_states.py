"""States of the pages around the dashboard that the walk doesn't come by: places of the data, an expired
password, choice among permissions, very long and hostile names, links back; each with axe, at four widths,
without script and with the keyboard."""

import json
import sqlite3
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.hands import Keyboard, Pointer
from tests.browser.test_tutorial import run_axe
from tests.live.servers import Server

PASSWORD = "correct-horse"
WIDTHS = (1280, 768, 390, 320)
HOSTINGS = {
    "regions": {
        "eu": {
            "name": "Europe",
            "zones": {
                "ch": {
                    "name": "Switzerland",
                    "hostings": {"one": {"name": "One", "description": "Near Geneva", "available": True}},
                },
                "fr": {"name": "France", "hostings": {"two": {"name": "Two", "available": False}}},
            },
        },
        "na": {
            "name": "North America",
            "zones": {"ca": {"name": "Canada", "hostings": {"three": {"name": "Three", "available": True}}}},
        },
    }
}
HOSTILE = f"<b>x</b> \u202eحرف 😀 {'W' * 120}"
MANAGE = {"streamId": "heart", "defaultName": "Heart", "level": "manage"}
READ = {"streamId": "diary", "defaultName": "Diary", "level": "read"}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A platform with several hostings, whose passwords expire."""
    folder = tmp_path_factory.mktemp("places")
    server = Server(folder, "", HOSTINGS=json.dumps(HOSTINGS), PASSWORD_MAX_AGE_DAYS="30",
                    TRUSTED_APPS="*@*", ACCOUNT_DELETION="adminToken,personalToken")  # fmt: skip
    server.start()
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    yield context.new_page()
    context.close()


def look(page: Page) -> None:
    """No sideways scrolling at any width; accessible in light and dark, on a desk and on a phone."""
    page.wait_for_load_state()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, width)
        if width in (1280, 390):
            for scheme in ("dark", "light"):
                page.emulate_media(color_scheme=scheme)
                run_axe(page)
    page.set_viewport_size({"width": 1280, "height": 800})


def register(page: Page, base: str, name: str) -> None:
    page.goto(f"{base}/register")
    hands = Pointer(page)
    hands.fill("Username", name)
    hands.fill("Password", PASSWORD)
    hands.press("Create account")
    page.wait_for_url(f"**/u/{name}/")


def ask(base: str, permissions: list[dict[str, Any]], app: str = "states-app", **fields: Any) -> str:
    """Start a request; the address of its consent page."""
    body = {"requestingAppId": app, "requestedPermissions": permissions, **fields}
    headers = {"Content-Type": "application/json", "Origin": "https://app.example.org"}
    request = urllib.request.Request(f"{base}/reg/access", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as response:
        return str(json.loads(response.read())["authUrl"])


def base_of(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


class TestPlaces:
    def test_what_a_choice_means_is_told(self, places: Server, page: Page) -> None:
        page.goto(f"{base_of(places)}/register")
        note = page.locator("#hosting-note")
        expect(note).to_contain_text("Your data stays in Switzerland")
        assert page.get_by_role("option", name="France — Two (not available now)").is_disabled()
        page.get_by_label("Where your data lives").select_option("three")
        expect(note).to_contain_text("Your data stays in Canada")
        page.get_by_text("What this means").click()
        look(page)

    def test_without_script(self, places: Server, browser: Browser) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{base_of(places)}/register")
        page.get_by_label("Where your data lives").select_option("three")
        page.get_by_label("Username").fill("place-plain")
        page.locator("#id_password").fill(PASSWORD)
        page.locator("#id_confirm").fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
        page.goto(f"{base_of(places)}/account/profile")
        expect(page.get_by_text("Your data stays in Canada, at Three.")).to_be_visible()
        context.close()


class TestExpiredPassword:
    @pytest.mark.parametrize("way", ["script", "plain", "keyboard"])
    def test_a_new_one_is_set(self, places: Server, browser: Browser, way: str) -> None:
        name = f"expired-{way}"
        places.register(name)
        expire(places.folder, name)
        width = 320 if way == "keyboard" else 1280
        context = browser.new_context(
            java_script_enabled=way != "plain", viewport={"width": width, "height": 800},
            reduced_motion="reduce",
        )  # fmt: skip
        page = context.new_page()
        hands = (Keyboard if way == "keyboard" else Pointer)(page)
        page.goto(f"{base_of(places)}/signin?next=/account/apps")
        hands.fill("Username or e-mail", name)
        hands.fill("Password", PASSWORD)
        hands.press("Sign in")
        expect(page.get_by_text("It expired on")).to_be_visible()
        hands.fill("New password", "short")
        if way == "plain":
            page.get_by_label("New password again").fill("short")
        hands.press("Change password and sign in")
        expect(page.get_by_text("6 characters needed, 5 so far.").first).to_be_visible()
        if way == "script":
            look(page)
        hands.fill("New password", "another-horse")
        if way == "plain":
            page.get_by_label("New password again").fill("another-horse")
        hands.press("Change password and sign in")
        page.wait_for_url("**/account/apps")
        context.close()


def expire(folder: Path, name: str) -> None:
    """Make a password older than it may be."""
    database = sqlite3.connect(folder / "db.sqlite3", timeout=30)
    with database:
        database.execute("UPDATE accounts_account SET password_changed = 1 WHERE username = ?", [name])
    database.close()


class TestChoice:
    ASKED = [{**MANAGE, "mandatory": True}, READ]

    @pytest.mark.parametrize("hands", [Pointer, Keyboard])
    def test_boxes(self, live: str, page: Page, hands: type[Pointer]) -> None:
        register(page, live, f"choice-{hands.__name__.lower()}")
        page.goto(ask(live, self.ASKED, allowUserChoice=True))
        boxes = page.get_by_role("checkbox", name="Allow this")
        expect(boxes).to_have_count(2)
        assert boxes.first.is_disabled()
        look(page)
        if hands is Keyboard:
            Keyboard(page).reach(boxes.last)
            page.keyboard.press("Space")
        else:
            boxes.last.uncheck()
        hands(page).press("Accept")
        expect(page.get_by_role("heading", name="All done")).to_be_visible()
        page.goto(f"{live}/account/apps")
        row = page.locator(".rows li", has_text="states-app")
        expect(row).to_contain_text("Heart")
        expect(row).not_to_contain_text("Diary")

    def test_nothing_ticked(self, live: str, page: Page) -> None:
        register(page, live, "choice-nothing")
        page.goto(ask(live, [READ], allowUserChoice=True))
        page.get_by_role("checkbox", name="Allow this").uncheck()
        Pointer(page).press("Accept")
        expect(page.get_by_role("alert")).to_contain_text("Leave one permission on, or refuse.")
        look(page)

    def test_without_script(self, live: str, browser: Browser) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{live}/register")
        page.get_by_label("Username").fill("choice-plain")
        page.locator("#id_password").fill(PASSWORD)
        page.locator("#id_confirm").fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
        page.goto(ask(live, self.ASKED, allowUserChoice=True))
        page.get_by_role("checkbox", name="Allow this").last.uncheck()
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_role("heading", name="All done")).to_be_visible()
        context.close()


def test_long_and_hostile_names(live: str, page: Page) -> None:
    """They stay text, and push nothing out of the page."""
    register(page, live, "hostile-names")
    message = {"type": "note/txt", "content": f"{HOSTILE} [x](javascript:alert(1))"}
    entry = {"streamId": "long", "defaultName": HOSTILE, "level": "manage"}
    told = {"app-web-auth:description": message}
    back = f"https://app.example.org/{'y' * 300}#"
    page.goto(ask(live, [entry], f"{HOSTILE}-app", deviceName=HOSTILE, clientData=told, returnURL=back))
    assert not page.locator("main b b, main a[href^=javascript]").count()
    look(page)
    page.route("https://app.example.org/**", lambda route: route.fulfill(body="back"))
    Pointer(page).press("Accept")
    page.wait_for_url("https://app.example.org/**")
    page.goto(f"{live}/account/apps")
    look(page)
    page.locator(".rows .t a").first.click()
    look(page)
    page.get_by_role("link", name="Consent receipt").click()
    look(page)


def test_a_known_app_goes_on_after_a_moment_without_script(live: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live}/register")
    page.get_by_label("Username").fill("again-plain")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_confirm").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.goto(ask(live, [READ], "again-app"))
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("heading", name="All done")).to_be_visible()
    page.goto(f"{ask(live, [READ], 'again-app')}&go=1")
    expect(page.get_by_text("You already allowed this")).to_be_visible()
    expect(page.get_by_role("heading", name="All done")).to_be_visible()  # by itself
    context.close()


@pytest.mark.parametrize("path", ["signin", "register", "access-token/", "account/profile"])
def test_links_back_fit(live: str, page: Page, path: str) -> None:
    if path.startswith("account"):
        register(page, live, "back-tester")
    page.goto(f"{live}/{path}?backUrl=https://a-rather-long-host.example.org/x&backLabel={'My+diary+' * 6}")
    expect(page.locator(".back")).to_contain_text("(a-rather-long-host.example.org)")
    look(page)


def test_leaving_and_staying(places: Server, page: Page) -> None:
    register(page, base_of(places), "leaver")
    page.goto(f"{base_of(places)}/account/data")
    hands = Pointer(page)
    hands.open("Delete the account")
    hands.fill("Type your username, leaver", "somebody")
    hands.press("Delete my account")
    expect(page.get_by_role("alert")).to_be_focused()
    field = page.get_by_label("Type your username, leaver")
    expect(field).to_have_value("somebody")
    expect(field).to_have_accessible_description("This is not the username of this account.")
    look(page)
    hands.fill("Type your username, leaver", "leaver")
    hands.press("Delete my account")
    expect(page.get_by_role("heading", name="Account scheduled for deletion")).to_be_visible()
    look(page)
    page.goto(f"{base_of(places)}/signin?next=/account/data")
    hands.fill("Username or e-mail", "leaver")
    hands.fill("Password", PASSWORD)
    hands.press("Sign in")
    expect(page.get_by_role("heading", name="This account will be deleted")).to_be_visible()
    look(page)
    hands.press("Keep the account")
    expect(page.get_by_role("heading", name="Delete this account")).to_be_visible()


def test_a_master_token_locks_the_permissions(live: str, page: Page) -> None:
    page.goto(f"{live}/access-token/")
    stream = page.get_by_label("Stream id 1")
    stream.fill("heart")
    page.get_by_label("Master token").check()
    expect(page.locator("[data-master-locks]")).to_have_attribute("inert", "")
    page.get_by_label("Master token").uncheck()
    expect(page.locator("[data-master-locks]")).not_to_have_attribute("inert", "")
    expect(stream).to_have_value("heart")
