"""`manage.py write_page SLUG FILE`: the operator's help, terms and privacy."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import SitePage


class Command(BaseCommand):
    """Writes a page of texts."""

    help = "Writes a page from a file, in the small Markdown of messages."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which page, and its text."""
        parser.add_argument("slug", choices=sorted(SitePage.SLUGS))
        parser.add_argument("file", help="- reads standard input")
        parser.add_argument("--title", help="the page's usual title otherwise")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace the page."""
        name, slug = options["file"], options["slug"]
        try:
            text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{name} can't be read: {error}.") from None
        title = options["title"] or SitePage.SLUGS[slug]
        SitePage.objects.update_or_create(slug=slug, defaults={"title": title, "text": text})
        self.stdout.write(f"/p/{slug}: {title}")
