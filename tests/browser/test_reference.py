"""The API's description in a browser: read it, run a call, on a desk, on a phone and without script."""

import pytest
from playwright.sync_api import Browser

from tests.browser.test_tutorial import WAYS, check_axe, watch


@pytest.mark.parametrize(("size", "script"), WAYS)
def test_run_a_call(
    live: str, browser: Browser, size: dict[str, int], script: bool, request: pytest.FixtureRequest
) -> None:
    context = browser.new_context(viewport=size, java_script_enabled=script)  # type: ignore[arg-type]
    strange = watch(context, live)
    page = context.new_page()
    page.goto(live)
    page.get_by_role("link", name="what it can do").click()
    page.get_by_role("heading", name="API", exact=True).wait_for()
    if script:
        check_axe(page)
    name = f"reader-{request.node.callspec.id[:4]}"
    page.goto(f"{live}/register")
    page.get_by_label("Username").fill(name)
    page.locator("#id_password").fill("correct-horse")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(f"**/u/{name}/")
    page.goto(f"{live}/api/")
    page.locator("#events-create summary").click()
    page.get_by_role("button", name="Run events.create").click()
    created = page.locator("#events-create .api-answer")
    created.get_by_text("201 Created").wait_for()
    assert "Written with the API." in created.inner_text()
    assert f"{live}/{name}/events" in created.inner_text()
    if page.locator("#events-getOne[open]").count() == 0:
        page.locator("#events-getOne summary").click()
    page.locator("#events-getOne-id").fill("nothing")
    page.get_by_role("button", name="Run events.getOne").click()
    page.locator("#events-getOne .api-answer").get_by_text("404 Not Found").wait_for()
    assert page.locator("#events-getOne-id").input_value() == "nothing"
    if script:
        check_axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert strange == []
    context.close()
