"""The official JavaScript client: its calls from Node.js, its login button in a browser."""

import functools
import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent
PAGE = """<!doctype html><meta charset="utf-8"><title>An app</title><span id="pryv-button"></span>
<p id="log"></p><script src="button.js"></script>"""


@pytest.mark.parametrize("script", ["calls.mjs", "accounts.mjs", "apps.mjs"])
def test_h147_calls(live: str, live_folder: Path, script: str) -> None:
    command = ["node", script, live, str(live_folder)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "client ok" in done.stdout


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An app's own page on another port."""
    folder = tmp_path_factory.mktemp("app")
    (folder / "index.html").write_text(PAGE)
    bundle = ["node_modules/.bin/esbuild", "button.mjs", "--bundle", f"--outfile={folder}/button.js"]
    subprocess.run(
        [*bundle, "--define:global=window", "--external:fs", "--external:path"], cwd=HERE, check=True
    )
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def signed_up(live: str, browser: Browser, username: str) -> Page:
    """A page of somebody who has just registered."""
    page = browser.new_context().new_page()
    page.goto(f"{live}/register")
    page.get_by_label("Username").fill(username)
    page.locator("#id_password").fill("correct-horse")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(f"**/u/{username}/")
    return page


def test_login_button(live: str, app: str, browser: Browser) -> None:
    page = signed_up(live, browser, "button-user")
    page.goto(f"{app}/?service={live}/reg/service/info")
    page.locator("#log[data-state=INITIALIZED]").wait_for(state="attached")
    with page.expect_popup() as opening:
        page.locator("#pryv-access-btn-text").click()
    opening.value.get_by_role("button", name="Accept").click()
    page.get_by_text("app button-test-app button-user").wait_for()
    page.context.close()


def test_h150_login_button_by_return_url(live: str, app: str, browser: Browser) -> None:
    """The page itself goes to the consent page and comes back with the key of the request (access H150)."""
    page = signed_up(live, browser, "return-user")
    page.goto(f"{app}/?service={live}/reg/service/info&app=return-test-app&returnURL=self%23")
    page.locator("#log[data-state=INITIALIZED]").wait_for(state="attached")
    page.locator("#pryv-access-btn-text").click()
    page.wait_for_url(f"{live}/auth**")
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url(f"{app}/**")
    page.get_by_text("app return-test-app return-user").wait_for()
    assert "prYvstatus=ACCEPTED" in page.url
    assert not any(word in page.url for word in ("prYvtoken", "prYvapiEndpoint", "@"))
    page.context.close()


def test_h142_refusal_in_the_popup(live: str, app: str, browser: Browser) -> None:
    page = signed_up(live, browser, "refuse-user")
    page.goto(f"{app}/?service={live}/reg/service/info&app=refuse-test-app")
    page.locator("#log[data-state=INITIALIZED]").wait_for(state="attached")
    with page.expect_popup() as opening:
        page.locator("#pryv-access-btn-text").click()
    page.locator("#log[data-state=NEED_SIGNIN]").wait_for(state="attached")
    opening.value.get_by_role("button", name="Refuse").click()
    page.locator("#log[data-state=INITIALIZED]").wait_for(state="attached")
    page.context.close()


def test_h152_return_with_a_state(live: str, app: str, browser: Browser) -> None:
    """A request with `oauthState` comes back as OAuth-like clients expect it (access H152)."""
    page = signed_up(live, browser, "state-user")
    query = f"service={live}/reg/service/info&app=state-test-app&returnURL={app}/done?&oauthState=xyz"
    page.goto(f"{app}/?{query}")
    page.locator("#log[data-state=INITIALIZED]").wait_for(state="attached")
    page.locator("#pryv-access-btn-text").click()
    page.wait_for_url(f"{live}/auth**")
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url(f"{app}/done?**")
    found = parse_qs(urlsplit(page.url).query)
    assert found.keys() == {"state", "code", "poll"}
    assert found["state"] == ["xyz"]
    assert found["poll"] == [f"{live}/reg/access/{found['code'][0]}"]
    page.context.close()
