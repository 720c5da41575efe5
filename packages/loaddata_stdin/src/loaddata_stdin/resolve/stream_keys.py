"""Primary keys that mean something in a stream only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.django_private import python_keys
from loaddata_stdin.exceptions import ObjectIntegrityError
from loaddata_stdin.problems.problems import Problems
from loaddata_stdin.stage.objects import LATE, NOT_LATE, Stage
from loaddata_stdin.stage.table import Table

__all__ = ["LocalKeys"]

# Any in this module: models, and the values of fields.

TWICE = "another object has the same primary key and is not the same by --key."


class LocalKeys(Table):
    """The primary keys that the stream has for objects, and those that they have got.

    An object that waits for others may have got none yet. What it has got is known
    before it is written.

    Attributes:
        model: of the objects.
        fields: those that tell them from each other.
        kind: the type of the column of their primary key.
    """

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        model: Any,
        fields: Sequence[Any],
        problems: Problems,
    ) -> None:
        """Remember none yet."""
        kind = model._meta.pk.rel_db_type(connection)
        self.kind = kind
        columns = {"#local": kind, "#real": kind}
        columns.update((field.column, "") for field in fields)
        super().__init__(connection, model._meta.db_table, columns, problems)
        self.model, self.fields = model, fields
        self._key = model._meta.pk
        self._names = [self.quote(field.column) for field in fields]
        self.index('"#local"')
        self.index('"#real"')
        self.index(*self._names, is_long=True)

    def declare(self, stage: Stage) -> None:
        """Remember the objects of a staging table that wait for what tells them."""
        names = ", ".join(f"s.{name}" for name in self._names)
        self.execute(
            f'INSERT INTO {self.name} SELECT s."#local", s.{stage.key}, {names}'  # noqa: S608
            f' FROM {stage.name} AS s WHERE s."#local" IS NOT NULL'
            f' AND s."#number" > {stage.found} AND s."#late" = {LATE}'
        )

    def take(self, stage: Stage, groups: Table) -> None:
        """Remember what the objects of a staging table get.

        Args:
            stage: the objects that have no key yet.
            groups: what each gets, by the fields that tell it.

        Raises:
            LoaddataStdinError: the stream has one primary key for two of them.
        """
        names = ", ".join(f"s.{name}" for name in self._names)
        objects = f"{stage.name} AS s JOIN {groups.name} AS g ON {self.same('g', 's')}"
        wait = f"s.{stage.key} IS NULL AND {NOT_LATE}"
        self.execute(
            f'DELETE FROM {self.name} WHERE "#real" IS NULL AND "#local" IN'  # noqa: S608
            f' (SELECT s."#local" FROM {objects} WHERE {wait})'
        )
        self.execute(
            f'INSERT INTO {self.name} SELECT DISTINCT s."#local", g."#real", {names}'  # noqa: S608
            f" FROM {objects} WHERE {wait}"
        )
        self.analyze()
        other = (
            f'SELECT s."#number" FROM {objects} JOIN {self.name} AS l'  # noqa: S608
            f' ON l."#local" = s."#local" WHERE {wait} AND l."#real" <> g."#real"'
        )
        stage.refuse_where(f's."#number" IN ({other})', TWICE, ObjectIntegrityError())

    def same(self, one: str, other: str) -> str:
        """Return the condition that two tables have the same in the fields."""
        return " AND ".join(f"{one}.{name} = {other}.{name}" for name in self._names)

    def add(self, local: Any, real: Any, row: models.Model) -> None:
        """Remember the primary key of an object that is saved by itself.

        Args:
            local: the one in the stream; None: it has none.
            real: the one that it gets; None: that is not known yet.
            row: has the values that tell it.

        Raises:
            ObjectIntegrityError: the stream has it for another object, too.
        """
        known = self.known(local)
        if real is not None and any(each not in {None, real} for each in known):
            raise ObjectIntegrityError(TWICE)
        if None in known:
            self.execute(
                f'DELETE FROM {self.name} WHERE "#local" = %s AND "#real" IS NULL',  # noqa: S608
                [self._cell(local)],
            )
        values = [
            field.get_db_prep_save(getattr(row, field.attname), self.connection)
            for field in self.fields
        ]
        cells = [self._cell(local), self._cell(real), *values]
        marks = ", ".join(["%s"] * len(cells))
        self.execute(f"INSERT INTO {self.name} VALUES ({marks})", cells)  # noqa: S608

    def promised(self, row: models.Model) -> Any:
        """Return the primary key that an equal object of the stream gets, if there is one."""
        same = " AND ".join(f"l.{name} = %s" for name in self._names)
        values = [
            field.get_db_prep_save(getattr(row, field.attname), self.connection)
            for field in self.fields
        ]
        found = self.rows(
            f'SELECT l."#real" FROM {self.name} AS l WHERE {same}'  # noqa: S608
            ' AND l."#real" IS NOT NULL LIMIT 1',
            values,
        )
        return next(iter(python_keys([self._key], found, self.connection)), None)

    def is_promised(self, real: Any) -> bool:
        """Return whether an object of the stream gets a primary key."""
        query = f'SELECT 1 FROM {self.name} WHERE "#real" = %s LIMIT 1'  # noqa: S608
        return bool(self.rows(query, [self._cell(real)]))

    def known(self, local: Any) -> list[Any]:
        """Return what objects with a primary key of the stream have got; None: none yet."""
        if local is None:
            return []
        found = self.rows(
            f'SELECT DISTINCT l."#real" FROM {self.name} AS l WHERE l."#local" = %s',  # noqa: S608
            [self._cell(local)],
        )
        reals = [row for row in found if row[0] is not None]
        keys = iter(python_keys([self._key], reals, self.connection))
        return [None if real is None else next(keys) for (real,) in found]

    def _cell(self, value: Any) -> Any:
        value = self._key.to_python(value)
        return self._key.get_db_prep_save(value, self.connection)
