"""Staging tables: temporary tables that hold what a stream will write."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.diagnosis import Diagnosis
from loaddata_stdin.objects import Place
from loaddata_stdin.problems import Problems
from loaddata_stdin.target import Target

__all__ = ["AGAIN", "ALL", "LATE", "NOT_LATE", "UNIQUE", "Stage", "Table"]

# Any in this module: rows of any values, and fields.

# What waits for a later object, and what waited before and is looked at again.
LATE, AGAIN = 2, 1
# A condition on the rows of a statement that others can take the place of.
ALL = "1 = 1"
UNIQUE = "23505"  # The SQLSTATE
NOT_LATE = f'(s."#late" IS NULL OR s."#late" <> {LATE})'

_numbers = itertools.count(1)
_META = {
    "#number": "bigint",
    "#line": "integer",
    "#column": "integer",
    "#late": "integer",
}


class Table:
    """A temporary table with the columns of another one, none of them required.

    Attributes:
        name: quoted.
        key: the column that names an object in messages, quoted.
        key_column: the same as it is.
        label: of the model, for messages.
        problems: what takes those that objects have.
    """

    key: str
    key_column: str
    label: str

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        table: str,
        columns: dict[str, str],
        problems: Problems,
    ) -> None:
        """Create it.

        Args:
            connection: of the database.
            table: the name of the other one.
            columns: their names; with a type, where they are not of the other one.
            problems: what takes those that objects have.
        """
        self.problems = problems
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
        return next(iter(self.places(where, params, limit=1)), None)

    def places(
        self, where: str, params: Sequence[Any] = (), *, limit: int
    ) -> list[Place]:
        """Return the places of objects for which a condition on `s` holds."""
        found = self.rows(
            'SELECT DISTINCT s."#number", s."#line", s."#column",'  # noqa: S608
            f" s.{self.key} FROM {self.name} AS s WHERE {where}"
            f' ORDER BY s."#number" LIMIT {limit}',
            params,
        )
        return [Place(n, line, c, self.label, pk) for n, line, c, pk in found]

    def value(self, column: str, where: str) -> Any:
        """Return what an object for which a condition on `s` holds has in a column."""
        [(value,)] = self.rows(
            f"SELECT s.{self.quote(column)} FROM {self.name} AS s WHERE {where} LIMIT 1"  # noqa: S608
        )
        return value

    def broken(self, field: Any) -> str:
        """Return the condition on `s` that its foreign key leads to no row."""
        column, wanted = self.quote(field.column), field.target_field
        table = self.quote(wanted.model._meta.db_table)
        return (
            f"s.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {table} AS t"  # noqa: S608
            f" WHERE t.{self.quote(wanted.column)} = s.{column})"
        )

    def refuse(self, number: int, error: DatabaseError) -> None:
        """Take the problem of an object, and the object away.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        self.problems.refuse(self.place(f's."#number" = {number}'), error)
        self.remove(f's."#number" = {number}')

    def remove(self, where: str) -> None:
        """Take away the objects for which a condition on `s` holds."""
        self.execute(f"DELETE FROM {self.name} AS s WHERE {where}")  # noqa: S608

    def drop(self) -> None:
        """Drop the table."""
        self.execute(f"DROP TABLE {self.name}")

    def field_names(self, column: str) -> list[str]:
        """Return the name of the field that a column belongs to, if to any."""
        raise NotImplementedError

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

    def __init__(
        self, connection: BaseDatabaseWrapper, target: Target, problems: Problems
    ) -> None:
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
        super().__init__(connection, target.model._meta.db_table, columns, problems)
        self.keys = [self.quote(field.column) for field in target.keys]
        self.key_column = target.keys[0].column
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

    def field_names(self, column: str) -> list[str]:
        """Return the name of the field that a column belongs to, if to any."""
        return [f.name for f in self.target.fields if f.column == column]

    def refuse(self, number: int, error: DatabaseError) -> None:
        """Take the problem of an object, with its fields, and the object away."""
        diagnosis = Diagnosis(error)
        fields = diagnosis.fields(self.target.model)
        hint = diagnosis.meaning(self.target.model)
        if diagnosis.state == UNIQUE and (other := self._same(number, fields)):
            hint += f"; {self.problems.secrets.shown(other)} has it, too"
        place = self.place(f's."#number" = {number}')
        self.problems.refuse(
            place, error, fields=[field.name for field in fields], hint=hint
        )
        self.remove(f's."#number" = {number}')

    def twin(self, fields: Sequence[Any]) -> str:
        """Return the condition on `s` that another row has the same values."""
        columns = [self.quote(field.column) for field in fields]
        if not columns:
            return "1 = 0"
        same = " AND ".join(f"t.{column} = s.{column}" for column in columns)
        own = " AND ".join(f"t.{key} = s.{key}" for key in self.keys)
        table = self.quote(self.target.model._meta.db_table)
        return f"EXISTS (SELECT 1 FROM {table} AS t WHERE {same} AND NOT ({own}))"  # noqa: S608

    def _same(self, number: int, fields: Sequence[Any]) -> Place | None:
        """Return the place of another object with the same values."""
        columns = [self.quote(field.column) for field in fields]
        same = " AND ".join(f"o.{column} = s.{column}" for column in columns)
        if not same:
            return None
        return self.place(
            f's."#number" <> {number} AND EXISTS (SELECT 1 FROM {self.name} AS o'  # noqa: S608
            f' WHERE o."#number" = {number} AND {same})'
        )
