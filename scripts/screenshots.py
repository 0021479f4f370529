"""Pictures of every view and state, from the account of `make demo`, into `screenshots/`.

The server is started as `make demo` does, on a free port and with data of its own, kept for the next time.
Some pictures are also put into `docs/img` for the README.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright  # noqa: E402

from pryvsite.demo import PASSWORD, USERNAME  # noqa: E402

OUT, DOCS = ROOT / "screenshots", ROOT / "docs" / "img"
WIDTHS = {1280: 800, 768: 1024, 390: 844}
SCHEMES = ("light", "dark")
README = {"year": "dashboard", "entry": "entry", "add-number": "add"}  # view: name in docs/img
BASE = f"/u/{USERNAME}"
PRESSURE = "of=pressure&types=blood-pressure/mmhg-bpm"
READY = """() => [...document.images].every((i) => i.complete || i.loading === 'lazy')
  && ![...document.querySelectorAll('.skel')].some(
    (e) => e.offsetParent && e.getBoundingClientRect().top < innerHeight)"""
WALKS = "of=routes&types=position/wgs84&scale=year"
broken: list[str] = []  # answers that were errors of the server
MEALS = "of=photos&types=picture/attached&scale=year"


@contextmanager
def served() -> Iterator[str]:
    """The address of a demo server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    left_out = ("DATABASE_URL", "PUBLIC_URL", "HOST")
    env = {key: value for key, value in os.environ.items() if key not in left_out}
    env |= {"PORT": str(port), "VAR_DIR": env.get("VAR_DIR", str(ROOT / "var" / "demo"))}
    process = subprocess.Popen([sys.executable, "-m", "pryvsite.demo"], cwd=ROOT, env=env)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{base}/health").close()  # noqa: S310 (our own)
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        yield base
    finally:
        process.terminate()
        process.wait(10)


def sign_in(page: Page) -> None:
    """As the owner of the demo account."""
    page.goto("/signin")
    page.locator("[name=login]").fill(USERNAME)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"**{BASE}/**")


def at(path: str) -> Callable[[Page], Any]:
    """A view that an address shows."""
    return lambda page: page.goto(f"{BASE}/{path}")


def in_dialog(path: str) -> Callable[[Page], None]:
    """A view of the dialog over the dashboard."""

    def show(page: Page) -> None:
        page.goto(f"{BASE}/?scale=week")
        page.evaluate(f"htmx.ajax('GET', '{BASE}/{path}', {{target: '#dialog', swap: 'innerHTML'}})")
        page.locator("dialog[open]").wait_for()

    return show


def panel(query: str, then: str = "") -> Callable[[Page], None]:
    """The entry of a tile, in the panel where there is room for it."""

    def show(page: Page) -> None:
        page.goto(f"{BASE}/entries?{query}")
        entry = page.url.split("/event/")[1]
        if (page.viewport_size or {"width": 0})["width"] >= 768:
            page.goto(f"{BASE}/?scale=week")
            page.evaluate(
                f"htmx.ajax('GET', '{BASE}/event/{entry}', {{target: '#panel', swap: 'outerHTML'}})"
            )
            page.locator("#panel h2").wait_for()
        if then:
            page.get_by_role("link", name=then, exact=True).first.click()
            page.locator("[data-dirty]").wait_for()

    return show


def mistaken(page: Page) -> None:
    """A form with an error."""
    page.goto(f"{BASE}/add?kind=number&type=blood-pressure/mmhg-bpm")
    page.get_by_label("Systolic").fill("122")
    page.get_by_label("Diastolic").fill("many")
    page.get_by_role("button", name="Add entry").click()
    page.get_by_text("Give a number").first.wait_for()


def ticked(page: Page) -> None:
    """Two entries ticked in the trash."""
    page.goto(f"{BASE}/trash")
    for box in page.locator(".elist .check").all()[:2]:
        box.check()


VIEWS: dict[str, Callable[[Page], Any]] = {
    "day": at("?scale=day"),
    "week": at("?scale=week"),
    "month": at("?scale=month"),
    "year": at("?scale=year"),
    "focus": at("?scale=month&streams=health"),
    "nothing-selected": at("?streams="),
    "nothing-recorded": at("?scale=day&from=1000000000"),
    "bad-range": at("?scale=custom&from=2&to=1"),
    "entry": panel(PRESSURE),
    "entry-picture": panel(MEALS),
    "entry-edit": panel(PRESSURE, "Edit"),
    "entry-place": panel(WALKS),
    "entry-place-edit": panel(WALKS, "Edit"),
    "entry-gone": at("entries?of=pressure&types=mass/kg"),
    "add-note": in_dialog("add"),
    "add-number": in_dialog("add?kind=number&type=blood-pressure/mmhg-bpm&stream=pressure"),
    "add-pictures": in_dialog("add?kind=picture"),
    "add-position": in_dialog("add?kind=position"),
    "add-activity": in_dialog("add?kind=activity"),
    "add-other": in_dialog("add?kind=other"),
    "add-page-error": mistaken,
    "stream": in_dialog("streams/health/edit"),
    "trash": ticked,
    "settings": at("settings"),
    "keys": in_dialog("keys"),
    "export": in_dialog("export?scale=week"),
}


def shoot(page: Page, name: str, scheme: str, width: int) -> None:
    """One picture, when everything is there."""
    page.wait_for_load_state("load")
    page.wait_for_function(READY, timeout=30_000)
    if broken:
        sys.exit(f"The server failed: {broken}")
    page.wait_for_timeout(300)
    path = OUT / f"{name}-{width}-{scheme}.png"
    page.screenshot(path=path)
    if width == 1280 and scheme == "light" and name in README:
        shutil.copy(path, DOCS / f"{README[name]}.png")


def settle(page: Page) -> None:
    """Live pages never are quiet: the stream of changes is not part of a picture. Nor are errors."""
    page.route("**/live*", lambda route: route.fulfill(status=204))
    page.on("response", lambda answer: broken.append(answer.url) if answer.status >= 500 else None)


def first_run(browser: Browser, base: str, scheme: Any, width: int) -> None:
    """A new account, and the same with the example."""
    context = browser.new_context(
        base_url=base, viewport={"width": width, "height": WIDTHS[width]}, color_scheme=scheme
    )
    page = context.new_page()
    settle(page)
    name = f"new-{width}-{scheme}-{int(time.time()) % 100000}"
    page.goto("/register")
    page.get_by_label("Username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(f"**/u/{name}/**")
    shoot(page, "first-run", scheme, width)
    page.get_by_role("button", name="Load example").click()
    page.get_by_text("The example is there.").wait_for()
    shoot(page, "example", scheme, width)
    context.close()


def without_script(browser: Browser, base: str, state: Any, scheme: Any, width: int) -> None:
    """The dashboard as it is without script."""
    context = browser.new_context(
        base_url=base, viewport={"width": width, "height": WIDTHS[width]}, color_scheme=scheme,
        java_script_enabled=False, storage_state=state,
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{BASE}/?scale=week")
    page.wait_for_url("**tiles=all")  # the browser had script when it signed in
    shoot(page, "without-script", scheme, width)
    context.close()


def main() -> None:
    """All pictures; names as arguments choose some views."""
    wanted = sys.argv[1:] or [*VIEWS, "first-run", "without-script"]
    OUT.mkdir(exist_ok=True)
    with served() as base, sync_playwright() as playwright:
        path = shutil.which("chromium") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        entered: BrowserContext = browser.new_context(base_url=base)
        sign_in(entered.new_page())
        state: Any = entered.storage_state()
        for width, height in WIDTHS.items():
            for scheme in SCHEMES:
                context = browser.new_context(
                    base_url=base, storage_state=state, viewport={"width": width, "height": height},
                    color_scheme=scheme, reduced_motion="reduce",
                )  # fmt: skip
                page = context.new_page()
                settle(page)
                for name in wanted:
                    if name in VIEWS:
                        VIEWS[name](page)
                        shoot(page, name, scheme, width)
                context.close()
                if "first-run" in wanted:
                    first_run(browser, base, scheme, width)
                if "without-script" in wanted:
                    without_script(browser, base, state, scheme, width)
        browser.close()
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT.relative_to(ROOT)}/")


if __name__ == "__main__":
    main()
