"""Starts the server on a fresh machine: `python -m pryvsite.serve`.

Whatever is wrong with the surroundings is told in one sentence.
"""

import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


class Trouble(Exception):
    """A reason why the server can't start, as a sentence."""


def main() -> None:
    """Prepare folders and database, print the addresses, hand over to gunicorn."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pryvsite.settings")
    os.umask(0o077)
    try:
        settings = prepare()
        command = gunicorn_command(settings)
    except (Trouble, ImproperlyConfigured) as trouble:
        sys.exit(f"Pryvsite can't start: {trouble}")
    print(welcome(settings), flush=True)  # noqa: T201
    os.execv(command[0], command)  # noqa: S606


def prepare() -> Any:
    """Check the surroundings, bring database and static files up to date; the settings."""
    from pryvsite import settings as raw

    check_folder(raw.VAR_DIR)
    check_port(raw.HOST, raw.PORT)
    import django
    from django.conf import settings

    django.setup()
    migrate(settings)
    finish_deletions()
    collect_static(settings)
    return settings


def check_folder(folder: Path) -> None:
    """The data folder must be ours to write."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "media").mkdir(mode=0o700, exist_ok=True)
        probe = folder / ".probe"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise Trouble(f"the folder {folder} can't be written ({error.strerror}); set VAR_DIR.") from None


def check_port(host: str, port: int) -> None:
    """The address must be free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except socket.gaierror:
            raise Trouble(f"HOST {host!r} is not an address of this machine.") from None
        except OverflowError:
            raise Trouble(f"PORT {port} is not a port.") from None
        except OSError as error:
            raise Trouble(f"{host}:{port} can't be used ({error.strerror}); set PORT or HOST.") from None


def migrate(settings: Any) -> None:
    """Reach the database and bring its tables up to date."""
    from django.core.management import call_command
    from django.db import DatabaseError, connection

    where = settings.DATABASES["default"]
    try:
        _reach(where)
        connection.ensure_connection()
        call_command("migrate", verbosity=0, interactive=False)
    except (DatabaseError, OSError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        name = (
            where["NAME"]
            if "sqlite" in where["ENGINE"]
            else f"{where['HOST'] or 'localhost'}/{where['NAME']}"
        )
        raise Trouble(f"the database {name} can't be used ({reason}); check DATABASE_URL.") from None
    finally:
        connection.close()


def finish_deletions() -> None:
    """Erase what is left of accounts whose deletion was interrupted."""
    from django.db import connection

    from accounts.deletion import finish_all
    from pryvsite.wiring import wire

    wire()
    finish_all()
    connection.close()


def _reach(where: dict[str, Any]) -> None:
    """Ask a database server once: a pool would go on trying for half a minute."""
    if "postgresql" not in where["ENGINE"]:
        return
    import psycopg

    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    given = {name: where[key] for name, key in names.items() if where[key]}
    try:
        psycopg.connect(connect_timeout=5, **given).close()
    except psycopg.Error as error:
        raise OSError(str(error)) from None


def collect_static(settings: Any) -> None:
    """Collect static files, unless nothing changed since the last time."""
    from django.core.management import call_command

    stamp = settings.STATIC_ROOT / ".stamp"
    files = [
        path for folder in settings.STATICFILES_DIRS for path in Path(folder).rglob("*") if path.is_file()
    ]
    requirements = settings.BASE_DIR / "requirements.txt"
    newest = max((path.stat().st_mtime for path in [*files, requirements] if path.exists()), default=0.0)
    state = f"{len(files)} {newest}"
    if stamp.exists() and stamp.read_text() == state:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(state)


def gunicorn_command(settings: Any) -> list[str]:
    """The server's command line; the embedded database is served by one process."""
    from pryvsite import env

    embedded = "sqlite" in settings.DATABASES["default"]["ENGINE"]
    host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    return [
        sys.executable, "-m", "gunicorn", "pryvsite.wsgi:application",
        "--bind", f"{host}:{settings.PORT}",
        "--worker-class", "pryvsite.worker.Worker",
        "--http-parser", "fast" if find_spec("gunicorn_h1c") else "python",
        "--workers", str(env.integer("WORKERS", 1 if embedded else 2, 1, 256)),
        # An open page holds a thread: those are on top, so that pages never keep calls waiting.
        "--threads", str(env.integer("THREADS", 16, 1, 1024) + settings.LIVE_STREAMS),
        "--graceful-timeout", "5",
        "--log-level", "warning",
        # Should the operator turn it on: without queries and referrers, in which secrets may stand.
        "--access-logformat", '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(D)s',
        "--no-control-socket",
    ]  # fmt: skip


def welcome(settings: Any) -> str:
    """The addresses to begin with."""
    base = settings.PUBLIC_URL
    return (
        f"\n{settings.PLATFORM_NAME} is ready. Ctrl-C stops it.\n\n"
        f"  Register             {base}/register\n"
        f"  Dashboard            {base}/\n"
        f"  Token generator      {base}/access-token/\n"
        f"  Service information  {base}/reg/service/info\n"
    )


if __name__ == "__main__":
    main()
