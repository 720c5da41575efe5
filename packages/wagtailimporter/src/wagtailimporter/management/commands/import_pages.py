"""Import pages, images, documents, sites and settings from YAML files."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from wagtailimporter.exceptions import ImportFailed
from wagtailimporter.importer import import_files


class Command(BaseCommand):
    """Runs `import_files` and prints its report."""

    help = "Import pages, images, documents, sites and settings from YAML files."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the files and options."""
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would be done; write nothing",
        )
        existing = parser.add_mutually_exclusive_group()
        existing.add_argument(
            "--create-only",
            action="store_true",
            help="create what does not exist yet; leave all else as editors left it",
        )
        existing.add_argument(
            "--on-conflict",
            choices=["fail", "theirs", "ours"],
            default="fail",
            help="what to do with pages of which an editor has an unpublished draft",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the files; one line on stderr for each problem."""
        try:
            report = import_files(
                options["files"],
                dry_run=options["dry_run"],
                create_only=options["create_only"],
                on_conflict=options["on_conflict"],
            )
        except ImportFailed as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            count = len(error.problems)
            message = f"{count} problem{'s' * (count != 1)}; nothing was written."
            raise CommandError(message) from error
        if options["verbosity"] >= 2:
            for line in report.lines():
                self.stdout.write(line)
        if options["verbosity"] >= 1:
            self.stdout.write(report.summary())
            if report.kept:
                self.stdout.write(
                    f"{report.kept} kept although the files say otherwise; without"
                    " --create-only the files win."
                )
