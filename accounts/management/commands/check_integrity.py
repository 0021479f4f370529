"""`manage.py check_integrity`: look through all data; ends with 1 where something does not fit."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.integrity import run_all
from accounts.management.rooms import load_rooms


class Command(BaseCommand):
    """Names, hashes of events and accesses, files."""

    help = "Looks through all data: names, hashes of events and accesses, files."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line for each check, and each fault."""
        load_rooms()
        bad = 0
        for name, looked, faults in run_all():
            self.stdout.write(f"{name}: {looked} looked at, {len(faults)} faults")
            for fault in faults:
                self.stdout.write(f"  {fault.where}: {fault.what}")
            bad += len(faults)
        if bad:
            raise CommandError(f"{bad} faults.")
