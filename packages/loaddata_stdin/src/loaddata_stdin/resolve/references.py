"""Give the objects of the staging tables their keys, and references their values."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, models, transaction

from loaddata_stdin.exceptions import ObjectValueError
from loaddata_stdin.model.natural_keys import NaturalKey, parts_of
from loaddata_stdin.problems.diagnosis import Diagnosis
from loaddata_stdin.resolve.new_keys import NewKeys
from loaddata_stdin.resolve.sequences import Sequences
from loaddata_stdin.stage.objects import LATE, NOT_LATE, WAITS, Stage
from loaddata_stdin.stage.table import Table

__all__ = ["References", "allot_keys"]

# Any in this module: fields.

_CHUNK = 1000


def allot_keys(stage: Stage, sequences: Sequences) -> None:
    """Give a primary key to the objects that have none.

    One that has the natural key of a row takes its key, objects with the same natural
    key share one; all others get what the database would give them next.
    """
    [key] = stage.keys
    if not stage.has_keyless:
        return
    natural = stage.target.natural
    if natural and natural.fields:
        _take_existing(stage, natural, key)
    if stage.target.keys[0].get_internal_type() in {
        "AutoField",
        "BigAutoField",
        "SmallAutoField",
    }:
        taken = [
            (stage.quote(stage.target.model._meta.db_table), key),
            (stage.name, key),
        ]
        owner = '"#key"' if natural and natural.fields else '"#number"'
        NewKeys(stage.target.model, taken, sequences).take(stage, key, owner)


def _take_existing(stage: Stage, natural: NaturalKey, key: str) -> None:
    quote = stage.quote
    table = quote(stage.target.model._meta.db_table)
    columns = [quote(field.column) for field in natural.fields]
    same = " AND ".join(f"t.{column} = s.{column}" for column in columns)
    if stage.connection.vendor == "sqlite":
        stage.index_keys()  # It joins no subquery.
    is_open, is_own, done = f"s.{key} IS NULL", f"o.{key} IS NOT NULL", ""
    if stage.target.makes_keys:
        # One that was made gives way to that of a row or of another object.
        is_open, is_own = 's."#made" = 1', 'o."#made" IS NULL'
        done = ', "#made" = NULL'
    stage.execute(
        f"UPDATE {stage.name} AS s SET {key} = t.{key}{done} FROM {table} AS t"  # noqa: S608
        f" WHERE {is_open} AND {same} AND NOT EXISTS"
        # Not where that row has got another name by then.
        f" (SELECT 1 FROM {stage.name} AS o WHERE o.{key} = t.{key}"
        ' AND o."#key" <> s."#key" AND o."#number" < s."#number")'
    )
    # An object of the stream with this name and a key of its own.
    stage.execute(
        f"UPDATE {stage.name} AS s SET {key} = o.{key}{done} FROM {stage.name} AS o"  # noqa: S608
        f' WHERE {is_open} AND {is_own} AND o."#key" = s."#key"'
    )
    if stage.target.makes_keys:
        _share_made(stage, key)


def _share_made(stage: Stage, key: str) -> None:
    """Let new objects with the same natural key have the key that was made first."""
    firsts = (
        f'SELECT "#key", {key}, ROW_NUMBER() OVER'  # noqa: S608
        f' (PARTITION BY "#key" ORDER BY "#number") AS nth FROM {stage.name}'
        ' WHERE "#made" = 1'
    )
    stage.execute(
        f'UPDATE {stage.name} AS s SET {key} = o.{key}, "#made" = NULL'  # noqa: S608
        f' FROM ({firsts}) AS o WHERE s."#made" = 1 AND o.nth = 1'
        ' AND o."#key" = s."#key"'
    )


class References:
    """One column of references by natural key.

    Attributes:
        field: the foreign key or many-to-many field.
        model: the one that it leads to.
        column: of the values, quoted.
        text: the column of the natural keys, quoted.
        is_open: the condition on `s` that it has no value yet.
    """

    def __init__(self, table: Table, field: Any, column: str, text: str) -> None:
        """Take the table that has it.

        Args:
            table: the staging table.
            field: the foreign key or many-to-many field.
            column: of the values.
            text: the column of the natural keys.
        """
        self._table = table
        self.field = field
        self.column = table.quote(column)
        self.text = table.quote(text)
        self.model: type[models.Model] = field.remote_field.model
        name = getattr(field.remote_field, "field_name", None)
        meta = self.model._meta
        self._wanted: Any = meta.get_field(name) if name else meta.pk
        natural = NaturalKey.of(self.model, table.connection.alias)
        # None where only the manager knows which object a key names.
        self._fields = natural.fields if natural else ()
        self.is_open = f"s.{self.text} IS NOT NULL AND s.{self.column} IS NULL"

    def join_stage(self, stages: Mapping[Any, Stage]) -> None:
        """Take the values of objects of the stream."""
        stage = stages.get(self.model._meta.concrete_model)
        if not stage or self._wanted not in stage.target.fields:
            return
        natural = stage.target.natural
        # That of a proxy may be another one.
        if not (self._fields and natural and natural.fields == self._fields):
            return
        value = stage.quote(self._wanted.column)
        self._table.execute(
            f"UPDATE {self._table.name} AS s SET {self.column} = o.{value}"  # noqa: S608
            f" FROM {stage.name} AS o WHERE {self.is_open}"
            f' AND o."#key" = s.{self.text}'
        )

    def join_rows(self) -> None:
        """Take the values of the rows that `get_by_natural_key` finds.

        Objects whose reference finds none are marked as late.
        """
        # Late objects are left to the next time.
        query = (
            f"SELECT DISTINCT s.{self.text} FROM {self._table.name} AS s"  # noqa: S608
            f" WHERE {self.is_open} AND {NOT_LATE} LIMIT {_CHUNK}"
        )
        while rows := self._table.rows(query):
            texts = [text for (text,) in rows]
            found: dict[str, Any] = {}
            alone = texts
            if len(self._fields) == 1:
                found, alone = self._found_together(texts, self._fields[0])
            found |= {text: self._found(text) for text in alone}
            self._fill({t: v for t, v in found.items() if v is not None})
            self._delay([text for text in texts if found.get(text) is None])

    def refuse_open(self, stages: Mapping[Any, Stage]) -> None:
        """Refuse the references that have no value.

        Args:
            stages: by model; of what they refer to, some may wait as well.

        Raises:
            ObjectValueError: there is one.
        """
        table, secrets = self._table, self._table.problems.secrets
        stage = stages.get(self.model._meta.concrete_model)
        waiting = stage.count_where(WAITS) if stage else 0
        also = f" yet, and {waiting} of them wait for others" if waiting > 1 else ""
        while rows := table.rows(
            f'SELECT s."#number", s.{self.text} FROM {table.name} AS s'  # noqa: S608
            f' WHERE {self.is_open} ORDER BY s."#number" LIMIT 1'
        ):
            [(number, text)] = rows
            key = secrets.hidden(number, ", ".join(map(str, parts_of(text))))
            this = f's."#number" = {number}'
            message = (
                f"field {self.field.name}: no {self.model._meta.label_lower}"
                f" has the natural key ({key}){also}."
            )
            table.problems.add(table.place(this), message, ObjectValueError())
            table.remove(this)

    def _found_together(
        self, texts: list[str], field: Any
    ) -> tuple[dict[str, Any], list[str]]:
        """Return the values that keys of one part lead to, and the other keys."""
        # One of several parts, or of null, is for the manager to refuse or to take.
        keys = {text: parts_of(text) for text in texts}
        single = {key[0]: t for t, key in keys.items() if len(key) == 1}
        by_part = {p: t for p, t in single.items() if p is not None and "\0" not in p}
        rows: Any = models.QuerySet(
            model=self.model, using=self._table.connection.alias
        )
        try:
            rows = rows.filter(**{f"{field.name}__in": list(by_part)})
            pairs = rows.values_list(field.attname, self._wanted.attname)
            values = {str(part): value for part, value in pairs}
        except (ValueError, ValidationError):  # One of them is no value of the field.
            return {}, texts
        found = {text: values.get(part) for part, text in by_part.items()}
        if values.keys() <= by_part.keys():
            return found, [text for text in texts if text not in found]
        # The column takes two texts for one, whatever the field says.
        return {}, texts

    def _found(self, text: str) -> Any:
        table = self._table
        # As saving does: a savepoint only to go on from.
        is_collecting = table.problems.is_collecting
        try:
            with (
                transaction.atomic(using=table.connection.alias)
                if is_collecting
                else nullcontext()
            ):
                return getattr(self._get(parts_of(text)), self._wanted.attname)
        except ObjectDoesNotExist:
            return None
        except Exception as error:  # Managers raise anything.
            if isinstance(error, DatabaseError) and not Diagnosis(error).is_of_object:
                raise
            this = f"s.{self.text} = %s"
            place = None
            with suppress(DatabaseError):  # The transaction may have failed.
                place = table.place(this, [text])
            table.problems.refuse(place, error, fields=[self.field.name])
            table.execute(f"DELETE FROM {table.name} AS s WHERE {this}", [text])  # noqa: S608
            return None

    def _get(self, parts: list[Any]) -> models.Model:
        using = self._table.connection.alias
        manager: Any = self.model._default_manager.db_manager(using)
        if len(parts) == len(self._fields):
            with suppress(ValidationError):  # The manager is to say what is wrong.
                fields = zip(self._fields, parts, strict=True)
                parts = [field.to_python(part) for field, part in fields]
        found: models.Model | None = manager.get_by_natural_key(*parts)
        if found is None:
            message = (
                "get_by_natural_key returns None, where it must raise DoesNotExist"
            )
            raise ObjectValueError(message)
        return found

    def _fill(self, found: dict[str, Any]) -> None:
        if not found:
            return
        # The columns of VALUES have these names in PostgreSQL and in SQLite.
        self._table.execute(
            f"UPDATE {self._table.name} AS s SET {self.column} = k.column2"  # noqa: S608
            f" FROM (VALUES {', '.join(['(%s, %s)'] * len(found))}) AS k"
            f" WHERE {self.is_open} AND s.{self.text} = k.column1",
            [each for pair in found.items() for each in pair],
        )

    def _delay(self, texts: list[str]) -> None:
        if texts:
            self._table.execute(
                f'UPDATE {self._table.name} AS s SET "#late" = {LATE} WHERE {self.is_open}'  # noqa: S608
                f" AND s.{self.text} IN ({', '.join(['%s'] * len(texts))})",
                texts,
            )
