"""Where a visitor came from, and where a page leads on to (ui §0.4).

All of it is in the query string, so that it survives reloads, errors and links between pages.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest, QueryDict

from pryvsite.api.platform import api_endpoint

CARRIED = (
    "next", "returnURL", "state", "requestingAppId", "backUrl", "backLabel", "pryvServiceInfoUrl", "lang",
    "invitation", "poll", "pollUrl", "key",
)  # fmt: skip
APP_ID = re.compile(r"[\w.:@-]{6,99}")
LONGEST = 2000  # characters of an address


@dataclass(frozen=True)
class Journey:
    """What the query of a page says of the visitor's way."""

    query: QueryDict
    typed_next: str = ""  # from a form, where the query has none

    @property
    def next(self) -> str:
        """The page of this site to go on to, or nothing; a pending access request leads to its question."""
        target = own_path(self.query.get("next", "") or self.typed_next)
        waiting = {name: self.query[name] for name in ("poll", "pollUrl", "key") if self.query.get(name)}
        return target or (f"/auth?{urlencode(waiting)}" if waiting else "")

    @property
    def return_url(self) -> str:
        """The app's page to go on to: an absolute http(s) address, or nothing."""
        return web_address(self.query.get("returnURL", ""))

    @property
    def return_host(self) -> str:
        """Whom that page belongs to."""
        return urlsplit(self.return_url).netloc

    @property
    def return_ignored(self) -> bool:
        """Whether a return address was given that can't be used."""
        return bool(self.query.get("returnURL")) and not self.return_url

    @property
    def app_id(self) -> str:
        """The app that sent the visitor, where it says so."""
        given = self.query.get("requestingAppId", "")
        return given if APP_ID.fullmatch(given) else ""

    @property
    def back(self) -> dict[str, str] | None:
        """The link back to where the visitor came from; its host is always told."""
        url = web_address(self.query.get("backUrl", ""))
        if not url:
            return None
        return {"url": url, "label": self.query.get("backLabel", "")[:60], "host": urlsplit(url).netloc}

    @property
    def suffix(self) -> str:
        """The query for links to sister pages, with its question mark; or nothing."""
        kept = [(name, self.query[name]) for name in CARRIED if self.query.get(name)]
        if self.typed_next and "next" not in self.query:
            kept.append(("next", own_path(self.typed_next)))
        return f"?{urlencode(kept)}" if kept else ""

    @property
    def start(self) -> str:
        """Where one signs in: the question of an app, or the sign-in page."""
        return self.next if self.next.startswith("/auth?") else f"/signin{self.suffix}"

    def destination(self, username: str) -> str:
        """Where to go once signed in. What an app gets is its own state and the account's address, never
        a token."""
        if self.next:
            return self.next
        if self.return_url:
            return with_query(
                self.return_url,
                {"state": self.query.get("state", ""), "pryvApiEndpoint": api_endpoint(username)},
            )
        return f"/u/{username}/"


def journey_of(request: HttpRequest) -> Journey:
    """The journey of a request."""
    return Journey(request.GET, request.POST.get("next", "") if request.method == "POST" else "")


def own_path(target: str) -> str:
    """The target if it is a path of this site, else nothing: no redirects to elsewhere."""
    fits = re.fullmatch(r"/(?![/\\])[^\\\s]*", target)
    return target if fits else ""


def web_address(url: str) -> str:
    """The address if it is an absolute http(s) one that names its host plainly, else nothing."""
    if len(url) > LONGEST or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        return ""
    try:
        parts = urlsplit(url)
        plain = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return ""
    return url if plain and not parts.username and not parts.password else ""


def with_query(url: str, values: dict[str, str]) -> str:
    """The address with more parameters; those it had stay."""
    parts = urlsplit(url)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *((n, v) for n, v in values.items() if v)]
    return parts._replace(query=urlencode(pairs)).geturl()
