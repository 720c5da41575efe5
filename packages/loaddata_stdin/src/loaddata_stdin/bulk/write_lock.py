"""Let the loads of one database write one after the other."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["Turn"]

# Any number that nobody else's advisory locks have.
_LOCK = int.from_bytes(b"fixtures", "big")


class Turn:
    """A load's turn to write, until its transaction ends.

    Two loads of the same rows would wait for each other: an UPDATE takes them in
    whatever order it finds them.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        """Wait for nothing yet: before it writes a load disturbs nobody."""
        self._connection = connection
        # SQLite has one writer at a time.
        self._is_taken = connection.vendor != "postgresql"

    def take(self) -> None:
        """Wait for the loads that write already."""
        if not self._is_taken:
            self._is_taken = True
            with self._connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
