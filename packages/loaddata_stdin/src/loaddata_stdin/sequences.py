"""Keep the sequences where they are in a dry run."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["Sequences"]


class Sequences:
    """Lets keys be taken from sequences in a transaction that is rolled back.

    `nextval` and `setval` survive a rollback, but not after `ALTER SEQUENCE ... RESTART`
    in the same transaction. It makes others wait who insert into the table, so it is
    done as late as can be, and in a dry run only.
    """

    def __init__(self, connection: BaseDatabaseWrapper, *, is_needed: bool) -> None:
        """Hold none yet."""
        self._connection = connection
        self._is_needed = is_needed and connection.vendor == "postgresql"
        self._held: set[type[models.Model]] = set()

    def hold(self, model: type[models.Model]) -> None:
        """Let the sequence of a model's primary key be rolled back."""
        if not self._is_needed or model in self._held:
            return
        self._held.add(model)
        key: Any = model._meta.pk  # Any: the stubs let it be None
        if key.column is None:  # Of a primary key of several columns
            return
        quote = self._connection.ops.quote_name
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_serial_sequence(%s, %s)",
                [quote(model._meta.db_table), key.column],
            )
            [name] = cursor.fetchone()
            if not name:
                return
            # Quoted by the server.
            cursor.execute(f"SELECT last_value, is_called FROM {name}")  # noqa: S608
            last, is_called = cursor.fetchone()
            # last_value, so that the first key is the one that would come.
            cursor.execute(f"ALTER SEQUENCE {name} RESTART WITH {last + is_called}")

    def hold_all(self, model: type[models.Model]) -> None:
        """Let the sequences be rolled back that saving an object takes keys from."""
        self.hold(model)
        for field in model._meta.local_many_to_many:
            through: Any = field.remote_field.through
            self.hold(through)
