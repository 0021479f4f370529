"""Typed readers of environment variables; a wrong value names its variable and stops the start."""

import json
import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def text(name: str, default: str = "") -> str:
    """A text; `NAME_FILE` may name a file that holds it."""
    file = os.environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: can't read {file} ({error.strerror}).") from None
    return os.environ.get(name) or default


def integer(name: str, default: int, low: int = 0, high: int = 2**31) -> int:
    """A whole number within bounds."""
    given = text(name)
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or not low <= int(given) <= high:
        raise ImproperlyConfigured(f"{name} must be a whole number from {low} to {high}, not {given!r}.")
    return int(given)


def days_or_off(name: str, default: int) -> int | None:
    """A number of days, or None for `off`."""
    return None if text(name).lower() in FALSE[1:] else integer(name, default, 0, 365)


def boolean(name: str, default: bool) -> bool:
    """on or off."""
    given = text(name).lower()
    if not given:
        return default
    if given not in TRUE + FALSE:
        raise ImproperlyConfigured(f"{name} must be on or off, not {given!r}.")
    return given in TRUE


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """One of some words."""
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def limit(name: str, default: str) -> tuple[int, int] | None:
    """How much in which time: `10/15m` is 10 in 15 minutes, as (number, seconds); off: no limit."""
    given = text(name, default).lower()
    if given in FALSE:
        return None
    match = re.fullmatch(r"([1-9]\d{0,6})/([1-9]\d{0,3})?([smhd])", given)
    if not match:
        raise ImproperlyConfigured(f"{name} must be like 10/15m (s, m, h or d), or off, not {given!r}.")
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[3]]
    return int(match[1]), int(match[2] or 1) * seconds


def words(name: str, default: list[str]) -> list[str]:
    """A comma-separated list."""
    given = text(name)
    return [word.strip() for word in given.split(",") if word.strip()] if given else default


def some_of(name: str, default: list[str], choices: tuple[str, ...]) -> list[str]:
    """A comma-separated list of some words; `none` for none of them."""
    given = [word for word in words(name, default) if word != "none"]
    if not set(given) <= set(choices):
        raise ImproperlyConfigured(f"{name} must list some of {', '.join(choices)}, or be none.")
    return given


def key(name: str, shortest: int) -> str:
    """A secret that the operator chose, or nothing."""
    given = text(name)
    if given and len(given) < shortest:
        raise ImproperlyConfigured(f"{name} must have {shortest} characters or more.")
    return given


def json_value(name: str, default: Any) -> Any:
    """A JSON value."""
    given = text(name)
    if not given:
        return default
    try:
        return json.loads(given)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be JSON.") from None


def url(name: str, default: str) -> str:
    """An http(s) URL without path, query or credentials."""
    given = text(name, default).rstrip("/")
    try:
        parts = urlsplit(given)
        fits = parts.scheme in ("http", "https") and parts.hostname and not parts.username
        fits = bool(fits and not parts.path and not parts.query and (parts.port is None or parts.port))
    except ValueError:
        fits = False
    if not fits:
        raise ImproperlyConfigured(f"{name} must be a URL such as https://data.example.org, not {given!r}.")
    return given


def links(name: str) -> list[str]:
    """A comma-separated list of http(s) URLs."""
    given = words(name, [])
    for entry in given:
        if not entry.startswith(("http://", "https://")):
            raise ImproperlyConfigured(f"{name} must list http:// or https:// URLs, not {entry!r}.")
    return given


def link(name: str) -> str:
    """A URL to show as a link, or nothing."""
    given = text(name)
    if given and not given.startswith(("http://", "https://", "mailto:")):
        raise ImproperlyConfigured(f"{name} must be an http://, https:// or mailto: URL, not {given!r}.")
    return given


def file(name: str) -> Path | None:
    """An existing file, or nothing."""
    given = text(name)
    if given and not Path(given).is_file():
        raise ImproperlyConfigured(f"{name}: there is no file {given}.")
    return Path(given) if given else None


def zone(name: str, default: str) -> str:
    """The name of a time zone."""
    given = text(name, default)
    if given not in available_timezones():
        raise ImproperlyConfigured(f"{name} must be a time zone such as Europe/Zurich, not {given!r}.")
    return given


def tokens(name: str) -> list[str] | None:
    """A JSON list of texts; None where nothing is set."""
    given = json_value(name, None)
    if given is not None and not (isinstance(given, list) and all(isinstance(t, str) for t in given)):
        raise ImproperlyConfigured(f"{name} must be a JSON list of texts.")
    return given


def hostings(name: str) -> dict[str, Any] | None:
    """Regions, zones and hostings as the API tells them; None where nothing is set."""
    given: dict[str, Any] | None = json_value(name, None)
    if given is not None and not are_hostings(given):
        raise ImproperlyConfigured(
            f'{name} must be JSON such as {{"regions": {{"eu": {{"name": "Europe", "zones": '
            '{"ch": {"name": "Switzerland", "hostings": {"one": {"name": "One", "available": true}}}}}}}.'
        )
    return given


def are_hostings(given: Any) -> bool:
    """Whether each level is an object of named objects."""
    level = [given]
    for part in ("regions", "zones", "hostings"):
        below = [entry.get(part) if isinstance(entry, dict) else None for entry in level]
        if not all(isinstance(group, dict) and group for group in below):
            return False
        level = [entry for group in below for entry in group.values()]  # type: ignore[union-attr]
        if not all(isinstance(entry, dict) and isinstance(entry.get("name"), str) for entry in level):
            return False
    return True


def secret(name: str, file: Path) -> str:
    """The variable, else the content of a file that is made once and readable by its owner only."""
    given = text(name)
    if given:
        return given
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
                handle.write(secrets.token_urlsafe(48))
        return file.read_text(encoding="utf-8").strip()
    except FileExistsError:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"Can't write {file}: {error.strerror}. Set VAR_DIR or {name}.") from None


def database(name: str, default_file: Path) -> dict[str, Any]:
    """Django's description of a database URL: `postgres://…` or `sqlite:///file`."""
    given = text(name)
    if not given or given.startswith("sqlite:"):
        return _sqlite(_sqlite_file(name, given) if given else default_file)
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        parts = urlsplit("")
        port = None
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must be postgres://user:password@host/name or sqlite:///file.")
    # No just-in-time compilation and no parallel workers: to start them takes longer than any of our
    # queries. Pages are as cheap in any order: the database lies on a flash disk or in memory.
    settings = "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
    options: dict[str, Any] = {
        "options": settings,
        "pool": {"min_size": 1, "max_size": integer("DATABASE_POOL", 20, 1, 500)},
    }
    query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def _sqlite_file(name: str, given: str) -> Path:
    file = given.removeprefix("sqlite:///")
    if file == given or not file:
        raise ImproperlyConfigured(f"{name} must be postgres://user:password@host/name or sqlite:///file.")
    return Path(file)


def _sqlite(file: Path) -> dict[str, Any]:
    # A write-ahead log survives the end of the process either way; `full` also that of the power.
    synchronous = choice("SQLITE_SYNCHRONOUS", "normal", ("normal", "full"))
    pragmas = f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA foreign_keys=ON;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": pragmas},
    }
