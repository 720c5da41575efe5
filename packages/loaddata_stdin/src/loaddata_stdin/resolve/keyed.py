"""Give objects the primary keys of the rows that --key finds, or new ones."""

from __future__ import annotations

from loaddata_stdin.exceptions import ObjectIntegrityError, ObjectValueError
from loaddata_stdin.model.natural_keys import is_unique
from loaddata_stdin.resolve.new_keys import NewKeys
from loaddata_stdin.resolve.sequences import Sequences
from loaddata_stdin.resolve.stream_keys import LocalKeys
from loaddata_stdin.stage.objects import NOT_LATE, Stage
from loaddata_stdin.stage.table import Table

__all__ = ["take"]


def take(stage: Stage, known: LocalKeys, sequences: Sequences, number: int) -> None:
    """Give the objects of a model the primary keys of their rows, or new ones.

    Args:
        stage: the objects.
        known: what those of the stream have got so far.
        sequences: of new keys.
        number: of the last object that has been sent.

    Raises:
        ObjectLoadError: fields are null, or two rows have the same in them.
    """
    key = stage.key
    stage.execute(
        f'UPDATE {stage.name} SET "#local" = {key}, {key} = NULL'  # noqa: S608
        f' WHERE "#number" > {stage.found}'
    )
    known.declare(stage)
    stage.found = number
    _refuse(stage, known)
    groups = _Groups(stage, known)
    groups.find_rows()
    groups.keep_free()
    groups.take_next(sequences)
    known.take(stage, groups)
    stage.execute(
        f'UPDATE {stage.name} AS s SET {key} = g."#real" FROM {groups.name} AS g'  # noqa: S608
        f" WHERE s.{key} IS NULL AND {NOT_LATE} AND {known.same('g', 's')}"
    )
    stage.analyze()
    groups.drop()


def _refuse(stage: Stage, known: LocalKeys) -> None:
    waits = f"s.{stage.key} IS NULL AND {NOT_LATE}"
    for field in known.fields:
        what = f"field {field.name}: it is null, and part of --key."
        where = f"{waits} AND s.{stage.quote(field.column)} IS NULL"
        stage.refuse_where(where, what, ObjectValueError())
    if is_unique(known.model, known.fields):
        return
    table = stage.quote(stage.target.model._meta.db_table)
    # Joined and grouped: a subquery of each object would look at each row.
    many = (
        f'SELECT s."#number" FROM {stage.name} AS s JOIN {table} AS t'  # noqa: S608
        f' ON {known.same("t", "s")} WHERE {waits} GROUP BY s."#number"'
        " HAVING COUNT(*) > 1"
    )
    names = ", ".join(field.name for field in known.fields)
    what = f"more than one row has its {names}, which --key names."
    stage.refuse_where(f's."#number" IN ({many})', what, ObjectIntegrityError())


class _Groups(Table):
    """The objects of a staging table that have no primary key, those alike as one."""

    def __init__(self, stage: Stage, known: LocalKeys) -> None:
        """Take them from the staging table."""
        table = stage.target.model._meta.db_table
        kind = known.kind
        names = [field.column for field in known.fields]
        columns = {"#number": "bigint", "#local": kind, "#real": kind}
        columns.update(dict.fromkeys(names, ""))
        super().__init__(stage.connection, table, columns, stage.problems)
        self._stage, self._known = stage, known
        self._rows = self.quote(table)
        quoted = ", ".join(map(self.quote, names))
        firsts = (
            f'SELECT s.*, ROW_NUMBER() OVER (PARTITION BY {quoted} ORDER BY "#number")'  # noqa: S608
            f" AS nth FROM {stage.name} AS s WHERE s.{stage.key} IS NULL AND {NOT_LATE}"
        )
        self.execute(
            f'INSERT INTO {self.name} SELECT "#number", "#local", NULL, {quoted}'  # noqa: S608
            f" FROM ({firsts}) AS s WHERE nth = 1"
        )
        self.index(*map(self.quote, names), is_long=True)
        self.index('"#local"')
        self.index('"#real"')
        self.analyze()

    def find_rows(self) -> None:
        """Give them the keys of their rows, or of objects of the stream before them."""
        sources = (
            (self._rows, self._stage.key, "1 = 1"),
            (self._known.name, '"#real"', 't."#real" IS NOT NULL'),
        )
        for table, key, where in sources:
            self.execute(
                f'UPDATE {self.name} AS g SET "#real" = t.{key} FROM {table} AS t'  # noqa: S608
                f' WHERE g."#real" IS NULL AND {where} AND {self._known.same("t", "g")}'
            )

    def keep_free(self) -> None:
        """Give new rows the keys that the stream has for them, where they are free."""
        free = " AND ".join(
            f'NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.{key} = g."#local")'  # noqa: S608
            for table, key in self._taken()
        )
        self.execute(
            f'UPDATE {self.name} SET "#real" = "#local" WHERE "#number" IN'  # noqa: S608
            f' (SELECT MIN(g."#number") FROM {self.name} AS g WHERE g."#real" IS NULL'
            f' AND g."#local" IS NOT NULL AND {free} GROUP BY g."#local")'
        )

    def take_next(self, sequences: Sequences) -> None:
        """Give the others what the database would give them next."""
        if "AutoField" in self._stage.target.keys[0].get_internal_type():
            new = NewKeys(self._stage.target.model, self._taken(), sequences)
            new.take(self, '"#real"', '"#number"')
            return
        what = "its row is missing, and its primary key is not free."
        without = f'SELECT g."#number" FROM {self.name} AS g WHERE g."#real" IS NULL'  # noqa: S608
        self._stage.refuse_where(
            f's."#number" IN ({without})', what, ObjectIntegrityError()
        )

    def _taken(self) -> list[tuple[str, str]]:
        """Return the tables and columns of the keys that rows and other objects have."""
        return [
            (self._rows, self._stage.key),
            (self._known.name, '"#real"'),
            (self.name, '"#real"'),
        ]
