"""Staging tables: temporary tables that hold what a stream will write."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.exceptions import ObjectIntegrityError, ObjectValueError
from loaddata_stdin.target import Target

__all__ = ["ALL", "LATE", "NOT_LATE", "Place", "Stage", "Table", "explained"]

# Any in this module: rows of any values, and fields.

# What waits for a later object, and what waited before and is looked at again.
LATE, AGAIN = 2, 1
# A condition on the rows of a statement that others can take the place of.
ALL = "1 = 1"
NOT_LATE = f'(s."#late" IS NULL OR s."#late" <> {LATE})'

_numbers = itertools.count(1)
_META = {
    "#number": "bigint",
    "#line": "integer",
    "#column": "integer",
    "#late": "integer",
}
_COPY_LINE = re.compile(r"^COPY \S+, line (\d+)(?:, column ([^:]+))?", re.MULTILINE)


class Place:
    """Where an object stands in the stream, for a message."""

    def __init__(self, label: str, row: Sequence[Any]) -> None:
        """Take the number, the line, the column and perhaps the key from a row."""
        self._label = label
        self._number, self._line, self._column, *key = row
        self._pk = "" if not key or key[0] in {None, "\\N"} else f" pk={key[0]}"

    def __str__(self) -> str:
        return (
            f"line {self._line}, column {self._column}, object {self._number}"
            f" ({self._label}{self._pk})"
        )


class Table:
    """A temporary table with the columns of another one, none of them required.

    Attributes:
        name: quoted.
        key: the column that names an object in messages, quoted.
        label: of the model, for messages.
    """

    key: str
    label: str

    def __init__(
        self, connection: BaseDatabaseWrapper, table: str, columns: dict[str, str]
    ) -> None:
        """Create it.

        Args:
            connection: of the database.
            table: the name of the other one.
            columns: their names; with a type, where they are not of the other one.
        """
        self.connection = connection
        self.name = self.quote(f"loaddata_stdin_{next(_numbers)}")
        quoted = {self.quote(name): kind for name, kind in columns.items()}
        cells = ", ".join(
            f"CAST(NULL AS {kind}) AS {name}" if kind else f"t.{name}"
            for name, kind in quoted.items()
        )
        self.execute(
            f"CREATE TEMPORARY TABLE {self.name} AS SELECT {cells}"  # noqa: S608
            f" FROM {self.quote(table)} AS t WHERE 1 = 0"
        )

    def quote(self, name: str) -> str:
        """Return a name for `execute` and `rows`, where a percent sign stands twice."""
        quoted: str = self.connection.ops.quote_name(name)
        return quoted.replace("%", "%%")

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement; return how many rows it touched."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            count: int = cursor.rowcount
            return count

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a query."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            found: list[Any] = cursor.fetchall()
            return found

    def place(self, where: str, params: Sequence[Any] = ()) -> Place | None:
        """Return the place of the first object for which a condition on `s` holds."""
        found = self.rows(
            'SELECT s."#number", s."#line", s."#column",'  # noqa: S608
            f" s.{self.key} FROM {self.name} AS s WHERE {where}"
            ' ORDER BY s."#number" LIMIT 1',
            params,
        )
        return Place(self.label, found[0]) if found else None

    def broken(self, field: Any) -> Place | None:
        """Return the place of an object whose foreign key leads to no row."""
        column, wanted = self.quote(field.column), field.target_field
        table = self.quote(wanted.model._meta.db_table)
        return self.place(
            f"s.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} AS t"  # noqa: S608
            f" WHERE t.{self.quote(wanted.column)} = s.{column})"
        )

    def drop(self) -> None:
        """Drop the table."""
        self.execute(f"DROP TABLE {self.name}")

    def send(self, columns: list[str], rows: list[Any]) -> None:
        """Add rows, as the dialect of the database makes them."""
        names = ", ".join(map(self.quote, columns))
        with self.connection.cursor() as cursor:
            if self.connection.vendor != "postgresql":
                cells = ", ".join(["%s"] * len(columns))
                insert = f"INSERT INTO {self.name} ({names}) VALUES ({cells})"  # noqa: S608
                cursor.executemany(insert, rows)
                return
            # The driver takes it as it is.
            sql = f"COPY {self.name} ({names}) FROM STDIN".replace("%%", "%")
            raw: Any = cursor.cursor  # The driver's: Django has no COPY.
            with self.connection.wrap_database_errors:
                if hasattr(raw, "copy_expert"):
                    raw.copy_expert(sql, io.StringIO("".join(rows)))
                    return
                with raw.copy(sql) as copy:
                    copy.write("".join(rows))


class Stage(Table):
    """The objects of one model.

    Attributes:
        target: the table that they go to.
        written: the number of the last one that was there at the last writing.
        has_keyless: whether one of them has no key in the stream.
        is_sorted: whether their keys only rise, so that none comes twice.
        largest: of their keys, as long as these only rise.
    """

    def __init__(self, connection: BaseDatabaseWrapper, target: Target) -> None:
        """Create the table."""
        self.target = target
        self.written = 0
        self.is_sorted, self.has_keyless = True, False
        self.largest = -1
        columns = dict(_META)
        if target.natural and target.natural.fields:
            columns["#key"] = "text"
        columns.update((f"#{field.column}", "text") for field in target.references)
        columns.update((field.column, "") for field in target.fields)
        super().__init__(connection, target.model._meta.db_table, columns)
        self.keys = [self.quote(field.column) for field in target.keys]
        self.key = self.keys[0]
        self.label = target.model._meta.label_lower
        if connection.vendor == "postgresql":
            self._set_defaults()

    def _set_defaults(self) -> None:
        """Give the columns that may be left out what their table has for them."""
        table = self.connection.ops.quote_name(self.target.model._meta.db_table)
        for field in self.target.fields:
            if not field.has_db_default():
                continue
            [(default,)] = self.rows(
                "SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d"
                " JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
                " WHERE d.adrelid = %s::regclass AND a.attname = %s",
                [table, field.column],
            )
            column = self.quote(field.column)
            default = default.replace("%", "%%")
            self.execute(
                f"ALTER TABLE {self.name} ALTER COLUMN {column} SET DEFAULT {default}"
            )

    def see(self, key: Any) -> None:
        """Keep in mind a key that is no number, or none that is the largest so far."""
        self.is_sorted = False
        self.has_keyless |= key is None

    @property
    def ready(self) -> str:
        """Return the condition on `s` for what is to be written now."""
        if not self.written:
            return NOT_LATE
        return f'(s."#number" > {self.written} OR s."#late" = {AGAIN}) AND {NOT_LATE}'

    def send(self, columns: list[str], rows: list[Any]) -> None:
        """Add rows.

        Raises:
            ObjectValueError: the database does not take a value.
        """
        try:
            super().send(columns, rows)
        except (DatabaseError, OverflowError) as error:
            raise self._refusal(error, columns, rows) from error

    def _refusal(
        self, error: Exception, columns: list[str], rows: list[Any]
    ) -> ObjectValueError:
        diagnosis = getattr(error.__cause__, "diag", None)
        match = _COPY_LINE.search(getattr(diagnosis, "context", None) or "")
        if not match:
            return ObjectValueError(f"{self.label}: {explained(error)}")
        cells = rows[int(match[1]) - 1].rstrip("\n").split("\t")
        key = columns.index(self.target.keys[0].column)
        place = Place(self.label, [*cells[:3], cells[key]])
        fields = {field.column: field.name for field in self.target.fields}
        what = f"field {fields[match[2]]}: " if match[2] in fields else ""
        return ObjectValueError(f"{place}, {what}{explained(error)}")

    @contextmanager
    def blaming(self, statement: str) -> Iterator[None]:
        """Name the object for which the statement in the block fails.

        Args:
            statement: the same; ALL in it gives way to a condition on `s`.

        Raises:
            ObjectIntegrityError: it failed.
        """
        using = self.connection.alias
        try:
            with transaction.atomic(using=using):
                yield
        except DatabaseError as error:
            place = self._first_failing(statement)
            message = f"{place or self.label}: {explained(error)}"
            raise ObjectIntegrityError(message) from error

    def _first_failing(self, statement: str) -> Place | None:
        """Find by halves how many objects the statement takes before it fails."""
        [(low, high)] = self.rows(
            f'SELECT MIN("#number"), MAX("#number") FROM {self.name}'  # noqa: S608
        )
        while low < high:
            middle = (low + high) // 2
            if self._fails(statement.replace(ALL, f's."#number" <= {middle}')):
                high = middle
            else:
                low = middle + 1
        return self.place(f's."#number" = {high}')

    def _fails(self, statement: str) -> bool:
        try:
            with transaction.atomic(using=self.connection.alias):
                self.execute(statement)
                transaction.set_rollback(True, using=self.connection.alias)
        except DatabaseError:
            return True
        return False


def explained(error: Exception) -> str:
    """Return what a database says in one line."""
    return " ".join(str(error).split()) or type(error).__name__
