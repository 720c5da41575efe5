"""manage.py wait_for_database: wait until a database accepts connections."""

from __future__ import annotations

import time
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import OperationalError

from ixdjango.masking import describe_error

_PAUSE_S = 0.25


class Command(BaseCommand):
    """Connect again and again until it succeeds or the time is up."""

    help = "Waits until the database accepts connections."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --database and --timeout."""
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS)
        parser.add_argument(
            "--timeout", type=float, default=30.0, help="Seconds to wait (default 30)."
        )

    def handle(self, *, database: str, timeout: float, **options: Any) -> None:
        """Return once a connection stands.

        Raises:
            CommandError: none stood within `timeout` seconds, or the settings
                have no such database.
        """
        if database not in connections:
            message = f"settings.DATABASES has no {database!r}."
            raise CommandError(message)
        started = time.monotonic()
        while error := _failure(database):
            waited_s = time.monotonic() - started
            if waited_s >= timeout:
                message = (
                    f"database {database!r} did not answer within {timeout:g} s:"
                    f" {error}; check DATABASE_URL, or wait longer with --timeout."
                )
                raise CommandError(message)
            if waited_s < _PAUSE_S:
                self.stderr.write(f"waiting for database {database!r}: {error}")
            time.sleep(_PAUSE_S)
        if options["verbosity"] >= 1:
            waited_s = time.monotonic() - started
            self.stdout.write(f"database {database!r} answers after {waited_s:.2f} s")


def _failure(database: str) -> str | None:
    try:
        connections[database].ensure_connection()
    except OperationalError as error:
        return describe_error(error)
    except ImproperlyConfigured as error:
        message = f"database {database!r}: {describe_error(error)}"
        raise CommandError(message) from error
    return None
