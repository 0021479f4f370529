"""A new account in a browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.test_tutorial import watch

PASSWORD = "correct-horse"
count = iter(range(100))


@pytest.fixture
def signed_in(live: str, browser: Browser) -> Iterator[Any]:
    """Makes contexts of one new account; checks that nothing left the server's host."""
    name = f"keeper-{next(count)}"
    contexts: list[tuple[BrowserContext, list[str]]] = []

    def make(*, script: bool = True, width: int = 1280, **more: Any) -> tuple[Page, str]:
        size: Any = {"width": width, "height": more.pop("height", 800)}
        context = browser.new_context(viewport=size, java_script_enabled=script, **more)
        contexts.append((context, watch(context, live)))
        page = context.new_page()
        if len(contexts) == 1:
            page.goto(f"{live}/register")
            page.get_by_label("Username").fill(name)
            page.locator("#id_password").fill(PASSWORD)
            page.get_by_role("button", name="Create account").click()
        else:
            page.goto(f"{live}/signin")
            page.locator("[name=login]").fill(name)
            page.locator("[name=password]").fill(PASSWORD)
            page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"**/u/{name}/**")
        return page, f"{live}/u/{name}"

    yield make
    for context, strange in contexts:
        context.close()
        assert not strange
