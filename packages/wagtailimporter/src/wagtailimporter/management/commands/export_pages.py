"""Export pages, and what they refer to, as YAML that imports to the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from wagtailimporter.export.documents import ExportError, export_pages
from wagtailimporter.export.schema import site_schema


class Command(BaseCommand):
    """Writes YAML, or the JSON Schema of such files, to the standard output."""

    help = "Export pages as YAML, or the JSON Schema of such files."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--root", default="/", metavar="URL", help="the topmost page; / for all"
        )
        parser.add_argument(
            "--media",
            type=Path,
            metavar="FOLDER",
            help="also copy the files of images and documents into this folder",
        )
        parser.add_argument(
            "--schema",
            action="store_true",
            help="print a JSON Schema of the files instead, for an editor's completion",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the files or the schema."""
        if options["schema"]:
            self.stdout.write(json.dumps(site_schema(), indent=2))
            return
        try:
            text = export_pages(options["root"], media=options["media"])
        except ExportError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(text, ending="")
