"""JSON from other servers, for pages that were given an address by their visitor.

Only public addresses are asked: the name is resolved once, checked, and that very address is used,
so that nobody reaches this server's own network through it; `FETCH_HOSTS` names what is allowed all the same.
"""

import http.client
import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

TIMEOUT = 5.0  # seconds
MAX_BYTES = 64 * 1024


class FetchError(Exception):
    """Why nothing came back, as a short phrase."""


def fetch_json(url: str, *, body: Any = None, token: str = "", verb: str = "") -> tuple[int, Any]:
    """Status and decoded JSON of a GET, of a POST when `body` is given, or of another verb.

    Raises FetchError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError("it must begin with http:// or https://")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise FetchError("its port is not a number") from None
    address = _public_address(parts.hostname, port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Accept": "application/json", "User-Agent": "Pryvsite"}
    if token:
        headers["Authorization"] = token
    if body is not None:
        headers["Content-Type"] = "application/json"
    content = None if body is None else msgspec.json.encode(body)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, port, timeout=TIMEOUT)
    # The standard library's own hook: connect to the address that was checked, under the given name.
    connection._create_connection = lambda _, timeout, source: socket.create_connection(  # type: ignore[attr-defined]
        (address, port), timeout, source
    )
    try:
        connection.request(verb or ("GET" if body is None else "POST"), path, content, headers)
        response = connection.getresponse()
        text = response.read(MAX_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise FetchError(_reason(error)) from None
    finally:
        connection.close()
    if len(text) > MAX_BYTES:
        raise FetchError("the answer is too long")
    try:
        return response.status, msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise FetchError("the answer is not JSON") from None


def _public_address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchError("the host is not known") from None
    addresses = [str(entry[4][0]) for entry in found]
    allowed = f"{host}:{port}" in settings.FETCH_HOSTS
    if not addresses or not (
        allowed or all(ipaddress.ip_address(a.partition("%")[0]).is_global for a in addresses)
    ):
        raise FetchError("the host is not a public one")
    return addresses[0]


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return "the server can't be reached"
