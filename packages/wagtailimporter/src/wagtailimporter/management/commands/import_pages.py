"""Import pages, images, documents, sites and settings from YAML files."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from wagtailimporter.exceptions import ImportFailed
from wagtailimporter.importer import Author, import_files
from wagtailimporter.report import Report, problems_as_data

CHANGES = 2  # the exit status of --check if there is something to do


class Command(BaseCommand):
    """Runs `import_files` and prints its report."""

    help = "Import pages, images, documents, sites and settings from YAML files."

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        """Return the parser, whose errors exit with 1: 2 means changes here."""
        parser = super().create_parser(*args, **kwargs)
        leave = parser.exit

        def leave_with_1(status: int = 0, message: str | None = None) -> NoReturn:
            leave(min(status, 1), message)

        parser.exit = leave_with_1  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the files and options."""
        parser.add_argument(
            "files", nargs="+", metavar="FILE", help="- is the standard input"
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="say what would be done; write nothing",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="like --dry-run, and exit with 2 if something would be done",
        )
        parser.add_argument(
            "--diff", action="store_true", help="print each value that changes"
        )
        parser.add_argument(
            "--json", action="store_true", help="print the report or problems as JSON"
        )
        parser.add_argument(
            "--user", metavar="NAME", help="the author of the revisions"
        )
        parser.add_argument(
            "--comment", default="", help="what the history of the pages says"
        )
        self._add_wishes(parser)

    def _add_wishes(self, parser: CommandParser) -> None:
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
        parser.add_argument(
            "--prune",
            action="append",
            default=[],
            metavar="URL",
            help="delete the pages below this one that no file describes",
        )
        parser.add_argument(
            "--prune-max",
            type=int,
            default=10,
            metavar="N",
            help="refuse to delete more pages than this (default: 10)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the files; one line on stderr for each problem."""
        try:
            report = import_files(
                options["files"],
                dry_run=options["dry_run"] or options["check"],
                diff=options["diff"] or options["json"],
                author=Author(_user(options["user"]), options["comment"]),
                create_only=options["create_only"],
                on_conflict=options["on_conflict"],
                prune=options["prune"],
                prune_max=options["prune_max"],
            )
        except ImportFailed as error:
            if options["json"]:
                self.stdout.write(json.dumps(problems_as_data(error), indent=2))
            else:
                for problem in error.problems:
                    self.stderr.write(str(problem))
            count = len(error.problems)
            message = f"{count} problem{'s' * (count != 1)}; nothing was written."
            raise CommandError(message) from error
        self._print(report, options)
        if options["check"] and report.has_changes:
            raise SystemExit(CHANGES)

    def _print(self, report: Report, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(report.as_data(), indent=2, default=str))
            return
        lines = report.lines() if options["verbosity"] >= 2 else []
        for line in report.diff() if options["diff"] else lines:
            self.stdout.write(line)
        if options["verbosity"] >= 1:
            self.stdout.write(report.summary())
            if report.kept and options["create_only"]:
                self.stdout.write(
                    f"{report.kept} kept although the files say otherwise; without"
                    " --create-only the files win."
                )


def _user(name: str | None) -> Any:
    """Return the user of a name.

    Raises:
        CommandError: there is none.
    """
    if name is None:
        return None
    model: Any = get_user_model()
    try:
        return model._default_manager.get_by_natural_key(name)
    except model.DoesNotExist:
        message = f"there is no user '{name}'; create it, or leave --user out."
        raise CommandError(message) from None
