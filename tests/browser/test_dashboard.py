"""The dashboard in a browser: mosaic, time bar, tree; with and without script, by keys, on small screens."""

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_tutorial import check_axe, watch

PASSWORD = "correct-horse"
NAME = "mosaic-looker"
HOUR = 3600


def call(live: str, path: str, body: Any, token: str = "") -> Any:
    headers = {"Content-Type": "application/json", **({"Authorization": token} if token else {})}
    request = urllib.request.Request(f"{live}/{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def account(live: str, request: pytest.FixtureRequest) -> str:
    """An account with something of every kind in this week, and old notes."""
    name = str(request.module.NAME)
    body = {"appId": "node-test", "username": name, "password": PASSWORD, "hosting": "default"}
    made = call(live, "users", body)
    token = made["apiEndpoint"].split("//")[1].split("@")[0]
    calls: list[Any] = [
        {"method": "streams.create", "params": {"id": sid, "name": name, "parentId": parent}}
        for sid, name, parent in (
            ("health", "Health", None), ("weight", "Weight", "health"), ("walks", "Walks", None),
        )
    ]  # fmt: skip
    now = time.time()
    for i in range(24):
        moment = now - i * HOUR
        calls += [
            event("weight", "mass/kg", 70 + i % 5, moment),
            event("diary", "note/txt", f"Note **{i}**", moment),
            event("walks", "position/wgs84", {"latitude": 46.5 + i / 50, "longitude": 6.6}, moment),
        ]
    calls += [
        event("health", "blood-pressure/mmhg-bpm", {"systolic": 120, "diastolic": 80}, now - HOUR),
        event("walks", "activity/plain", None, now - 2 * HOUR, duration=HOUR),
        event("diary", "url/http", "https://example.org/page", now - HOUR),
        event("diary", "note/txt", "long ago", now - 400 * 86400),
    ]
    results = call(live, f"{name}/", calls, token)["results"]
    assert all("error" not in result for result in results)
    return f"{live}/u/{name}"


def event(stream: str, event_type: str, content: Any, moment: float, **more: Any) -> dict[str, Any]:
    body = {"streamIds": [stream], "type": event_type, "content": content, "time": moment, **more}
    return {"method": "events.create", "params": body}


@pytest.fixture
def open_page(live: str, account: str, browser: Browser) -> Iterator[Any]:
    contexts: list[tuple[BrowserContext, list[str]]] = []

    def make(path: str = "/", *, script: bool = True, width: int = 1280, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            java_script_enabled=script,
            color_scheme="dark" if dark else "light",
        )
        contexts.append((context, watch(context, live)))
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda note: problems.append(note.text) if note.type == "error" else None)
        page.goto(f"{live}/signin")
        page.locator("[name=login]").fill(account.rpartition("/")[2])
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{account}/**")
        page.goto(account + path)
        page.problems = problems  # type: ignore[attr-defined]
        return page

    yield make
    for context, strange in contexts:
        context.close()
        assert not strange


def settled(page: Page) -> None:
    """All tiles are there."""
    page.set_viewport_size({"width": page.viewport_size["width"], "height": 3000})  # type: ignore[index]
    expect(page.locator(".tile .skel")).to_have_count(0, timeout=20_000)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (768, False), (390, True)])
def test_every_tile_loads_and_axe_is_content(open_page: Any, width: int, dark: bool) -> None:
    page = open_page(width=width, dark=dark)
    settled(page)
    for selector in (
        ".notes .prose strong",
        ".chart .ln",
        ".map .m-land",
        ".donut circle",
        ".linkcard, .files",
    ):
        expect(page.locator(selector).first).to_be_attached()
    check_axe(page)
    assert page.problems == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_is_wider_than_the_window(open_page: Any, width: int) -> None:
    page = open_page(width=width)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_script_everything_is_in_the_page(open_page: Any) -> None:
    page = open_page(script=False)
    expect(page.locator(".tile .skel")).to_have_count(0)
    expect(page.locator(".chart .ln").first).to_be_attached()
    page.locator("summary", has_text="Custom").click()
    page.locator("#range-words").fill("last 2 weeks")
    page.locator("form:has(#range-words) button").click()
    expect(page.locator("h1")).to_contain_text("–")
    page.locator(".tree input[value=diary]").uncheck()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".island h2", has_text="Diary")).to_have_count(0)
    expect(page.locator(".island h2", has_text="Health")).to_have_count(1)


def test_one_moment_drives_every_tile(open_page: Any) -> None:
    page = open_page("/?scale=week")
    settled(page)
    page.locator("#bubble").focus()
    before = page.locator("#bubble").inner_text()
    page.keyboard.press("Home")
    expect(page.locator("#bubble")).not_to_have_text(before)
    lines = page.locator(".xh").evaluate_all("all => [...new Set(all.map(line => line.getAttribute('x1')))]")
    assert lines == ["0%"]
    expect(page).to_have_url(
        page.url.split("&at=")[0] + "&at=" + page.locator("#time").get_attribute("data-at")
    )
    page.keyboard.press("ArrowRight")
    assert int(page.locator("#bubble").get_attribute("aria-valuenow") or 0) > 0
    assert page.problems == []


def test_keys_move_through_time(open_page: Any) -> None:
    page = open_page("/?scale=month")
    first = page.locator("h1").inner_text()
    page.locator("h1").click()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).not_to_have_text(first)
    page.keyboard.press("t")
    expect(page.locator("h1")).to_have_text(first)
    page.keyboard.press("1")
    expect(page.locator("[data-scale=day]")).to_have_attribute("aria-current", "true")
    page.keyboard.press("-")
    expect(page.locator("[data-scale=week]")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Home")
    expect(page.locator(".prose", has_text="long ago")).to_be_visible()
    page.go_back()
    expect(page.locator("[data-scale=week]")).to_have_attribute("aria-current", "true")


def test_a_range_is_dragged(open_page: Any) -> None:
    page = open_page("/?scale=week")
    box = page.locator("[data-hist]").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 20, steps=5)
    page.mouse.up()
    page.wait_for_url("**scale=custom**")
    expect(page.locator("summary[aria-current]")).to_have_text("Custom")


def test_tree_by_keys(open_page: Any) -> None:
    page = open_page("/?scale=week")
    row = "[role=treeitem][data-row={}]".format
    page.locator(row("diary")).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(row("health"))).to_be_focused()
    page.keyboard.press("w")
    page.keyboard.press("a")
    expect(page.locator(row("walks"))).to_be_focused()
    page.keyboard.press("Home")
    assert page.locator(".tree-list [tabindex='0']").count() == 1  # one stop for Tab
    expect(page.locator(row("diary"))).to_have_attribute("aria-checked", "true")
    page.keyboard.press(" ")
    expect(page.locator(row("diary"))).to_have_attribute("aria-checked", "false")
    expect(page.locator(".island h2", has_text="Diary")).to_have_count(0)
    expect(page.locator(row("diary"))).to_be_focused()
    page.keyboard.press(" ")
    expect(page.locator(".island h2", has_text="Diary")).to_have_count(1)
    expect(page.locator(row("diary"))).to_be_focused()
    page.keyboard.type("wa")
    page.keyboard.press("Enter")
    page.wait_for_url("**streams=walks**")
    expect(page.locator(".crumbs [aria-current]")).to_have_text("Walks")
    page.get_by_role("link", name="All streams").click()
    expect(page.locator(".crumbs")).to_have_count(0)


def test_a_stream_is_made_trashed_and_brought_back(open_page: Any) -> None:
    page = open_page("/?scale=week")
    page.get_by_role("link", name="New stream").click()
    dialog = page.locator("dialog[open]")
    expect(dialog.locator("#id_name")).to_be_focused()
    check_axe(page)
    page.keyboard.type("Garden")
    page.keyboard.press("Enter")
    row = page.locator("[data-row]", has_text="Garden")
    expect(row).to_be_visible()
    row.focus()
    page.keyboard.press("Delete")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").last.click()
    expect(row).to_be_visible()
    row.hover()
    row.locator(".gear").click()
    dialog.locator("button[name=action]").click()
    expect(row).to_have_count(0)


def test_the_tree_is_arranged(open_page: Any) -> None:
    page = open_page("/?scale=week")
    menu = page.get_by_label("Arrange the streams")
    menu.click()
    check_axe(page)
    page.get_by_role("button", name="Most entries first").click()
    expect(page.locator(".tree-menu [value=most]")).to_have_attribute("aria-pressed", "true")
    expect(menu).to_be_focused()
    menu.press("Enter")
    page.get_by_role("button", name="By name").press("Enter")
    expect(page.locator(".tree-menu button[value='']")).to_have_attribute("aria-pressed", "true")
    row = page.locator("[data-row=walks]")
    row.hover()
    row.get_by_role("button", name="Pin Walks").click()
    pinned = page.get_by_role("list", name="Pinned streams").get_by_role("link", name="Walks")
    expect(pinned).to_be_visible()
    check_axe(page)
    pinned.click()
    expect(page.locator(".crumbs [aria-current]")).to_have_text("Walks")
    row.hover()
    row.locator(".pin").click()
    expect(pinned).to_have_count(0)
    assert page.problems == []


def test_charts_are_set_and_maps_explored(open_page: Any) -> None:
    page = open_page("/?scale=week")
    settled(page)
    tile = page.locator(".tile:has(.chart)", has_text="Weight").first
    tile.hover()
    expect(page.locator(".tip")).to_be_visible()
    tile.locator(".tools").click()
    page.locator("dialog[open] select[name=style-0]").select_option("bar")
    page.locator("dialog[open] button[type=submit]").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.reload()
    settled(page)
    expect(page.locator(".tile:has(.chart)", has_text="Weight").first.locator("path.br")).to_be_attached()
    page.locator("[data-explore]").first.click()
    expect(page.locator(".leaflet-container canvas").first).to_be_attached()
    assert page.problems == []
