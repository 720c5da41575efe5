"""Django's connections while a leader runs steps: their name, timeouts and queries."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from ixdjango.deploy.agreement.predecessor import VARIABLE, session_name
from ixdjango.deploy.steps import Step

__all__ = ["Sessions"]


class Sessions:
    """Settings of every connection that is opened, now or later, in any thread."""

    def __init__(self, run: str) -> None:
        self._name = session_name(run)
        self._run = run
        self._wanted: dict[str, str] = {}
        # Connections of the drivers, to cancel what they run.
        self._raw: list[Any] = []

    @contextmanager
    def named(self) -> Iterator[None]:
        """Name the connections of the block, and mark the programs that it starts."""
        before = {name: os.environ.get(name) for name in ("PGAPPNAME", VARIABLE)}
        os.environ.update({"PGAPPNAME": self._name, VARIABLE: self._run})
        connection_created.connect(self._prepare, weak=False)
        try:
            for connection in connections.all(initialized_only=True):
                self._prepare(connection=connection)
            yield
        finally:
            connection_created.disconnect(self._prepare)
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value

    @contextmanager
    def timeouts(self, step: Step) -> Iterator[None]:
        """Set the timeouts of a step within the block, also on later connections.

        A plain SET is lost if the step closes its connections.
        """
        given = {
            "lock_timeout": step.lock_timeout_s,
            "statement_timeout": step.statement_timeout_s,
        }
        self._wanted = {
            name: str(round(seconds * 1000))
            for name, seconds in given.items()
            if seconds is not None
        }
        names = list(self._wanted)
        self._apply()
        try:
            yield
        finally:
            self._wanted = {}
            for connection in self._open():
                with suppress(Error), connection.cursor() as cursor:
                    for name in names:
                        cursor.execute(f"RESET {name}")

    def cancel(self) -> None:
        """Cancel what the connections run; from any thread."""
        for raw in self._raw:
            # A closed one has nothing to cancel; each driver says so in its own way.
            with suppress(Exception):
                raw.cancel()

    def _prepare(self, connection: BaseDatabaseWrapper, **_: object) -> None:
        if connection.vendor != "postgresql" or connection.connection is None:
            return
        self._raw = [raw for raw in self._raw if not raw.closed]
        self._raw.append(connection.connection)
        settings = {
            "application_name": self._name,
            # So that the server notices soon that we died.
            "client_connection_check_interval": "250",
            **self._wanted,
        }
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[])"
                " AS wanted(name, value) JOIN pg_settings USING (name)",
                [list(settings), list(settings.values())],
            )

    def _apply(self) -> None:
        if self._wanted:
            for connection in self._open():
                self._prepare(connection)

    def _open(self) -> list[BaseDatabaseWrapper]:
        found = connections.all(initialized_only=True)
        return [c for c in found if c.vendor == "postgresql" and c.connection]
