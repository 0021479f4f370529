"""`manage.py delete_account USERNAME`: an account and all that it held."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.deletion import delete_account
from accounts.management.rooms import load_rooms
from accounts.names import account_named


class Command(BaseCommand):
    """Erases at once; the name has to be typed again, or `--yes` given."""

    help = "Deletes an account with all that it held."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose account."""
        parser.add_argument("username")
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, then erase."""
        load_rooms()
        account = account_named(options["username"])
        if account is None:
            raise CommandError("There is no account of this name.")
        if (
            not options["yes"]
            and input(f"Type {account.username} to delete it for good: ") != account.username
        ):
            raise CommandError("Nothing was deleted.")
        delete_account(account.id)
        self.stdout.write(f"{account.username} is deleted.")
