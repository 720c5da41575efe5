"""manage.py lazy_urls: check the lazy URLs, from sources or by loading all."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cbv_lazy_urls.analysis import survey_urlconf
from cbv_lazy_urls.loading import load_all

__all__ = ["Command"]


class Command(BaseCommand):
    """Reports every problem at once and fails if there is one."""

    help = "Checks the lazy URLs: from the sources, or with --deep by loading all."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --deep and --urlconf."""
        parser.add_argument(
            "--deep",
            action="store_true",
            help="import every view and lazy include, and make every view",
        )
        parser.add_argument(
            "--urlconf", metavar="MODULE", help="another URLconf than ROOT_URLCONF"
        )

    def handle(self, *, deep: bool, urlconf: str | None, **options: Any) -> None:
        """Check, report, and fail if there is a problem."""
        if urlconf is not None:
            _refuse_missing(urlconf)
        count, problems = load_all(urlconf) if deep else _survey(urlconf)
        for problem in problems:
            self.stdout.write(self.style.ERROR(problem))
        if problems:
            message = f"{len(problems)} problems in {count} lazy URLs."
            raise CommandError(message)
        done = "loaded" if deep else "checked without importing them"
        self.stdout.write(f"{count} lazy URLs {done}: no problems.")


def _survey(urlconf: str | None) -> tuple[int, list[str]]:
    survey = survey_urlconf(urlconf)
    lines = [f"{each.place}: {each.text} {each.hint}" for each in survey.problems]
    return survey.views, lines


def _refuse_missing(urlconf: str) -> None:
    from importlib import import_module

    try:
        import_module(urlconf)
    except ModuleNotFoundError as error:
        message = f"--urlconf {urlconf}: {error}."
        raise CommandError(message) from error
