"""Keep the sequences where they are in a dry run, and off keys that are taken."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.stage import Stage

__all__ = ["Sequences", "skip_taken"]


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


def skip_taken(stage: Stage, key: str, owner: str) -> None:
    """Let a sequence of PostgreSQL go on behind keys that it would come to.

    It knows nothing of keys that came with a value: one of another object of the stream
    would make the two the same row, one of the table would take the row.

    Args:
        stage: holds the objects.
        key: the column of the primary key, quoted.
        owner: the column by which objects without a key share one, quoted.
    """
    table = stage.quote(stage.target.model._meta.db_table)
    [(wanted, name)] = stage.rows(
        f"SELECT COUNT(DISTINCT {owner}), pg_get_serial_sequence(%s, %s)"  # noqa: S608
        f" FROM {stage.name} WHERE {key} IS NULL",
        [table.replace("%%", "%"), stage.target.keys[0].column],
    )
    if not wanted or not name:
        return
    # Quoted by the server.
    [(first, step)] = stage.rows(
        "SELECT s.last_value + s.is_called::integer, p.seqincrement"  # noqa: S608
        f" FROM {name.replace('%', '%%')} AS s, pg_sequence AS p"
        " WHERE p.seqrelid = %s::regclass",
        [name],
    )
    taken = stage.rows(
        f"SELECT 1 FROM (SELECT {key} FROM {stage.name}"  # noqa: S608
        f" UNION ALL SELECT {key} FROM {table}) AS k"
        f" WHERE {key} BETWEEN %s AND %s LIMIT 1",
        [first, first + (wanted - 1) * step],
    )
    if taken:
        stage.execute(
            f"SELECT setval(%s, GREATEST((SELECT MAX({key}) FROM {stage.name}),"  # noqa: S608
            f" (SELECT MAX({key}) FROM {table})))",
            [name],
        )
