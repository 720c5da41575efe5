"""The CHECK that keeps what is stored within the choices."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q

from choice_array_field.django_private import Statement

__all__ = ["ChoiceArrayConstraint", "constraint_name"]

# Rows whose foreign keys are still to be checked would keep a table from being altered.
CHECK_KEYS_NOW = "SET CONSTRAINTS ALL IMMEDIATE"
CHECK_KEYS_LATER = "SET CONSTRAINTS ALL DEFERRED"
NAME_BYTES = 63  # PostgreSQL cuts longer names, so two could become one


def constraint_name(db_table: str, column: str) -> str:
    """Return a name for the CHECK of a column, unique for table and column."""
    table = db_table.strip('"')
    digest = hashlib.sha256(f"{table}\0{column}".encode()).hexdigest()[:8]
    end = f"_choices_{digest}".encode()
    stem = f"{table}_{column}".encode()[: NAME_BYTES - len(end)]
    return stem.decode(errors="ignore") + end.decode()


class _Queued(Statement):
    """A statement about one CHECK, to be found in the queue of a migration."""

    def is_of(self, parts: dict[str, str]) -> bool:
        return _parts(self) == parts


class _Adding(_Queued):
    """Adds a CHECK; when it is executed it queues the look at the rows.

    Not earlier: CreateModel may queue this one too, and the look comes after it.
    """

    queue: list[Any]
    validation: _Queued

    def __str__(self) -> str:
        if self.validation not in self.queue:
            self.queue += [CHECK_KEYS_NOW, self.validation]
        return super().__str__()


def _parts(statement: Statement) -> dict[str, Any]:
    return {part: str(statement.parts[part]) for part in ("table", "name")}


class ChoiceArrayConstraint(models.CheckConstraint):
    """A CHECK of members and number, which the field writes for itself.

    Args:
        field: the name of the field.
        values: what its arrays may hold, in the order of the values.
        min_choices: the least number of members; None means any.
        max_choices: the greatest number of members; None means any.
        allow_empty: whether an empty array passes in spite of `min_choices`.
    """

    def __init__(
        self,
        *,
        field: str,
        values: Iterable[Any],
        name: str,
        min_choices: int | None = None,
        max_choices: int | None = None,
        allow_empty: bool = False,
    ) -> None:
        self.field = field
        self.values = list(values)
        self.min_choices, self.max_choices = min_choices, max_choices
        self.allow_empty = allow_empty
        super().__init__(condition=self._condition(), name=name)

    def _condition(self) -> Q:
        condition = Q(**{f"{self.field}__contained_by": self.values})
        if self.min_choices:
            enough = Q(**{f"{self.field}__len__gte": self.min_choices})
            if self.allow_empty:
                enough |= Q(**{f"{self.field}__len": 0})
            condition &= enough
        if self.max_choices is not None:
            condition &= Q(**{f"{self.field}__len__lte": self.max_choices})
        return condition

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the field has validated its value without a query."""

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        """Add the CHECK, and look at the rows at the end of the migration.

        So `RenameChoice` and `RemoveChoice` may stand after it. Where the model does
        not have the constraint yet, `AddConstraintNotValid` asks: it looks at none.
        """
        plain: Any = super().create_sql(model, schema_editor)
        if plain is None or all(c.name != self.name for c in model._meta.constraints):
            return plain
        validation = _Queued(
            "ALTER TABLE %(table)s VALIDATE CONSTRAINT %(name)s",
            table=plain.parts["table"],
            name=plain.parts["name"],
        )
        adding = _Adding(f"{plain.template} NOT VALID", **plain.parts)
        adding.queue, adding.validation = schema_editor.deferred_sql, validation
        return adding

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        """Drop the CHECK and what is queued for it; only that if it is not there yet."""
        plain: Any = super().remove_sql(model, schema_editor)
        parts, queue = _parts(plain), schema_editor.deferred_sql
        ours = [sql for sql in queue if isinstance(sql, _Queued) and sql.is_of(parts)]
        queue[:] = [sql for sql in queue if not any(sql is each for each in ours)]
        is_waiting = any(isinstance(sql, _Adding) for sql in ours)
        return None if is_waiting else plain

    def with_values(self, values: Iterable[Any]) -> ChoiceArrayConstraint:
        """Return the same CHECK of other values."""
        _, _, options = self.deconstruct()
        return type(self)(**{**options, "values": values})

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        """Return what a migration holds: names and values, no expression."""
        path = "choice_array_field.ChoiceArrayConstraint"
        options = {
            "field": self.field,
            "values": self.values,
            "name": self.name,
            "min_choices": self.min_choices,
            "max_choices": self.max_choices,
            "allow_empty": self.allow_empty,
        }
        chosen = {k: v for k, v in options.items() if v is not None and v is not False}
        return path, (), chosen
