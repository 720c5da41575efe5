"""manage.py deploys: the history of deploys."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ixdjango.deploy.agreement.database import connect, own_connection
from ixdjango.deploy.agreement.records import Records
from ixdjango.exceptions import DeployError


class Command(BaseCommand):
    """Print a line for each deploy, the newest first."""

    help = "Lists the deploys of this database, the newest first."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --limit."""
        parser.add_argument("--limit", type=int, default=20, help="default 20")

    def handle(self, *, limit: int, **options: Any) -> None:
        """Print the history.

        Raises:
            CommandError: the database does not answer.
        """
        try:
            own = own_connection(os.environ)
            connect(own, 0)
        except DeployError as error:
            raise CommandError(str(error), returncode=error.exit_code) from error
        rows = Records(own).history(limit)
        own.close()
        if not rows:
            self.stdout.write("No deploy is recorded.")
        for started, ended, state, revision, host, problem in rows:
            took = f"{(ended - started).total_seconds():.1f} s" if ended else "-"
            line = (
                f"{started:%Y-%m-%d %H:%M:%S}  {took:>8}  {state:11}"
                f"  {(revision or '-')[:12]:12}  {host}  {problem}"
            )
            self.stdout.write(line.rstrip())
