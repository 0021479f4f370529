"""`manage.py hostings [--load FILE | --clear]`: where accounts can live, as JSON."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import hostings


class Command(BaseCommand):
    """Shows and replaces the hostings."""

    help = "Prints the hostings as the API tells them; what it prints can be changed and loaded."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do before they are printed."""
        change = parser.add_mutually_exclusive_group()
        change.add_argument("--load", metavar="FILE", help="JSON that replaces them; - reads standard input")
        change.add_argument("--clear", action="store_true", help="back to HOSTINGS of the settings")

    def handle(self, *args: Any, **options: Any) -> None:
        """Change them, then tell them."""
        if options["load"]:
            self._load(options["load"])
        elif options["clear"]:
            hostings.clear()
        self.stdout.write(json.dumps(hostings.hostings(), indent=2, ensure_ascii=False))

    def _load(self, name: str) -> None:
        try:
            text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
            hostings.replace(json.loads(text))
        except OSError as error:
            raise CommandError(f"{name} can't be read: {error.strerror}.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except ValueError as error:
            raise CommandError(f"{name} is no JSON: {error}") from None
