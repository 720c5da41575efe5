"""The table of runs and steps; only the holder of the lock writes it.

It is made under the lock, before any migration, as `django_migrations` is, and written
through the lock's own connection: whoever has lost the lock can record nothing.

A row with place 0 is a run, the others are its steps. States: `running`, then `done`,
`failed`, `interrupted` (by a signal) or `skipped`.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["Records", "Run", "boot_id"]

TABLE = "ixdjango_deploy"


@dataclass(frozen=True)
class Run:
    """A run as it was recorded; `steps` has the state of each by its name.

    `ended_meanwhile` says whether it ended after we began to wait.
    """

    id: str
    revision: str | None
    state: str
    host: str
    boot: str
    exit_code: int | None = None
    error: str = ""
    ended_meanwhile: bool = False
    steps: dict[str, str] = field(default_factory=dict)


class Records:
    """Reads and writes the records, from any thread.

    Raises:
        django.db.Error: from every method, if the connection is gone.
    """

    def __init__(self, own: BaseDatabaseWrapper) -> None:
        self._own = own
        self._turn = threading.Lock()
        own.inc_thread_sharing()

    def ensure_table(self) -> None:
        """Make the table if there is none."""
        with self._turn:
            with self._own.cursor() as cursor:
                names = self._own.introspection.table_names(cursor)
            if TABLE not in names:
                with self._own.schema_editor(atomic=False) as editor:
                    editor.create_model(_model())

    def now(self) -> datetime:
        """Return the database's time: clocks of containers differ."""
        return self._row("SELECT CURRENT_TIMESTAMP", ())[0]  # type: ignore[no-any-return]

    def last_run(self, phase: str, since: datetime) -> Run | None:
        """Return the newest run of a phase, None if there is none."""
        found = self._row(
            f"SELECT run, revision, state, host, boot, exit_code, error, ended_at >= %s"  # noqa: S608
            f" FROM {TABLE} WHERE place = 0 AND phase = %s ORDER BY id DESC LIMIT 1",
            (since, phase),
        )
        if found is None:
            return None
        steps = self._rows(
            f"SELECT name, state FROM {TABLE} WHERE run = %s AND place > 0 ORDER BY id",  # noqa: S608
            (found[0],),
        )
        values = dict(
            zip(
                ("id", "revision", "state", "host", "boot", "exit_code", "error"),
                found,
                strict=False,
            )
        )
        return Run(**values, ended_meanwhile=bool(found[7]), steps=dict(steps))

    def once_states(self, key: str) -> set[str]:
        """Return the states in which the step of a key was ever left."""
        found = self._rows(f"SELECT state FROM {TABLE} WHERE key = %s", (key,))  # noqa: S608
        return {state for (state,) in found}

    def begin_run(self, phase: str, revision: str | None) -> str:
        """Record that a run begins, and return its id."""
        run = uuid.uuid4().hex
        self._insert(run=run, phase=phase, revision=revision, place=0)
        return run

    def continue_run(self, run: str) -> None:
        """Record that we go on with the run of a predecessor."""
        self._execute(
            f"UPDATE {TABLE} SET state = 'running', host = %s, boot = %s, pid = %s,"  # noqa: S608
            " ended_at = NULL WHERE run = %s AND place = 0",
            (socket.gethostname(), boot_id(), os.getpid(), run),
        )

    def begin_step(self, run: str, place: int, name: str, key: str | None) -> None:
        """Record that a step begins."""
        self._insert(run=run, place=place, name=name, key=key)

    def end_step(self, run: str, name: str, state: str, error: str = "") -> None:
        """Record how the newest step of a name ended."""
        self._execute(
            f"UPDATE {TABLE} SET state = %s, error = %s, ended_at = CURRENT_TIMESTAMP"  # noqa: S608
            f" WHERE id = (SELECT max(id) FROM {TABLE} WHERE run = %s AND name = %s)",
            (state, error[:500], run, name),
        )

    def settle(self, key: str, state: str) -> None:
        """Record how the step of a key ended that nobody recorded the end of."""
        self._execute(
            f"UPDATE {TABLE} SET state = %s, ended_at = CURRENT_TIMESTAMP"  # noqa: S608
            " WHERE key = %s AND state = 'running'",
            (state, key),
        )

    def end_run(self, run: str, state: str, code: int, error: str = "") -> None:
        """Record how a run ended."""
        self._execute(
            f"UPDATE {TABLE} SET state = %s, exit_code = %s, error = %s,"  # noqa: S608
            " ended_at = CURRENT_TIMESTAMP WHERE run = %s AND place = 0",
            (state, code, error[:500], run),
        )

    def ping(self, run: str) -> None:
        """Record that the leader lives."""
        self._execute(
            f"UPDATE {TABLE} SET pinged_at = CURRENT_TIMESTAMP"  # noqa: S608
            " WHERE run = %s AND place = 0",
            (run,),
        )

    def history(self, limit: int) -> list[tuple[Any, ...]]:
        """Return start, seconds, state, revision, host, error of the newest runs."""
        if not self._has_table():
            return []
        rows = self._rows(
            f"SELECT started_at, ended_at, state, revision, host, error FROM {TABLE}"  # noqa: S608
            " WHERE place = 0 ORDER BY id DESC LIMIT %s",
            (limit,),
        )
        return [tuple(row) for row in rows]

    def current_step(self) -> str | None:
        """Return the step that runs, None if none does."""
        if not self._has_table():
            return None
        found = self._row(
            f"SELECT name FROM {TABLE} WHERE place > 0 AND state = 'running'"  # noqa: S608
            " ORDER BY id DESC LIMIT 1",
            (),
        )
        return str(found[0]) if found else None

    def _has_table(self) -> bool:
        with self._turn, self._own.cursor() as cursor:
            return TABLE in self._own.introspection.table_names(cursor)

    def _insert(self, **values: Any) -> None:
        values |= {"state": "running", "host": socket.gethostname(), "boot": boot_id()}
        values |= {"pid": os.getpid(), "error": "", "name": values.get("name", "")}
        values.setdefault("phase", "")
        names = ", ".join([*values, "started_at"])
        places = ", ".join(["%s"] * len(values))
        self._execute(
            f"INSERT INTO {TABLE} ({names}) VALUES ({places}, CURRENT_TIMESTAMP)",  # noqa: S608
            tuple(values.values()),
        )

    def _execute(self, sql: str, parameters: Sequence[Any]) -> None:
        with self._turn, self._own.cursor() as cursor:
            cursor.execute(sql, parameters)

    def _row(self, sql: str, parameters: Sequence[Any]) -> Any:
        with self._turn, self._own.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchone()

    def _rows(self, sql: str, parameters: Sequence[Any]) -> list[Any]:
        with self._turn, self._own.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())


def boot_id() -> str:
    """Return what tells this machine, since it was started, from every other."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _model() -> type[models.Model]:
    class Record(models.Model):
        """One run or step."""

        run = models.CharField(max_length=32, db_index=True)
        phase = models.CharField(max_length=200)
        revision = models.CharField(max_length=200, null=True)  # noqa: DJ001 - unknown
        place = models.IntegerField()
        name = models.TextField()
        key = models.TextField(null=True, db_index=True)  # noqa: DJ001 - most have none
        state = models.CharField(max_length=12)
        exit_code = models.IntegerField(null=True)
        error = models.TextField()
        host = models.CharField(max_length=255)
        boot = models.CharField(max_length=40)
        pid = models.IntegerField()
        started_at = models.DateTimeField()
        pinged_at = models.DateTimeField(null=True)
        ended_at = models.DateTimeField(null=True)

        class Meta:
            # A registry of its own: no migration, and nobody's app_label is taken.
            apps = Apps()
            app_label = "ixdjango_deploy"
            db_table = TABLE

        def __str__(self) -> str:
            return self.name

    return Record
