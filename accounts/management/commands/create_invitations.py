"""`manage.py create_invitations COUNT`: single-use invitations, one a line."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import invitations


class Command(BaseCommand):
    """Invitations for people who may register."""

    help = "Makes invitations; with the first one registration is by invitation."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many, and what for."""
        parser.add_argument("count", type=int)
        parser.add_argument("--description", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them."""
        for invitation in invitations.create(options["count"], options["description"]):
            self.stdout.write(invitation.id)
