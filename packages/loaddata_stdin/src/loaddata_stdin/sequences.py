"""Keep the sequences where they are in a dry run, and off keys that are taken."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.exceptions import LoaddataStdinError

__all__ = ["Sequence", "Sequences"]


class Sequence:
    """The sequence of a model's primary key.

    Attributes:
        is_read_only: whether it must stay where it is.
    """

    def __init__(
        self, connection: BaseDatabaseWrapper, name: str, *, is_read_only: bool
    ) -> None:
        """Take its name, quoted by the server."""
        self._connection = connection
        self._name = name
        self.is_read_only = is_read_only

    @property
    def first(self) -> int:
        """Return the key that comes next."""
        may_read = "SELECT has_sequence_privilege(%s, 'SELECT')::int"
        if self._asked(may_read, [self._name]):
            step = "CASE WHEN is_called THEN 1 ELSE 0 END"
            return self._asked(f"SELECT last_value + {step} FROM {self._name}")  # noqa: S608
        # Whoever may only use it is not told of a restart.
        sql = (
            "SELECT COALESCE(pg_sequence_last_value(seqrelid) + 1, seqstart)"
            " FROM pg_sequence WHERE seqrelid = %s::regclass"
        )
        return self._asked(sql, [self._name])

    @property
    def expression(self) -> str:
        """Return the expression that takes a key."""
        name = self._name.replace("'", "''").replace("%", "%%")
        return f"nextval('{name}')"

    def go_to(self, key: int) -> None:
        """Let a key be the next one."""
        self._asked("SELECT setval(%s::regclass, %s, false)", [self._name, key])

    def hold(self, key: int) -> None:
        """Let it be rolled back from here on, with the next key.

        Raises:
            LoaddataStdinError: it belongs to somebody else.
        """
        sql = f"ALTER SEQUENCE {self._name} RESTART WITH {key}"
        alias = self._connection.alias
        try:
            with transaction.atomic(alias), self._connection.cursor() as cursor:
                cursor.execute(sql)
        except DatabaseError as error:
            message = (
                f"--dry-run: only its owner can keep the sequence {self._name} where it"
                " is while objects are saved one by one; ask the owner, or load them"
                " into a copy."
            )
            raise LoaddataStdinError(message) from error
        self.is_read_only = False

    def _asked(
        self, sql: str, params: list[Any] | None = None
    ) -> int:  # Any: of a query
        with self._connection.cursor() as cursor:
            cursor.execute(sql, params)
            [value] = cursor.fetchone()
        return int(value)


class Sequences:
    """The sequences of a load.

    `nextval` and `setval` survive a rollback. So in a dry run keys are counted on from
    the sequence, which is only read. What is saved one by one takes keys from it all the
    same: then it is restarted within the transaction, after which both are rolled back.
    That makes others wait who insert into the table, so it is done as late as can be.
    """

    def __init__(self, connection: BaseDatabaseWrapper, *, is_dry_run: bool) -> None:
        """Look for none yet."""
        self._connection = connection
        self._is_dry_run = is_dry_run
        self._found: dict[type[models.Model], Sequence | None] = {}

    def of(self, model: type[models.Model]) -> Sequence | None:
        """Return the sequence of a model's primary key; None: it has none."""
        if model not in self._found:
            self._found[model] = self._sequence(model)
        return self._found[model]

    def _sequence(self, model: type[models.Model]) -> Sequence | None:
        key: Any = model._meta.pk  # Any: the stubs let it be None
        if self._connection.vendor != "postgresql" or key.column is None:
            return None
        quote = self._connection.ops.quote_name
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_serial_sequence(%s, %s)",
                [quote(model._meta.db_table), key.column],
            )
            [name] = cursor.fetchone()
        if not name:
            return None
        return Sequence(self._connection, name, is_read_only=self._is_dry_run)

    def hold(self, model: type[models.Model]) -> None:
        """Let the sequences be rolled back that saving an object takes keys from.

        Raises:
            LoaddataStdinError: one belongs to somebody else.
        """
        fields: Any = model._meta.local_many_to_many  # Any: of no type in the stubs
        through = [field.remote_field.through for field in fields]
        for each in (model, *through) if self._is_dry_run else ():
            sequence = self.of(each)
            if sequence and sequence.is_read_only:
                sequence.hold(max(sequence.first, self._largest(each) + 1))

    def _largest(self, model: type[models.Model]) -> int:
        found: Any = models.QuerySet(model=model, using=self._connection.alias)
        return max(0, found.aggregate(largest=models.Max("pk"))["largest"] or 0)
