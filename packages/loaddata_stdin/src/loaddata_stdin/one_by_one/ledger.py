"""Remember which objects were saved one by one, without keeping them in memory."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.model.target import Target
from loaddata_stdin.objects import FixtureObject, Place
from loaddata_stdin.problems.problems import Problems
from loaddata_stdin.stage.table import Table

__all__ = ["Entries", "Ledger"]

_META = {"#number": "bigint", "#line": "integer", "#column": "integer"}


class Entries(Table):
    """The primary keys of the objects of one model, and where these stand.

    Attributes:
        target: the table of the model.
        keys: the columns of its primary key, quoted.
    """

    def __init__(
        self, connection: BaseDatabaseWrapper, target: Target, problems: Problems
    ) -> None:
        """Create the table."""
        self.target = target
        columns = {**_META, **{field.column: "" for field in target.keys}}
        super().__init__(connection, target.model._meta.db_table, columns, problems)
        self.keys = [self.quote(field.column) for field in target.keys]
        self.key = self.keys[0]
        self.label = target.model._meta.label_lower

    def add(self, row: models.Model, item: FixtureObject) -> None:
        """Remember a row."""
        cells = [item.number, item.line, item.column, *self._parts(row)]
        marks = ", ".join(["%s"] * len(cells))
        self.execute(f"INSERT INTO {self.name} VALUES ({marks})", cells)  # noqa: S608

    def find(self, row: models.Model) -> Place | None:
        """Return where the first object stands that made a row."""
        same = " AND ".join(f"s.{key} = %s" for key in self.keys)
        return None if row.pk is None else self.place(same, self._parts(row))

    def _parts(self, row: models.Model) -> list[Any]:  # Any: values of fields
        return [
            field.get_db_prep_save(getattr(row, field.attname), self.connection)
            for field in self.target.keys
        ]


class Ledger:
    """The objects that were saved one by one, by model."""

    def __init__(self, connection: BaseDatabaseWrapper, problems: Problems) -> None:
        """Remember none yet."""
        self._problems = problems
        self._connection = connection
        self._entries: dict[type[models.Model], Entries] = {}

    def of(self, model: type[models.Model]) -> Entries:
        """Return the objects of a model."""
        concrete: Any = model._meta.concrete_model  # Any: the stubs let it be None
        if concrete not in self._entries:
            self._entries[concrete] = Entries(
                self._connection,
                Target(concrete, self._connection.alias),
                self._problems,
            )
        return self._entries[concrete]

    def add(self, row: models.Model, item: FixtureObject) -> None:
        """Remember a row."""
        self.of(type(row)).add(row, item)

    def find(self, row: models.Model) -> Place | None:
        """Return where the first object stands that made a row."""
        return self.of(type(row)).find(row)

    def all(self) -> list[Entries]:
        """Return the objects of all models."""
        return list(self._entries.values())

    def drop(self) -> None:
        """Forget all."""
        for entries in self._entries.values():
            entries.drop()
