"""The operator's message service, which brings codes to people (spec api-access §5.5).

Each call is a template in `MFA_ENDPOINTS`: `{url, method, headers, body}`, in which `{{ name }}` stands
for the code or for something that the account gave when it enrolled, such as `{{ phone }}`.
"""

import http.client
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from django.conf import settings

from pryvsite.kernel.errors import MessageNotSent

TIMEOUT = 10.0  # seconds
log = logging.getLogger("pryvsite.messages")
_PLACE = re.compile(r"\{\{\s*([\w-]+)\s*\}\}")

Values = Mapping[str, Any]


def send(name: str, values: Values) -> int:
    """Call an endpoint; its status, from 200 to 499. Raises MessageNotSent."""
    template = settings.MFA_ENDPOINTS.get(name)
    if not template:
        log.error("MFA_ENDPOINTS has no endpoint %r", name)
        raise MessageNotSent
    try:
        status = _request(template, values)
    except (OSError, http.client.HTTPException, ValueError) as error:
        log.warning("The message service can't be reached: %s", type(error).__name__)
        raise MessageNotSent from None
    if not 200 <= status < 500:
        log.warning("The message service answered %s", status)
        raise MessageNotSent
    return status


def _request(template: Mapping[str, Any], values: Values) -> int:
    url = urlsplit(_filled(template["url"], values, lambda text: quote(text, safe="")))
    headers = {
        str(key): _filled(str(value), values, _one_line) for key, value in template.get("headers", {}).items()
    }
    kind = next((value for key, value in headers.items() if key.lower() == "content-type"), "")
    body = template.get("body")
    if body is not None and not isinstance(body, str):
        body = msgspec.json.encode(body).decode()
        kind = kind or "application/json"
        headers.setdefault("Content-Type", kind)
    content = None if body is None else _filled(body, values, _escape_for(kind)).encode()
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.netloc.rpartition("@")[2], timeout=TIMEOUT)
    try:
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request(str(template.get("method", "POST")).upper(), target, content, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _filled(text: str, values: Values, escape: Callable[[str], str]) -> str:
    def put(match: re.Match[str]) -> str:
        value = values.get(match.group(1))
        simple = isinstance(value, str | int | float) and not isinstance(value, bool)
        return escape(str(value)) if simple else ""

    return _PLACE.sub(put, text)


def _escape_for(content_type: str) -> Callable[[str], str]:
    if "json" in content_type:
        return lambda text: msgspec.json.encode(text).decode()[1:-1]
    if "urlencoded" in content_type:
        return lambda text: quote(text, safe="")
    return str


def _one_line(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]", "", text)
