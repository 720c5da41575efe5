"""The CHECK that keeps what is stored within the choices."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.backends.ddl_references import Statement, Table
from django.db.models import Q

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

__all__ = ["ChoiceArrayConstraint", "constraint_name"]

NAME_BYTES = 63  # PostgreSQL cuts longer names, so two could become one


def constraint_name(db_table: str, column: str) -> str:
    """Return a name for the CHECK of a column, unique for table and column."""
    table = db_table.strip('"')
    digest = hashlib.sha256(f"{table}\0{column}".encode()).hexdigest()[:8]
    end = f"_choices_{digest}".encode()
    stem = f"{table}_{column}".encode()[: NAME_BYTES - len(end)]
    return stem.decode(errors="ignore") + end.decode()


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

    def create_sql(
        self,
        model: type[models.Model] | None,
        schema_editor: BaseDatabaseSchemaEditor | None,
    ) -> Statement | None:
        """Add the CHECK, and look at the rows at the end of the migration.

        So `RenameChoice` and `RemoveChoice` may stand after it. Where the model does
        not have the constraint yet, `AddConstraintNotValid` asks: it looks at none.
        """
        statement: Any = super().create_sql(model, schema_editor)  # type: ignore[arg-type]
        if statement is None or model is None or schema_editor is None:
            return statement
        if any(each.name == self.name for each in model._meta.constraints):
            statement.template += " NOT VALID"
            self._forget(model, schema_editor)
            schema_editor.deferred_sql.append(self._validation(model, schema_editor))
        return statement

    def remove_sql(
        self,
        model: type[models.Model] | None,
        schema_editor: BaseDatabaseSchemaEditor | None,
    ) -> Statement | None:
        """Drop the CHECK, and forget that the rows were to be looked at."""
        if model is not None and schema_editor is not None:
            self._forget(model, schema_editor)
        return super().remove_sql(model, schema_editor)  # type: ignore[arg-type]

    def _validation(self, model: type[models.Model], editor: Any) -> Statement:
        return Statement(
            "ALTER TABLE %(table)s VALIDATE CONSTRAINT %(name)s",
            table=Table(model._meta.db_table, editor.quote_name),
            name=editor.quote_name(self.name),
        )

    def _forget(self, model: type[models.Model], editor: Any) -> None:
        queued = str(self._validation(model, editor))
        editor.deferred_sql[:] = [
            sql for sql in editor.deferred_sql if str(sql) != queued
        ]

    def deconstruct(self) -> tuple[str, tuple[()], dict[str, Any]]:
        """Return what a migration holds: names and values, no expression."""
        path = f"{type(self).__module__}.{type(self).__qualname__}"
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
