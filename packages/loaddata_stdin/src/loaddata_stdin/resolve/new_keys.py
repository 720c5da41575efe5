"""Give objects the primary keys that the database would give them next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models

from loaddata_stdin.exceptions import ObjectIntegrityError
from loaddata_stdin.resolve.sequences import Sequences
from loaddata_stdin.stage.table import Table

__all__ = ["NewKeys"]


class _Keys(Table):
    """New keys by the owner of each."""

    def __init__(self, table: Table, key: str, owner: str, source: str) -> None:
        """Give one to each owner in a table that has none, in the order of the stream."""
        owners = (
            f"SELECT {owner} AS owner FROM {table.name} WHERE {key} IS NULL"  # noqa: S608
            f' GROUP BY {owner} ORDER BY MIN("#number")'
        )
        self.connection, self.problems = table.connection, table.problems
        self.name = self.new_name()
        self.execute(
            f"CREATE TEMPORARY TABLE {self.name} AS"  # noqa: S608
            f" SELECT owner, {source} AS next FROM ({owners}) AS n"
        )
        self.index("owner", is_long=True)
        self.analyze()


class NewKeys:
    """New primary keys of a model, none of which an object has already."""

    def __init__(
        self,
        model: type[models.Model],
        taken: Sequence[tuple[str, str]],
        sequences: Sequences,
    ) -> None:
        """Take where keys come from.

        Args:
            model: the model.
            taken: the tables and columns, quoted, with the keys that are not new.
            sequences: of the database.
        """
        self._model = model
        self._taken = taken
        self._sequences = sequences

    def take(self, table: Table, key: str, owner: str) -> None:
        """Give keys to the rows of a table that have none.

        Args:
            table: the table.
            key: the column of the keys, quoted.
            owner: a column, quoted; rows with the same in it get the same key.
        """
        [(count,)] = table.rows(
            f"SELECT COUNT(DISTINCT {owner}) FROM {table.name} WHERE {key} IS NULL"  # noqa: S608
        )
        if not count:
            return
        source = self.source(table, count)
        # A table, since SQLite has no index for a subquery and would look at all of it
        # for each row, and PostgreSQL may call nextval again for each.
        keys = _Keys(table, key, owner, source)
        table.execute(
            f"UPDATE {table.name} AS s SET {key} = n.next FROM {keys.name} AS n"  # noqa: S608
            f" WHERE s.{key} IS NULL AND s.{owner} = n.owner"
        )
        keys.drop()

    def source(self, table: Table, count: int) -> str:
        """Return the expression of a new key, for so many of them at most."""
        if table.connection.vendor == "postgresql":
            return self._of_sequence(table, count)
        # AUTOINCREMENT goes on after the largest key that there ever was.
        [(last,)] = table.rows(
            "SELECT MAX(seq) FROM sqlite_sequence WHERE name = %s",
            [self._model._meta.db_table],
        )
        return f"{max(last or 0, self._largest(table))} + ROW_NUMBER() OVER ()"

    def one(self, table: Table) -> Any:  # Any: an integer, or what a view makes of none
        """Return a new key.

        Args:
            table: any of the same database.

        Raises:
            ObjectIntegrityError: the database makes one that is taken.
        """
        key = table.rows(f"SELECT {self.source(table, 1)}")[0][0]
        is_own = self._sequences.default_of(self._model)
        for name, column in self._taken if is_own else ():
            if table.rows(f"SELECT 1 FROM {name} WHERE {column} = %s LIMIT 1", [key]):  # noqa: S608
                message = f"the database gives a new row the key {key}, which is taken."
                raise ObjectIntegrityError(message)
        return key

    def _of_sequence(self, table: Table, count: int) -> str:
        """Return the expression of a new key of a sequence."""
        sequence = self._sequences.of(self._model)
        if not sequence:
            default = self._sequences.default_of(self._model)
            return default or "CAST(NULL AS bigint)"  # It is for a trigger to know.
        first, largest = sequence.first, self._largest(table)
        is_clear = first > largest or not any(
            table.rows(
                f"SELECT 1 FROM {name} WHERE {key} >= {first}"  # noqa: S608
                f" AND {key} < {first + count} LIMIT 1"
            )
            for name, key in self._taken
        )
        start = first if is_clear else largest + 1
        if sequence.is_read_only:
            return f"{start - 1} + ROW_NUMBER() OVER ()"
        if not is_clear:
            # Django is refused here: rows with keys of their own move no sequence.
            sequence.go_to(start)
        return sequence.expression

    def _largest(self, table: Table) -> int:
        found = [
            table.rows(f"SELECT MAX({key}) FROM {name}")[0][0]  # noqa: S608
            for name, key in self._taken
        ]
        return max(0, *(key or 0 for key in found))
