"""The tutorial as a newcomer does it, with and without JavaScript, on a desk and on a phone."""

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

WAYS = [
    pytest.param({"width": 1280, "height": 800}, True, id="desk"),
    pytest.param({"width": 390, "height": 844}, True, id="phone"),
    pytest.param({"width": 1280, "height": 800}, False, id="without-script"),
]


RESULTS = Path(__file__).resolve().parents[2] / "test-results"


def keep(page: Page, way: str, step: str) -> None:
    """A picture of the page as an artefact of the tests."""
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"tutorial-{way}-{step}.png", full_page=True)


def check_axe(page: Page) -> None:
    """No serious violation, in light and in dark."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        run_axe(page)


def run_axe(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert not serious, [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in serious]


def watch(context: BrowserContext, base: str) -> list[str]:
    """Requests that leave the server's own host, and errors of scripts."""
    strange: list[str] = []
    ours = (base, "data:", "blob:", "about:")
    context.on("request", lambda r: None if r.url.startswith(ours) else strange.append(r.url))
    context.on("weberror", lambda error: strange.append(str(error.error)))
    return strange


def call(endpoint: str, path: str, body: Any = None) -> Any:
    """One call with an API endpoint."""
    scheme, rest = endpoint.split("://")
    token, place = rest.split("@")
    request = urllib.request.Request(f"{scheme}://{place}{path}", headers={"Authorization": token})
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read())


@pytest.mark.parametrize(("viewport", "scripted"), WAYS)
def test_tutorial(
    live: str, browser: Browser, viewport: dict[str, int], scripted: bool, request: pytest.FixtureRequest
) -> None:
    way = request.node.callspec.id
    name = f"mira-{way}"
    context = browser.new_context(viewport=viewport, java_script_enabled=scripted)
    strange = watch(context, live)
    page = context.new_page()
    register(page, live, name, scripted)
    keep(page, way, "1-registered")
    add_everything(page, live, name, scripted)
    keep(page, way, "2-added")
    endpoint = get_token(page, live, name, scripted)
    keep(page, way, "3-token")
    assert endpoint.endswith(f"/{name}/")
    created = call(endpoint, "events", {"streamIds": ["heart"], "type": "density/kg-m3", "content": 850})
    assert created["event"]["content"] == 850
    assert call(endpoint, "streams")["streams"][0]["name"] == "Heart"
    page.goto(f"{live}/u/{name}/")
    assert page.locator(".island").count() == 2
    keep(page, way, "4-dashboard")
    if scripted:
        check_axe(page)
    page.get_by_role("link", name="Previous period").click()
    page.get_by_text("Nothing recorded in this period").wait_for()
    page.get_by_role("link", name="Go there").click()
    page.locator(".island").first.wait_for()
    assert not strange
    context.close()


def register(page: Page, live: str, name: str, scripted: bool) -> None:
    page.goto(f"{live}/register")
    if scripted:
        check_axe(page)
    page.get_by_label("Username").fill(name)
    page.locator("#id_password").fill("correct-horse")
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("heading", name=f"Welcome, {name}").wait_for()
    assert page.locator("input[name=s]").count() == 1


def add_everything(page: Page, live: str, name: str, scripted: bool) -> None:
    page.get_by_role("link", name="Write a first note").click()
    page.locator("#id_content").fill("Walked to the lake")
    if scripted:
        check_axe(page)
    page.get_by_role("button", name="Add entry").click()
    page.get_by_text("Walked to the lake").wait_for()
    page.goto(f"{live}/u/{name}/add?kind=number")
    page.locator("#id_content").fill("71.2")
    page.get_by_role("button", name="Add entry").click()
    page.locator(".val", has_text="71.2").wait_for()
    page.goto(f"{live}/u/{name}/add?kind=position")
    page.locator("#id_content-latitude").fill("46.5")
    page.locator("#id_content-longitude").fill("6.6")
    page.get_by_role("button", name="Add entry").click()
    page.locator(".map").wait_for()
    page.goto(f"{live}/u/{name}/add?kind=picture")
    # A picture of one pixel.
    gif = bytes.fromhex("47494638396101000100800000ff0000ffffff2c00000000010001000002024401003b")
    page.locator("#id_uploads").set_input_files({"name": "dot.gif", "mimeType": "image/gif", "buffer": gif})
    page.get_by_role("button", name="Add entry").click()
    page.locator(".pics img").wait_for()


def get_token(page: Page, live: str, name: str, scripted: bool) -> str:
    page.goto(f"{live}/access-token/")
    page.get_by_role("button", name="Manage one stream").click()
    page.locator('input[name=stream_id][value="heart"]').wait_for()
    if scripted:
        check_axe(page)
        page.get_by_role("button", name="Request Access").click()
        with page.expect_popup() as opening:
            page.locator("[data-popup]").click()
        opening.value.get_by_role("button", name="Refuse").click()
        page.get_by_text("The request was refused.").wait_for()
        page.get_by_role("button", name="Ask again").click()
        with page.expect_popup() as opening:
            page.locator("[data-popup]").click()
        asked = opening.value
        check_axe(asked)
        asked.get_by_text("New stream, will be created").wait_for()
        asked.get_by_role("button", name="Accept").click()
    else:
        page.get_by_role("button", name="Request Access").click()
        page.get_by_role("button", name="Accept").click()
    page.get_by_text(f"Access granted by {name}").wait_for()
    token = page.locator("#endpoint").get_attribute("data-token")
    return f"{live.replace('://', f'://{token}@')}/{name}/"


def test_every_page_is_accessible(live: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    for path in ("", "signin", "register", "access-token/", "no-such-page", "u/nobody/nothing"):
        page.goto(f"{live}/{path}")
        check_axe(page)
    register(page, live, "axe-tester", False)
    add_everything(page, live, "axe-tester", False)
    for kind in ("note", "number", "position", "picture"):
        page.goto(f"{live}/u/axe-tester/add?kind={kind}")
        check_axe(page)
    page.goto(f"{live}/u/axe-tester/")
    check_axe(page)
    page.locator(".note-link").first.click()
    page.get_by_role("button", name="Move to trash").wait_for()
    check_axe(page)
    page.get_by_role("button", name="Move to trash").click()
    check_axe(page)
    page.goto(f"{live}/auth?key=unknown")
    check_axe(page)
    context.close()


def test_sign_out_and_in_by_email(live: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{live}/register")
    page.get_by_label("Username").fill("paul-k")
    page.locator("#id_password").fill("correct-horse")
    page.get_by_label("E-mail").fill("paul@example.org")
    page.get_by_role("button", name="Create account").click()
    page.locator("summary.who").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    page.goto(f"{live}/u/paul-k/")
    page.get_by_label("Username or e-mail").fill("Paul@Example.org")
    page.locator("#id_password").fill("wrong-horse")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Username or password not right.").wait_for()
    page.locator("#id_password").fill("correct-horse")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/u/paul-k/")
    context.close()
