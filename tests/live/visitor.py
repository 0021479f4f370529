"""A browser without script, for servers that really run."""

import re
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.live.servers import Server


class Visitor:
    """A browser without script."""

    def __init__(self, server: Server) -> None:
        self.base = f"http://127.0.0.1:{server.port}"
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def get(self, path: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """The address where it ends, and the page."""
        url = path if path.startswith("http") else self.base + path
        data = urlencode(form).encode() if form is not None else None
        headers = {"Accept": "text/html", "Origin": "/".join(url.split("/")[:3]), "Referer": url}
        try:
            with self.opener.open(Request(url, data, headers)) as answer:
                return answer.url, answer.read().decode()
        except HTTPError as error:
            return str(error.url), error.read().decode()

    def post(self, path: str, **form: str) -> tuple[str, str]:
        """Open a page and send its form."""
        at, page = self.get(path)
        return self.fill(page, at, **form)

    def fill(self, page: str, path: str, **form: str) -> tuple[str, str]:
        """Send the form of an open page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        return self.get(path, {**form, "csrfmiddlewaretoken": token.group(1)})
