"""Find the rows of a model by other fields than its primary key."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.exceptions import (
    ObjectIntegrityError,
    ObjectValueError,
)
from loaddata_stdin.options import Options
from loaddata_stdin.problems.problems import Problems, of_fields
from loaddata_stdin.resolve.key_fields import key_fields, led_to
from loaddata_stdin.resolve.keyed import take
from loaddata_stdin.resolve.new_keys import NewKeys
from loaddata_stdin.resolve.sequences import Sequences
from loaddata_stdin.resolve.stream_keys import LocalKeys
from loaddata_stdin.stage.objects import LATE, Stage
from loaddata_stdin.stage.table import Table

__all__ = ["Keys"]

# Any in this module: fields, and their values.


class _OpenError(Exception):
    """The object that a reference leads to has got no primary key yet."""


class Keys:
    """The models whose rows are found by other fields than the primary key.

    Attributes:
        is_complete: whether the stream has ended.
    """

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        options: Options,
        problems: Problems,
        sequences: Sequences,
    ) -> None:
        """Look for the fields.

        Raises:
            LoaddataStdinError: a model or a field is unknown, or cannot be a key.
        """
        self._connection = connection
        self._problems = problems
        self._sequences = sequences
        self.is_complete = False
        self._fields = key_fields(options.keys)
        self._locals: dict[Any, LocalKeys] = {}

    def of(self, model: type[models.Model]) -> list[Any]:
        """Return the fields that tell the rows of a model; none: its primary key."""
        fields: list[Any] = self._fields.get(model._meta.concrete_model, [])
        return fields

    def locals_for(self, relation: Any) -> LocalKeys | None:
        """Return what the values of a relation are primary keys in, if they are that."""
        wanted = relation
        if relation.many_to_many:
            wanted = relation.remote_field.through._meta.get_field(
                relation.m2m_reverse_field_name()
            )
        model = led_to(wanted, self._fields)
        return self.locals_of(model) if model else None

    def locals_of(self, model: Any) -> LocalKeys:
        """Return the primary keys of the objects of a model."""
        model = model._meta.concrete_model
        if model not in self._locals:
            self._locals[model] = LocalKeys(
                self._connection, model, self._fields[model], self._problems
            )
        return self._locals[model]

    def columns(self, fields: Iterable[Any]) -> dict[str, str]:
        """Return the columns, with their types, for what the stream has in fields."""
        return {
            f"@{field.column}": field.db_type(self._connection)
            for field in fields
            if field.remote_field and self.locals_for(field)
        }

    def set_aside(self, table: Table, fields: Iterable[Any]) -> None:
        """Put the values of references away until they are known.

        Args:
            table: the staging table.
            fields: those of it.
        """
        for field in fields:
            if field.remote_field and self.locals_for(field):
                column, aside = _columns(table, field)
                table.execute(
                    f"UPDATE {table.name} SET {aside} = {column}, {column} = NULL"  # noqa: S608
                    f" WHERE {aside} IS NULL AND {column} IS NOT NULL"
                )

    def put_back(self, table: Table, fields: Iterable[Any]) -> None:
        """Give references the primary keys that the objects of the stream have got.

        What is none of these yet is late; after the stream it is the key of a row.
        """
        for field in fields:
            found = self.locals_for(field) if field.remote_field else None
            if not found:
                continue
            column, aside = _columns(table, field)
            waits = f"s.{column} IS NULL AND s.{aside} IS NOT NULL"
            known = f'FROM {found.name} AS l WHERE l."#local" = s.{aside}'
            table.execute(
                f'UPDATE {table.name} AS s SET {column} = l."#real" {known}'  # noqa: S608
                f' AND l."#real" IS NOT NULL AND {waits}'
            )
            if self.is_complete:
                table.execute(
                    f"UPDATE {table.name} AS s SET {column} = {aside} WHERE {waits}"  # noqa: S608
                    f" AND NOT EXISTS (SELECT 1 {known})"
                )
            table.execute(
                f'UPDATE {table.name} AS s SET "#late" = {LATE} WHERE {waits}'  # noqa: S608
            )

    def refuse_open(self, table: Table, fields: Iterable[Any]) -> None:
        """Refuse references to objects that have got no primary key: these are refused.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        for field in fields:
            if field.remote_field and self.locals_for(field):
                column, aside = _columns(table, field)
                names = of_fields(table.field_names(field.column))
                what = f"{names}the object that it leads to is refused."
                where = f"s.{column} IS NULL AND s.{aside} IS NOT NULL"
                table.refuse_where(where, what, ObjectIntegrityError())

    def in_order(self, stages: Iterable[Stage]) -> list[Stage]:
        """Return staging tables, each after those that its --key refers to."""
        by_model = {stage.target.model: stage for stage in stages}
        ranks = [model for model in self._fields if model in by_model]
        return [by_model[model] for model in ranks]

    def take(self, stage: Stage, number: int) -> None:
        """Give the objects of a model the primary keys of their rows, or new ones.

        Args:
            stage: the objects.
            number: of the last object that has been sent.

        Raises:
            ObjectLoadError: fields are null, or two rows have the same in them.
        """
        fields = self.of(stage.target.model)
        self.put_back(stage, fields)
        take(stage, self.locals_of(stage.target.model), self._sequences, number)

    def followed(
        self, model: type[models.Model], values: dict[str, Any]
    ) -> tuple[dict[str, Any], set[str]]:
        """Return an object of a fixture with the keys that others have got.

        Returns:
            The object, and the names of the fields that refer to what is not known yet.
        """
        new, is_open = {**values, "fields": dict(values["fields"])}, set()
        parent: Any = model._meta.pk
        places = [("pk", parent, new)] if not self.of(model) else []
        for name in new["fields"]:
            # What is no field is for Django to say, or to leave out.
            with suppress(FieldDoesNotExist):
                places.append((name, model._meta.get_field(name), new["fields"]))
        for name, field, where in places:
            found = self.locals_for(field) if field.remote_field else None
            if not found or where.get(name) is None:
                continue
            try:
                where[name] = (
                    [self._real(found, key) for key in where[name]]
                    if field.many_to_many
                    else self._real(found, where[name])
                )
            except _OpenError:
                is_open.add(name)
        return new, is_open

    def _real(self, found: LocalKeys, key: Any) -> Any:
        if key is None or isinstance(key, list):
            return key
        known = found.known(key)
        if known and known[0] is not None:
            return known[0]
        if known or not self.is_complete:
            raise _OpenError
        return key

    def declare(self, row: models.Model) -> None:
        """Remember that an object of the stream has a primary key, but not which."""
        known = self.locals_of(type(row))
        if row.pk is not None and not known.known(row.pk):
            known.add(row.pk, None, row)

    def find(self, row: models.Model) -> None:
        """Give an object that is saved by itself the primary key of its row, or a new one.

        Raises:
            ObjectLoadError: fields are null, or two rows have the same in them.
        """
        local, known = row.pk, self.locals_of(type(row))
        wanted = {f.attname: getattr(row, f.attname) for f in self.of(type(row))}
        for name, value in wanted.items():
            if value is None:
                message = f"field {name}: it is null, and part of --key."
                raise ObjectValueError(message)
        query: Any = models.QuerySet(model=type(row), using=self._connection.alias)
        found = list(query.filter(**wanted).values_list("pk", flat=True)[:2])
        if len(found) > 1:
            names = ", ".join(wanted)
            message = f"more than one row has its {names}, which --key names."
            raise ObjectIntegrityError(message)
        real = found[0] if found else known.promised(row)
        if real is None:
            is_free = local is not None and not (
                known.is_promised(local) or query.filter(pk=local).exists()
            )
            real = local if is_free else self._new(row, known)
        row.pk = real
        known.add(local, real, row)

    def _new(self, row: models.Model, known: LocalKeys) -> Any:
        key: Any = row._meta.pk
        if "AutoField" not in key.get_internal_type():
            message = "its row is missing, and its primary key is not free."
            raise ObjectIntegrityError(message)
        table = known.quote(row._meta.db_table)
        taken = [(table, known.quote(key.column)), (known.name, '"#real"')]
        return NewKeys(type(row), taken, self._sequences).one(known)

    def prepare(self) -> None:
        """Create what remembers keys, outside of what may be rolled back."""
        for model in self._fields:
            self.locals_of(model)

    def drop(self) -> None:
        """Forget all."""
        for table in self._locals.values():
            table.drop()


def _columns(table: Table, field: Any) -> tuple[str, str]:
    return table.quote(field.column), table.quote(f"@{field.column}")
