"""Find the rows of a model by other fields than its primary key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.exceptions import (
    LoaddataStdinError,
    ObjectIntegrityError,
    ObjectValueError,
)
from loaddata_stdin.local_keys import LocalKeys
from loaddata_stdin.options import Options
from loaddata_stdin.problems import Problems
from loaddata_stdin.resolve import take_next
from loaddata_stdin.sequences import Sequences
from loaddata_stdin.stage import LATE, Stage
from loaddata_stdin.table import Table

__all__ = ["Keys"]

# Any in this module: fields, and their values.


class Keys:
    """The models whose rows are found by other fields than the primary key."""

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
        self._fields = dict(_fields(*each) for each in options.keys.items())
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
        while wanted.remote_field:
            wanted = wanted.target_field
            if wanted.primary_key and self.of(wanted.model):
                return self.locals_of(wanted.model)
        return None

    def locals_of(self, model: Any) -> LocalKeys:
        """Return the primary keys of the objects of a model."""
        model = model._meta.concrete_model
        if model not in self._locals:
            self._locals[model] = LocalKeys(self._connection, model, self._problems)
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

    def put_back(self, table: Table, fields: Iterable[Any], *, is_last: bool) -> None:
        """Give references the primary keys that the objects of the stream have got.

        What is none of these yet is late; at the end it is the key of a row.
        """
        for field in fields:
            found = self.locals_for(field) if field.remote_field else None
            if not found:
                continue
            column, aside = _columns(table, field)
            waits = f"s.{column} IS NULL AND s.{aside} IS NOT NULL"
            table.execute(
                f'UPDATE {table.name} AS s SET {column} = l."#real"'  # noqa: S608
                f' FROM {found.name} AS l WHERE {waits} AND l."#local" = s.{aside}'
            )
            rest = f"{column} = {aside}" if is_last else f'"#late" = {LATE}'
            table.execute(f"UPDATE {table.name} AS s SET {rest} WHERE {waits}")  # noqa: S608

    def take(self, stage: Stage) -> None:
        """Give the objects of a model the primary keys of their rows, or new ones.

        Raises:
            ObjectLoadError: fields are null, or two rows have the same in them.
        """
        fields = self.of(stage.target.model)
        if not fields:
            return
        key = stage.key
        stage.execute(
            f'UPDATE {stage.name} SET "#local" = {key}, {key} = NULL'  # noqa: S608
            f' WHERE "#local" IS NULL AND "#number" > {stage.written}'
        )
        self._refuse(stage, fields)
        table = stage.quote(stage.target.model._meta.db_table)
        stage.execute(
            f"UPDATE {stage.name} AS s SET {key} = t.{key} FROM {table} AS t"  # noqa: S608
            f" WHERE s.{key} IS NULL AND {_same(stage, fields)}"
        )
        names = ", ".join(stage.quote(field.column) for field in fields)
        _share(stage, names)
        _take_free(stage, names)
        _share(stage, names)
        self._take_next(stage, names)
        self.locals_of(stage.target.model).take(stage)

    def _take_next(self, stage: Stage, names: str) -> None:
        if "AutoField" in stage.target.keys[0].get_internal_type():
            self._sequences.hold(stage.target.model)
            take_next(stage, stage.key, has_name=False)
            _share(stage, names)
        else:
            what = "its row is missing, and its primary key is not free."
            stage.refuse_where(f"s.{stage.key} IS NULL", what, ObjectIntegrityError())

    def _refuse(self, stage: Stage, fields: list[Any]) -> None:
        for field in fields:
            null = f"s.{stage.quote(field.column)} IS NULL"
            what = f"field {field.name}: it is null, and part of --key."
            where = f"s.{stage.key} IS NULL AND {null}"
            stage.refuse_where(where, what, ObjectValueError())
        table = stage.quote(stage.target.model._meta.db_table)
        same = _same(stage, fields)
        count = f"(SELECT COUNT(*) FROM {table} AS t WHERE {same})"  # noqa: S608
        names = ", ".join(field.name for field in fields)
        what = f"more than one row has its {names}, which --key names."
        where = f"s.{stage.key} IS NULL AND {count} > 1"
        stage.refuse_where(where, what, ObjectIntegrityError())

    def followed(
        self, model: type[models.Model], values: dict[str, Any]
    ) -> dict[str, Any]:
        """Return an object of a fixture with the keys that those before it have got."""
        fields = dict(values["fields"])
        for name in fields:
            try:
                field: Any = model._meta.get_field(name)
            except FieldDoesNotExist:  # Django says so, or leaves it out.
                continue
            found = self.locals_for(field) if field.remote_field else None
            if found and field.many_to_many:
                fields[name] = [_real(found, key) for key in fields[name]]
            elif found:
                fields[name] = _real(found, fields[name])
        return {**values, "fields": fields}

    def find(self, row: models.Model) -> None:
        """Give an object that is saved by itself the primary key of its row.

        Raises:
            ObjectLoadError: fields are null, or two rows have the same in them.
        """
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
        if found:
            row.pk = found[0]
        elif row.pk is not None and query.filter(pk=row.pk).exists():
            row.pk = None

    def drop(self) -> None:
        """Forget all."""
        for table in self._locals.values():
            table.drop()


def _fields(label: str, names: Iterable[str]) -> tuple[Any, list[Any]]:
    try:
        model: Any = apps.get_model(label)._meta.concrete_model
        fields = [model._meta.get_field(name) for name in names]
    except (LookupError, ValueError, FieldDoesNotExist) as error:
        message = f"--key {label}={','.join(names)}: {error}"
        raise LoaddataStdinError(message) from error
    for field in fields:
        is_column = field in model._meta.local_concrete_fields
        if not is_column or field.primary_key or model._meta.pk.column is None:
            message = (
                f"--key {label}={field.name}: a key is made of columns of the model's own"
                " table, and tells rows that have a primary key of one column."
            )
            raise LoaddataStdinError(message)
    return model, fields


def _real(found: LocalKeys, key: Any) -> Any:
    return key if key is None or isinstance(key, list) else found.real(key)


def _columns(table: Table, field: Any) -> tuple[str, str]:
    return table.quote(field.column), table.quote(f"@{field.column}")


def _same(stage: Stage, fields: list[Any]) -> str:
    columns = [stage.quote(field.column) for field in fields]
    return " AND ".join(f"t.{column} = s.{column}" for column in columns)


def _take_free(stage: Stage, names: str) -> None:
    """Give new rows the primary keys that the stream has for them, where they are free."""
    key, table = stage.key, stage.quote(stage.target.model._meta.db_table)
    # Joins, since SQLite has no index for a subquery of each row.
    taken = f'SELECT c."#number" FROM {stage.name} AS c JOIN'  # noqa: S608
    stage.execute(
        f'UPDATE {stage.name} AS s SET {key} = s."#local" WHERE s."#number" IN'  # noqa: S608
        f' (SELECT MIN("#number") FROM {stage.name} WHERE "#number" IN'
        f' (SELECT MIN("#number") FROM {stage.name} WHERE {key} IS NULL'
        f' GROUP BY {names}) GROUP BY "#local"'
        f' EXCEPT {taken} {table} AS t ON t.{key} = c."#local"'
        f' EXCEPT {taken} {stage.name} AS o ON o.{key} = c."#local")'
    )


def _share(stage: Stage, names: str) -> None:
    """Give all objects that are the same the key of the first that has one."""
    key = stage.key
    stage.execute(
        f"UPDATE {stage.name} AS s SET {key} = o.first FROM"  # noqa: S608
        f' (SELECT "#number" AS n, FIRST_VALUE({key}) OVER (PARTITION BY {names}'
        f' ORDER BY CASE WHEN {key} IS NULL THEN 1 ELSE 0 END, "#number") AS first'
        f' FROM {stage.name}) AS o WHERE o.n = s."#number"'
        f" AND o.first IS NOT NULL AND (s.{key} IS NULL OR s.{key} <> o.first)"
    )
