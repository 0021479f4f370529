"""`manage.py platform_identity [--name …] [--logo FILE] [--clear]`: how the platform calls itself."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.management.rooms import load_rooms
from accounts.models import Identity
from pryvsite.api.platform import logo_address, service_info

TEXTS = ("name", "home", "support", "terms")


class Command(BaseCommand):
    """Shows and changes name, links and logo."""

    help = "Prints name, links and logo; changes those that are given. Empty ones are as in the settings."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to change."""
        for name in TEXTS:
            parser.add_argument(f"--{name}")
        parser.add_argument("--logo", metavar="FILE", help="SVG, PNG, JPEG or WebP; empty: none")
        parser.add_argument("--clear", action="store_true", help="all as in the settings")

    def handle(self, *args: Any, **options: Any) -> None:
        """Change, then tell."""
        load_rooms()
        if options["clear"]:
            Identity.objects.all().delete()
        given = {name: options[name] for name in (*TEXTS, "logo") if options[name] is not None}
        if given:
            self._change(given)
        told = {**service_info(), "logo": logo_address() or "our own mark"}
        for name in (*TEXTS, "logo"):
            self.stdout.write(f"{name}: {told[name]}")

    def _change(self, given: dict[str, str]) -> None:
        row = Identity.objects.filter(id=Identity.ONLY).first() or Identity()
        file = given.pop("logo", None)
        for name, value in given.items():
            setattr(row, name, value)
        try:
            if file:
                with Path(file).open("rb") as opened:
                    row.logo = File(opened, name=Path(file).name)
                    self._save(row)
                return
            if file == "":
                row.logo = ""
            self._save(row)
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.") from None

    def _save(self, row: Identity) -> None:
        try:
            row.full_clean()
        except ValidationError as error:
            wrong = [f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()]
            raise CommandError(" ".join(wrong)) from None
        row.save()
