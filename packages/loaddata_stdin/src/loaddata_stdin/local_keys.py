"""Primary keys that mean something in a stream only."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.exceptions import ObjectIntegrityError
from loaddata_stdin.problems import Problems
from loaddata_stdin.stage import Stage
from loaddata_stdin.table import Table

__all__ = ["LocalKeys"]

# Any in this module: models, and the values of fields.


class LocalKeys(Table):
    """The primary keys that the stream has for objects, and those that they have."""

    def __init__(
        self, connection: BaseDatabaseWrapper, model: Any, problems: Problems
    ) -> None:
        """Remember none yet."""
        kind = model._meta.pk.rel_db_type(connection)
        columns = {"#local": kind, "#real": kind}
        super().__init__(connection, model._meta.db_table, columns, problems)
        self._key = model._meta.pk

    def take(self, stage: Stage) -> None:
        """Remember what the objects of a staging table have got.

        Raises:
            LoaddataStdinError: the stream has one primary key for two of them.
        """
        self.execute(
            f'INSERT INTO {self.name} SELECT s."#local", s.{stage.key}'  # noqa: S608
            f' FROM {stage.name} AS s WHERE s."#local" IS NOT NULL'
            f' AND s."#number" > {stage.written} GROUP BY s."#local", s.{stage.key}'
        )
        other = (
            f'SELECT s."#number" FROM {stage.name} AS s JOIN {self.name} AS l'  # noqa: S608
            f' ON l."#local" = s."#local" WHERE l."#real" <> s.{stage.key}'
        )
        what = "another object has the same primary key and is not the same by --key."
        stage.refuse_where(f's."#number" IN ({other})', what, ObjectIntegrityError())

    def add(self, local: Any, real: Any) -> None:
        """Remember the primary key of an object that was saved by itself."""
        cells = [self._cell(local), self._cell(real)]
        self.execute(f"INSERT INTO {self.name} VALUES (%s, %s)", cells)  # noqa: S608

    def real(self, local: Any) -> Any:
        """Return the primary key that an object has got; if there is none, the same."""
        found = self.rows(
            f'SELECT l."#real" FROM {self.name} AS l WHERE l."#local" = %s',  # noqa: S608
            [self._cell(local)],
        )
        return found[0][0] if found else local

    def _cell(self, value: Any) -> Any:
        value = self._key.to_python(value)
        return self._key.get_db_prep_save(value, self.connection)
