"""Migration operations that carry rows from one set of choices to the next.

Either may stand anywhere in a migration: alone, before `makemigrations` is asked, or
before, between or after the RemoveConstraint and AddConstraint that it wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.migrations.operations.base import Operation, OperationCategory

from choice_array_field.column.constraints import (
    CHECK_KEYS_LATER,
    CHECK_KEYS_NOW,
    ChoiceArrayConstraint,
)
from choice_array_field.column.fields import ChoiceArrayField
from choice_array_field.members.choices import value_of

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState

__all__ = ["RemoveChoice", "RenameChoice"]


class _ChoiceOperation(Operation):
    """Updates rows while the CHECK is away, and changes the choices in the state."""

    category = OperationCategory.ALTERATION
    atomic = True  # also in a migration that is not: no row escapes the CHECK
    removed: Any
    added: Any
    # Whether the way back exchanges the values too; else it only allows the member again.
    is_undone: bool

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name, self.name = model_name, name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Exchange the value in the field and in its CHECK, where they have it."""
        key = app_label, self.model_name.lower()
        model_state = state.models[key]
        field: Any = model_state.fields[self.name]
        if not isinstance(field, ChoiceArrayField) or field.has_callable_choices:
            return
        for constraint in _checks_of(model_state.options["constraints"], self.name):
            if self.removed in constraint.values:
                changed = constraint.with_values(
                    self._exchanged(field, constraint.values)
                )
                state.alter_constraint(*key, constraint.name, changed)
        if self.removed in field.choice_set:
            changed_field = field.with_values(
                self._exchanged(field, field.choice_set.values)
            )
            state.alter_field(*key, self.name, changed_field, preserve_default=True)

    def _exchanged(
        self, field: ChoiceArrayField[Any, Any], values: list[Any]
    ) -> list[Any]:
        added = [] if self.added is None else [self.added]
        kept = [value for value in values if value != self.removed]
        return list(field.get_prep_value([*kept, *added]))

    def _update(
        self,
        schema_editor: BaseDatabaseSchemaEditor,
        states: tuple[ProjectState, ProjectState],
        label: tuple[str, str],
        exchange: tuple[Any, Any] | None,
    ) -> None:
        """Drop the CHECK of one state, update the rows, add that of the other."""
        before, after = (state.apps.get_model(*label) for state in states)
        if not self.allow_migrate_model(schema_editor.connection.alias, after):
            return
        schema_editor.execute(CHECK_KEYS_NOW)
        for constraint in _checks_of(before._meta.constraints, self.name):
            schema_editor.remove_constraint(before, constraint)
        if exchange:
            field = after._meta.get_field(self.name)
            statement = _update_sql(schema_editor, field, *exchange)
            schema_editor.execute(*statement)
        for constraint in _checks_of(after._meta.constraints, self.name):
            schema_editor.add_constraint(after, constraint)
        schema_editor.execute(CHECK_KEYS_LATER)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Exchange the value in the rows that have it."""
        label = app_label, self.model_name
        exchange = self.removed, self.added
        self._update(schema_editor, (from_state, to_state), label, exchange)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Put the CHECK back that was there, and the value where that is known."""
        label = app_label, self.model_name
        exchange = (self.added, self.removed) if self.is_undone else None
        self._update(schema_editor, (from_state, to_state), label, exchange)

    def references_model(self, name: str, app_label: str) -> bool:
        """Return whether the model is the one whose rows are updated."""
        return name.lower() == self.model_name.lower()


class RenameChoice(_ChoiceOperation):
    """Replace a member in all rows by one that takes its place.

    Going backwards puts the old one back, also where a row had the new one already.

    Args:
        model_name: the model.
        name: the field.
        old: the value that rows hold.
        new: the value that they get.
    """

    is_undone = True

    def __init__(self, model_name: str, name: str, old: Any, new: Any) -> None:
        self.old = self.removed = value_of(old)
        self.new = self.added = value_of(new)
        super().__init__(model_name, name)

    def describe(self) -> str:
        """Return what `migrate --plan` says."""
        place = f"{self.model_name}.{self.name}"
        return f"Rename choice {self.old!r} of {place} to {self.new!r}"

    @property
    def migration_name_fragment(self) -> str:
        """Return a part of a migration's name."""
        return f"rename_{self.model_name.lower()}_{self.name}_choice"


class RemoveChoice(_ChoiceOperation):
    """Take a member out of all rows, or put another in its place.

    Going backwards allows the member again; the rows that had it are not known.

    Args:
        model_name: the model.
        name: the field.
        value: the value that rows hold.
        replacement: the choice that they get instead, one that stays: a new one is
            a RenameChoice. None puts nothing in its place.
    """

    is_undone = False

    def __init__(
        self, model_name: str, name: str, value: Any, replacement: Any = None
    ) -> None:
        self.value = self.removed = value_of(value)
        self.replacement = self.added = value_of(replacement)
        super().__init__(model_name, name)

    def describe(self) -> str:
        """Return what `migrate --plan` says."""
        place = f"{self.model_name}.{self.name}"
        if self.replacement is None:
            return f"Remove choice {self.value!r} of {place}"
        return f"Replace choice {self.value!r} of {place} by {self.replacement!r}"

    @property
    def migration_name_fragment(self) -> str:
        """Return a part of a migration's name."""
        return f"remove_{self.model_name.lower()}_{self.name}_choice"


def _checks_of(constraints: Any, name: str) -> list[ChoiceArrayConstraint]:
    return [
        each
        for each in constraints
        if isinstance(each, ChoiceArrayConstraint) and each.field == name
    ]


def _update_sql(
    editor: Any, field: Any, removed: Any, added: Any
) -> tuple[str, list[Any]]:
    """Return an UPDATE that leaves every array without duplicates and in order."""
    base, connection = field.base_field, editor.connection
    element = base.cast_db_type(connection)
    table, column = map(editor.quote_name, (field.model._meta.db_table, field.column))
    old, new = (
        base.get_db_prep_value(base.to_python(value), connection)
        for value in (removed, added)
    )
    changed = f"array_remove({column}, %s::{element})"
    if added is not None:
        changed = f"array_replace({column}, %s::{element}, %s::{element})"
    members = (
        f"SELECT member FROM unnest({changed}) AS member"  # noqa: S608  # quoted names
        f" GROUP BY member ORDER BY {_order(base)}"
    )
    sql = f"UPDATE {table} SET {column} = ARRAY({members})"  # noqa: S608
    sql += f" WHERE {column} @> ARRAY[%s]::{element}[]"
    return sql, [old, old] if added is None else [old, new, old]


# As Python sorts texts, whatever the collation of the database.
_ORDERS = {
    models.CharField: 'member COLLATE "C"',
    models.TextField: 'member COLLATE "C"',
    models.GenericIPAddressField: 'host(member) COLLATE "C"',
}


def _order(base: models.Field[Any, Any]) -> str:
    found = (sql for kind, sql in _ORDERS.items() if isinstance(base, kind))
    return next(found, "member")
