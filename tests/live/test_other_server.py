"""The token generator of one server with the service information of another one."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cast import PASSWORD
from tests.live.servers import Server, database
from tests.live.visitor import Visitor

FORM = {
    "app_id": "app-web-access-test",
    "view": "rows",
    "stream_id": "heart",
    "default_name": "Heart",
    "level": "manage",
}


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Where the account lives; where the generator runs, which may ask the former."""
    with ExitStack() as stack:
        home = Server(tmp_path / "home", stack.enter_context(database()), PLATFORM_NAME="Elsewhere")
        allowed = f"127.0.0.1:{home.port}"
        here = Server(tmp_path / "here", stack.enter_context(database()), FETCH_HOSTS=allowed)
        for server in (home, here):
            server.folder.mkdir()
            server.start()
            stack.callback(server.stop)
        yield home, here


def test_all_the_way_to_the_endpoint(servers: tuple[Server, Server]) -> None:
    home, here = servers
    home.register("far-away")
    visitor = Visitor(here)
    service = f"http://127.0.0.1:{home.port}/reg/service/info"

    at, page = visitor.post("/access-token/", service_url=service, action="request", **FORM)
    assert at.startswith(f"http://127.0.0.1:{home.port}/auth")  # the question is the other server's
    at, page = visitor.fill(page, at, action="signin", login="far-away", password=PASSWORD)
    at, page = visitor.fill(page, at, action="accept")
    assert at == f"{visitor.base}/access-token/"

    assert "Access granted by far-away" in page
    found = re.search(r'data-token="(\w+)"', page)
    assert found
    shown = re.sub(r"<[^>]+>", "", page)
    assert f"127.0.0.1:{home.port}/far-away/" in shown
    info = home.call("GET", "/far-away/access-info", token=found.group(1))
    assert (info.status, info.body["name"]) == (200, "app-web-access-test")
    assert here.call("GET", "/far-away/access-info", token=found.group(1)).status == 404

    sent = {**FORM, "service_url": service}
    tested = visitor.fill(page, "/access-token/", action="test", **sent)[1]
    assert "It works: app-web-access-test" in re.sub(r"<[^>]+>", "", tested)
    page = visitor.fill(page, "/access-token/", action="revoke", **sent)[1]
    assert "The token is revoked" in page
    assert home.call("GET", "/far-away/access-info", token=found.group(1)).status in (401, 403)


def test_the_own_network_is_closed_unless_it_is_named(servers: tuple[Server, Server]) -> None:
    home, here = servers
    visitor = Visitor(home)
    service = f"http://127.0.0.1:{here.port}/reg/service/info"
    _, page = visitor.post("/access-token/", service_url=service, action="request", **FORM)
    assert "the host is not a public one" in page
