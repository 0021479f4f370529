"""`manage.py finish_deletions`: erase what is left of accounts whose deletion was interrupted."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.deletion import finish_all
from accounts.management.rooms import load_rooms


class Command(BaseCommand):
    """May run while the server does, and again after an interruption of its own."""

    help = "Erases what is left of accounts whose deletion was interrupted."

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase, and tell how many there were."""
        load_rooms()
        self.stdout.write(f"{finish_all()} interrupted deletions are finished.")
