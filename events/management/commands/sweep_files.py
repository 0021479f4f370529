"""`manage.py sweep_files`: remove files that a crash left without a record."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from events.blobs import GRACE, sweep


class Command(BaseCommand):
    """Safe at any time: accounts that receive files at the moment are passed over."""

    help = "Removes files that no event names. The server does so by itself, at its start and at times."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("--older-than", type=float, default=GRACE, help="seconds; younger files stay")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and tell."""
        self.stdout.write(f"{sweep(options['older_than'])} files removed.")
