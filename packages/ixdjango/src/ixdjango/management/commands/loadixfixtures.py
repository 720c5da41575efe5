"""manage.py loadixfixtures: load the fixtures of the setting IX_FIXTURES."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Load the fixtures of one setting, which may differ between environments."""

    help = "Loads the fixtures that the setting IX_FIXTURES names."

    def handle(self, **options: Any) -> None:
        """Load them in one transaction.

        Raises:
            CommandError: the setting is not a list of names, or a fixture cannot be
                loaded.
        """
        fixtures = getattr(settings, "IX_FIXTURES", None)
        if not fixtures:
            self.stderr.write("IX_FIXTURES is not set; nothing was loaded.")
            return
        names = [fixtures] if isinstance(fixtures, str) else list(fixtures)
        if not all(isinstance(name, str) for name in names):
            message = f"IX_FIXTURES is {fixtures!r}; list the names of fixtures."
            raise CommandError(message)
        streams = {
            name: options[name] for name in ("stdout", "stderr") if options.get(name)
        }
        call_command("loaddata", *names, verbosity=options["verbosity"], **streams)
