"""`manage.py send_test_mail ADDRESS`: whether outgoing mail works."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import mail


class Command(BaseCommand):
    """One mail, now."""

    help = "Sends a mail to an address, and tells whether it left."

    def add_arguments(self, parser: CommandParser) -> None:
        """The address."""
        parser.add_argument("address")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send."""
        if not mail.send_test(options["address"]):
            raise CommandError("The mail could not be sent; the log tells why.")
        self.stdout.write(f"A mail to {options['address']} left.")
