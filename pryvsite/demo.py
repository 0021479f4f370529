"""Starts the server with an account that is full: `python -m pryvsite.demo`, for `make demo`.

The account's password is known to everybody, so it is made on a machine that only its user reaches.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

from pryvsite.serve import Trouble, gunicorn_command, prepare, welcome

if TYPE_CHECKING:
    from pryvsite.kernel.actor import Actor

USERNAME, PASSWORD = "mira-demo", "a-life-to-look-at"
APP_ID = "pryvsite-demo"
GRANTS = {  # role: (name, kind, stream, level)
    "watch": ("Pulse watch", "app", "*", "contribute"),
    "scale": ("Bathroom scale", "app", "weight", "contribute"),
    "meter": ("House meter", "app", "home", "contribute"),
    "doctor": ("For Doctor Tom", "shared", "health", "read"),
}


def main() -> None:
    """Prepare folders, database and account, print how to sign in, hand over to gunicorn."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pryvsite.settings")
    os.environ.setdefault("VAR_DIR", str(Path("var") / "demo"))
    os.umask(0o077)
    try:
        settings = prepare()
        if not settings.IS_LOCAL:
            raise Trouble("its password is known to everybody; start it where PUBLIC_URL is this machine.")
        fill()
        command = gunicorn_command(settings)
    except (Trouble, ImproperlyConfigured) as trouble:
        sys.exit(f"The demo can't start: {trouble}")
    print(welcome(settings) + sign_in(settings.PUBLIC_URL), flush=True)  # noqa: T201
    os.execv(command[0], command)  # noqa: S606


def sign_in(base: str) -> str:
    """What to type where."""
    return f"\n  Address   {base}/u/{USERNAME}/\n  Username  {USERNAME}\n  Password  {PASSWORD}\n"


def fill() -> None:
    """Make the account with its life, unless it is there. Raises Trouble when it is somebody else's."""
    from accesses import sessions
    from accounts.inputs import Registration
    from accounts.operations import find_by_login
    from pryvsite.kernel.errors import InvalidCredentials
    from pryvsite.wiring import wire

    wire()
    account = find_by_login(USERNAME)
    if account is None:
        owner = sessions.register(Registration(username=USERNAME, password=PASSWORD, app_id=APP_ID))
    else:
        try:
            owner = sessions.log_in(account, PASSWORD, APP_ID)
        except InvalidCredentials:
            raise Trouble(f"there is an account {USERNAME} already, with a password of its own.") from None
    _live(owner)


def _live(owner: "Actor") -> None:
    """Streams, accesses and entries; what an interrupted start left is kept and completed."""
    from accesses.usage import usage
    from accounts.meter import flush
    from events.demo.load import create_streams, is_empty, load
    from events.demo.story import SEED, whole_life
    from pryvsite.api.execute import execute
    from pryvsite.kernel.clock import now

    if not is_empty(owner):
        return
    print("Making up three years of entries, which takes about half a minute…", flush=True)  # noqa: T201
    create_streams(owner)
    known = {access["name"]: access["id"] for access in execute("accesses.get", owner, {})["accesses"]}
    authors = {"owner": owner.author}
    for role, (name, kind, stream, level) in GRANTS.items():
        raw = {"name": name, "type": kind, "permissions": [{"streamId": stream, "level": level}]}
        authors[role] = known.get(name) or execute("accesses.create", owner, raw)["access"]["id"]
    usage.flush()  # or its timer would wait for the long transaction that follows
    load(owner, whole_life(now()), authors, SEED)
    flush()


if __name__ == "__main__":
    main()
