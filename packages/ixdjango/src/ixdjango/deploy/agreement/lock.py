"""Who leads: whoever holds the lock. It is free again as soon as its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["DeployLock", "FileLock", "SessionLock"]

# Any number that nobody else takes: the first bytes of SHA-256 of "ixdjango deploy".
KEY = 0x3D1B_6E0C_52A7


class DeployLock(Protocol):
    """A lock that one process holds, and tries again and again to get."""

    def try_to_take(self) -> bool:
        """Hold it if nobody else does; return whether that succeeded."""

    def holder(self) -> str | None:
        """Return who holds it, None if that is not known."""

    def release(self) -> None:
        """Let go."""


class SessionLock:
    """A session advisory lock of PostgreSQL.

    It is polled: a statement that waits holds a snapshot, and the leader's CREATE INDEX
    CONCURRENTLY would wait for that for ever.
    """

    def __init__(self, own: BaseDatabaseWrapper) -> None:
        self._own = own

    def try_to_take(self) -> bool:
        """Hold it if nobody else does; return whether that succeeded."""
        with self._own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
            return bool(cursor.fetchone()[0])

    def holder(self) -> str | None:
        """Return host and process of the holder, None if it is just gone."""
        with self._own.cursor() as cursor:
            cursor.execute(
                "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE locktype = 'advisory' AND granted AND pg_locks.database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
                " AND (classid::bigint << 32) + objid::bigint = %s",
                [KEY],
            )
            found = cursor.fetchone()
        return found[0].removeprefix("deploy ") if found else None

    def release(self) -> None:
        """Let go; a connection that is gone has done so."""
        self._own.close()


class FileLock:
    """A lock on a file beside an SQLite database."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def try_to_take(self) -> bool:
        """Hold it if nobody else does; return whether that succeeded."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        os.truncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"process {os.getpid()}".encode(), 0)
        return True

    def holder(self) -> str | None:
        """Return the process of the holder."""
        return os.pread(self._descriptor, 100, 0).decode() or None

    def release(self) -> None:
        """Let go."""
        os.close(self._descriptor)
