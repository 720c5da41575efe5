"""Keep the sequences where they are in a dry run, and off keys that are taken."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import DatabaseError, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.exceptions import LoaddataStdinError
from loaddata_stdin.problems.diagnosis import Diagnosis

__all__ = ["Sequence", "Sequences"]

_NOT_OWNED = "42501"  # The SQLSTATE of what the privileges do not allow
# The sequence that a column owns, its default, the sequence that this depends on, and
# the default that is nothing but the next of that.
_SOURCE = """
    SELECT pg_get_serial_sequence(%s, %s), pg_get_expr(d.adbin, d.adrelid),
        s.oid::regclass::text,
        'nextval(' || quote_literal(s.oid::regclass::text) || '::regclass)'
    FROM pg_attribute a
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN (pg_depend p JOIN pg_class s ON s.oid = p.refobjid AND s.relkind = 'S')
        ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
        AND p.refclassid = 'pg_class'::regclass
    WHERE a.attrelid = %s::regclass AND a.attname = %s
    LIMIT 1
"""


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
            if Diagnosis(error).state != _NOT_OWNED:
                raise
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


class _Source(NamedTuple):
    """Where a model's keys come from.

    Attributes:
        sequence: None: from none that can be told.
        default: an expression that is more than the next of the sequence.
    """

    sequence: Sequence | None
    default: str | None


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
        self._found: dict[type[models.Model], _Source] = {}

    def of(self, model: type[models.Model]) -> Sequence | None:
        """Return the sequence that keys of a model are taken from; None: there is none."""
        source = self._source(model)
        return None if source.default else source.sequence

    def default_of(self, model: type[models.Model]) -> str | None:
        """Return the default of a primary key that is more than the next of a sequence.

        Returns:
            An expression; None: it has no default, or that of a sequence, or Django
            lets none be used.
        """
        key: Any = model._meta.pk  # Any: the stubs let it be None
        is_automatic = "AutoField" in key.get_internal_type()
        return self._source(model).default if is_automatic else None

    def _source(self, model: type[models.Model]) -> _Source:
        if model not in self._found:
            self._found[model] = self._look(model)
        return self._found[model]

    def _look(self, model: type[models.Model]) -> _Source:
        key: Any = model._meta.pk  # Any: the stubs let it be None
        if self._connection.vendor != "postgresql" or key.column is None:
            return _Source(None, None)
        table = self._connection.ops.quote_name(model._meta.db_table)
        with self._connection.cursor() as cursor:
            cursor.execute(_SOURCE, [table, key.column, table, key.column])
            found = cursor.fetchone()
        # That there is no such column is for a later statement to say.
        owned, default, used, next_of_used = found or [None] * 4
        name = used if default else owned
        is_plain = default in {None, next_of_used}
        sequence = name and Sequence(
            self._connection, name, is_read_only=self._is_dry_run
        )
        return _Source(sequence, None if is_plain else default.replace("%", "%%"))

    def hold(self, model: type[models.Model]) -> None:
        """Let the sequences be rolled back that saving an object takes keys from.

        Raises:
            LoaddataStdinError: one belongs to somebody else.
        """
        fields: Any = model._meta.local_many_to_many  # Any: of no type in the stubs
        through = [field.remote_field.through for field in fields]
        for each in (model, *through) if self._is_dry_run else ():
            sequence, default = self._source(each)
            if sequence and sequence.is_read_only:
                key = sequence.first
                # What an expression makes of it cannot be known.
                sequence.hold(key if default else max(key, self._largest(each) + 1))

    def _largest(self, model: type[models.Model]) -> int:
        found: Any = models.QuerySet(model=model, using=self._connection.alias)
        return max(0, found.aggregate(largest=models.Max("pk"))["largest"] or 0)
