"""Staging tables: temporary tables that hold what a stream will write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.model.target import Target
from loaddata_stdin.objects import Place
from loaddata_stdin.problems.diagnosis import Diagnosis
from loaddata_stdin.problems.problems import Problems
from loaddata_stdin.stage.table import Table

__all__ = ["AGAIN", "ALL", "LATE", "NOT_LATE", "UNIQUE", "WAITS", "Stage"]

# Any in this module: rows of any values, and fields.

# What waits for a later object, and what waited before and is looked at again.
LATE, AGAIN = 2, 1
# A condition on the rows of a statement that others can take the place of.
ALL = "1 = 1"
UNIQUE = "23505"  # The SQLSTATE
WAITS = f's."#late" IN ({LATE}, {AGAIN})'
NOT_LATE = f'(s."#late" IS NULL OR s."#late" <> {LATE})'

_META = {
    "#number": "bigint",
    "#line": "integer",
    "#column": "integer",
    "#late": "integer",
    "#same": "integer",
}


class Stage(Table):
    """The objects of one model.

    Attributes:
        target: the table that they go to.
        written: the number of the last one that was there at the last writing.
        found: the number of the last one whose row was looked for by --key.
        is_partial: whether only what its objects list is written.
        has_keyless: whether one of them has no key in the stream.
        is_sorted: whether their keys only rise, so that none comes twice.
        largest: of their keys, as long as these only rise.
    """

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        target: Target,
        problems: Problems,
        more: Mapping[str, str] | None = None,
    ) -> None:
        """Create the table.

        Args:
            connection: of the database.
            target: where the objects go to.
            problems: what takes those that objects have.
            more: further columns, with their types.
        """
        self.target = target
        self.is_partial = "#listed" in (more or {})
        self.written = self.found = 0
        self.is_sorted, self.has_keyless = True, False
        self.largest = -1
        self._is_indexed = False
        columns = {**_META, **(more or {})}
        if target.natural and target.natural.fields:
            columns["#key"] = "text"
        if target.makes_keys:
            columns["#made"] = "integer"
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
            found = self.rows(
                "SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d"
                " JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum"
                " WHERE d.adrelid = %s::regclass AND a.attname = %s",
                [table, field.column],
            )
            column = self.quote(field.column)
            for (default,) in found:  # There may be none, as that of a view.
                default = default.replace("%", "%%")
                self.execute(
                    f"ALTER TABLE {self.name} ALTER COLUMN {column} SET DEFAULT {default}"
                )

    def index_keys(self) -> None:
        """Let objects be found by their primary keys, and by their natural keys."""
        if not self._is_indexed:
            self._is_indexed = True
            self.index(*self.keys, is_long=True)
            if self.target.natural and self.target.natural.fields:
                self.index('"#key"', is_long=True)

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

    @property
    def same_key(self) -> str:
        """Return the condition on `s` and a row `t` of the table that they are one."""
        return " AND ".join(f"t.{key} = s.{key}" for key in self.keys)

    @property
    def is_there(self) -> str:
        """Return the condition on `s` that its row is there already."""
        table = self.quote(self.target.model._meta.db_table)
        return f"EXISTS (SELECT 1 FROM {table} AS t WHERE {self.same_key})"  # noqa: S608

    def field_names(self, column: str) -> list[str]:
        """Return the name of the field that a column belongs to, if to any."""
        return [f.name for f in self.target.fields if f.column == column]

    def lists(self, field: Any) -> str:
        """Return the expression on `s` that is '1' where an object lists a field."""
        return f'substr(s."#listed", {self.target.fields.index(field) + 1}, 1)'

    def value(self, field: Any) -> str:
        """Return the expression on `s`, and on its row `t`, of what a field gets."""
        column = self.quote(field.column)
        if not self.is_partial:
            return f"s.{column}"
        return f"CASE {self.lists(field)} WHEN '1' THEN s.{column} ELSE t.{column} END"

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
