"""End what a dead leader left running: SIGKILL frees its lock, not its step.

Its sessions in PostgreSQL go by their name, wherever it ran. Programs that it started
are known by a variable that they inherited; they are looked for if it ran on this very
machine, on Linux.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from ixdjango.deploy.agreement.records import Run, boot_id

__all__ = ["VARIABLE", "end_predecessor", "session_name"]

#: In the environment of every program that a leader starts.
VARIABLE = "IXDJANGO_DEPLOY_RUN"
POLL_S = 0.02
PATIENCE_S = 3


def session_name(run: str) -> str:
    """Return the `application_name` of a leader's sessions in PostgreSQL."""
    return f"deploy run {run}"


def end_predecessor(own: BaseDatabaseWrapper, run: Run) -> None:
    """End the sessions and programs of a run whose leader is gone."""
    if own.vendor == "postgresql":
        _end_sessions(own, run.id)
    # Containers of one machine have its boot id, and names of their own.
    if (run.host, run.boot) == (socket.gethostname(), boot_id()) and run.boot:
        _end_programs(run.id)


def _end_sessions(own: BaseDatabaseWrapper, run: str) -> None:
    ends_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_at:
        with own.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = %s AND pid <> pg_backend_pid()",
                [session_name(run)],
            )
            if not cursor.fetchall():
                return
        time.sleep(POLL_S)


def _end_programs(run: str) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        ends_at = time.monotonic() + PATIENCE_S
        left = _programs_of(run)
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        while left and time.monotonic() < ends_at:
            time.sleep(POLL_S)
            left = _programs_of(run)
        if not left:
            return


def _programs_of(run: str) -> list[int]:
    marked = f"{VARIABLE}={run}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        with suppress(OSError):
            if marked in (folder / "environ").read_bytes().split(b"\0"):
                found.append(pid)
    return [pid for pid in found if pid != os.getpid()]
