"""The official JavaScript client: its calls from Node.js, its login button in a browser."""

import functools
import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

HERE = Path(__file__).parent
PAGE = """<!doctype html><meta charset="utf-8"><title>An app</title><span id="pryv-button"></span>
<p id="log"></p><script src="button.js"></script>"""


def test_calls(live: str) -> None:
    done = subprocess.run(
        ["node", "calls.mjs", live], cwd=HERE, capture_output=True, text=True, timeout=120, check=False
    )
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


def test_login_button(live: str, app: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{live}/register")
    page.get_by_label("Username").fill("button-user")
    page.locator("#id_password").fill("correct-horse")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/u/button-user/")
    page.goto(f"{app}/?service={live}/reg/service/info")
    page.locator("#log[data-state=INITIALIZED]").wait_for(state="attached")
    with page.expect_popup() as opening:
        page.locator("#pryv-access-btn-text").click()
    opening.value.get_by_role("button", name="Accept").click()
    page.get_by_text("app button-test-app button-user").wait_for()
    context.close()
