"""Throw away what a demo keeps: everything in its database, and the uploads."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection

from home.server import DemoError

__all__ = ["place", "start_over"]

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND backend_type = 'client backend'
"""


def place() -> str:
    """Return where the data are, to be shown before they are deleted."""
    database = connection.settings_dict
    return (
        f"database {database['NAME']} at {database['HOST']}:{database['PORT']}"
        f" and {settings.MEDIA_ROOT}"
    )


def start_over() -> None:
    """Delete every table and type of the database, and every upload.

    Raises:
        DemoError: another demo is using the database.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS)
        (others,) = cursor.fetchone()
        if others:
            message = (
                "the database is in use, by another `make demo` perhaps;"
                " stop that one, then reset."
            )
            raise DemoError(message)
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    shutil.rmtree(Path(settings.MEDIA_ROOT), ignore_errors=True)
