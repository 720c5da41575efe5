"""A temporary table with the columns of another one."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.objects import Place
from loaddata_stdin.problems.problems import Problems

__all__ = ["Table"]

# Any in this module: rows of any values, and fields.

_numbers = itertools.count(1)


class Table:
    """A temporary table with the columns of another one, none of them required.

    Attributes:
        name: quoted.
        key: the column that names an object in messages, quoted.
        key_column: the same as it is.
        label: of the model, for messages.
        problems: what takes those that objects have.
        sending: what was sent last, and may not have been taken yet.
        may_wait: whether objects may wait for later ones.
        may_send_ahead: whether rows may be sent that are not waited for.
    """

    may_wait = False
    may_send_ahead = False
    key: str
    key_column: str
    label: str
    sending: Any = None

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
        self.name = self.new_name()
        quoted = {self.quote(name): kind for name, kind in columns.items()}
        cells = ", ".join(
            f"CAST(NULL AS {kind}) AS {name}" if kind else f"t.{name}"
            for name, kind in quoted.items()
        )
        self.execute(
            f"CREATE TEMPORARY TABLE {self.name} AS SELECT {cells}"  # noqa: S608
            f" FROM {self.quote(table)} AS t WHERE 1 = 0"
        )

    def new_name(self) -> str:
        """Return a name that nothing else has, quoted."""
        return self.quote(f"loaddata_stdin_{next(_numbers)}")

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

    def count_where(self, where: str) -> int:
        """Return for how many rows a condition on `s` holds."""
        [(count,)] = self.rows(f"SELECT COUNT(*) FROM {self.name} AS s WHERE {where}")  # noqa: S608
        return int(count)

    def cell(self, column: str, where: str) -> Any:
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

    def refuse_where(self, where: str, what: str, error: Exception) -> None:
        """Refuse the objects for which a condition on `s` holds.

        Args:
            where: the condition.
            what: is wrong with each of them.
            error: of the kind that is raised for it.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        places = self.places(where, limit=self.problems.most)
        for place in places:
            self.problems.add(place, what, error)
        if places:
            self.remove(where)

    def remove(self, where: str) -> None:
        """Take away the objects for which a condition on `s` holds."""
        self.execute(f"DELETE FROM {self.name} AS s WHERE {where}")  # noqa: S608

    def index(self, *columns: str, is_long: bool = False) -> None:
        """Let rows be found by columns.

        Args:
            columns: quoted.
            is_long: whether they may hold more than a page takes.
        """
        using = ""
        if is_long and self.connection.vendor == "postgresql":
            using, columns = " USING hash", columns[:1]
        name = self.quote(f"loaddata_stdin_{next(_numbers)}")
        self.execute(
            f"CREATE INDEX {name} ON {self.name}{using} ({', '.join(columns)})"
        )

    def analyze(self) -> None:
        """Let the planner look at it: it knows nothing of a table that is new."""
        if self.connection.vendor == "postgresql":
            self.execute(f"ANALYZE {self.name}")

    def drop(self) -> None:
        """Drop the table."""
        self.execute(f"DROP TABLE {self.name}")

    def field_names(self, column: str) -> list[str]:
        """Return the name of the field that a column belongs to, if to any."""
        return []

    def send(self, columns: list[str], rows: list[Any]) -> None:
        """Add rows, as the dialect of the database makes them."""
        with ExitStack() as stack:
            self.begin(stack, columns, rows)

    def begin(self, stack: ExitStack, columns: list[str], rows: list[Any]) -> None:
        """Add rows; with psycopg 3 the server has them only when the stack closes."""
        names = ", ".join(map(self.quote, columns))
        cursor = stack.enter_context(self.connection.cursor())
        if self.connection.vendor != "postgresql":
            cells = ", ".join(["%s"] * len(columns))
            insert = f"INSERT INTO {self.name} ({names}) VALUES ({cells})"  # noqa: S608
            cursor.executemany(insert, rows)
            return
        # The driver takes it as it is.
        sql = f"COPY {self.name} ({names}) FROM STDIN".replace("%%", "%")
        raw: Any = cursor.cursor  # The driver's: Django has no COPY.
        stack.enter_context(self.connection.wrap_database_errors)
        if hasattr(raw, "copy_expert"):
            raw.copy_expert(sql, io.StringIO("".join(rows)))
        else:
            stack.enter_context(raw.copy(sql)).write("".join(rows))
