"""Operations that add, remove, rename and alter a member of a composite type."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from django.db import NotSupportedError, ProgrammingError
from django.db.migrations.operations.base import OperationCategory
from django.db.transaction import atomic

from postgres_composite_types.declare.definition import quote
from postgres_composite_types.exceptions import DefinitionError
from postgres_composite_types.operations.base import (
    TypeOperation,
    definition_in,
    type_in,
)
from postgres_composite_types.schema.casts import casts_between, is_cast
from postgres_composite_types.schema.ddl import (
    attribute_sql,
    default_sql,
    execute,
    rename_attribute,
)
from postgres_composite_types.schema.editor import restore_defaults
from postgres_composite_types.schema.state import put_type, types_in
from postgres_composite_types.schema.swap import (
    fill_blocks,
    fill_member,
    fill_tables,
    reorder_members,
    swap_member,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.postgresql.schema import DatabaseSchemaEditor
    from django.db.migrations.state import ProjectState
    from django.db.models import Field

    from postgres_composite_types.declare.definition import Definition
    from postgres_composite_types.schema.state import TypeState


class AttributeOperation(TypeOperation):
    """An operation on one member of a composite type."""

    verb: str

    def __init__(self, type_name: str, name: str) -> None:
        super().__init__(type_name)
        self.name = name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the member in the state."""
        type_state = types_in(state)[app_label, self.type_name_lower]
        put_type(state, self.evolve(type_state))

    def evolve(self, type_state: TypeState) -> TypeState:
        """Return the type as it stands after the operation."""
        raise NotImplementedError

    def database_backwards(
        self,
        app_label: str,
        schema_editor: Any,  # the editor of any database
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Undo the change, and what defaults of the database lost by it."""
        super().database_backwards(app_label, schema_editor, from_state, to_state)
        if self.is_allowed(app_label, schema_editor) and self.is_managed(
            app_label, from_state, to_state
        ):
            restore_defaults(schema_editor, to_state, self.key(app_label))

    def field_in(self, app_label: str, state: ProjectState) -> Field[Any, Any]:
        """Return the member in a state, not bound to a type."""
        return types_in(state)[app_label, self.type_name_lower].members[self.name]

    def describe(self) -> str:
        """Return a line for the output of the commands."""
        return f"{self.verb} attribute {self.name} of {self.type_name}"

    @property
    def migration_name_fragment(self) -> str:
        """A part of a name for the migration."""
        return f"{self.verb}_{self.type_name}_{self.name}".lower()


class AddAttribute(AttributeOperation):
    """Add a member to a type; it is the last one in the database.

    Args:
        type_name: The name of the type's class.
        name: The name of the member.
        field: Its field. The values that exist get its default, if it has one.
        backfill: False leaves the member of the values that exist NULL.
    """

    category = OperationCategory.ADDITION
    verb = "Add"

    def __init__(
        self,
        type_name: str,
        name: str,
        field: Field[Any, Any],
        backfill: bool = True,  # migrations pass it by name
    ) -> None:
        super().__init__(type_name, name)
        self.field = field
        self.backfill = backfill

    def evolve(self, type_state: TypeState) -> TypeState:
        """Return the type with the member."""
        return type_state.with_member(self.name, self.field)

    def change(
        self,
        app_label: str,
        schema_editor: DatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Add the attribute, fill it, and keep the order that the history knows."""
        composite = type_in(to_state, app_label, self.type_name)
        definition, name = composite._meta, composite._meta.qualified_name
        field: Any = definition.get_field(self.name)  # bound, so it has a column
        attribute = f"{quote(field.column)} {attribute_sql(schema_editor, field)}"
        execute(schema_editor, f"ALTER TYPE {name} ADD ATTRIBUTE {attribute}")
        if self.backfill and field.has_default():
            expression = default_sql(composite, field)
            execute(schema_editor, fill_member(name, field.column, expression))
        columns = [str(field.column) for field in definition.fields]
        if columns[-1] != field.column:  # Backwards from a removal.
            self._reorder(schema_editor, definition, columns)

    def _reorder(
        self,
        schema_editor: DatabaseSchemaEditor,
        definition: Definition,
        columns: list[str],
    ) -> None:
        """Put the member into its place, or say why it stays the last one.

        Nothing but the output of pg_dump depends on the place, so it is not worth a
        failure.
        """
        statement = reorder_members(definition.qualified_name, columns)
        try:
            with atomic(schema_editor.connection.alias):
                execute(schema_editor, statement)
        except (NotSupportedError, ProgrammingError) as error:
            reason = str(error).partition("\n")[0]
            message = f"{definition.label}.{self.name} came back as the last attribute. {reason}"
            warnings.warn(message, RuntimeWarning, stacklevel=1)

    def inverse(self, app_label: str, to_state: ProjectState) -> TypeOperation:
        """Return the removal of the member."""
        return RemoveAttribute(self.type_name, self.name)


class FillAttribute(AttributeOperation):
    """Give a member its default in every stored value in which it is NULL.

    It goes through each table in batches, and may be repeated: what has a value is not
    written again. In a migration that says `atomic = False`, each batch is committed
    by itself, so no row is locked for longer. Backwards it does nothing.

    Args:
        type_name: The name of the type's class.
        name: The name of the member; its field needs a default.
        batch_size: How many rows to look at in one batch, about.
    """

    category = OperationCategory.PYTHON
    verb = "Fill"

    def __init__(self, type_name: str, name: str, batch_size: int = 10_000) -> None:
        super().__init__(type_name, name)
        self.batch_size = batch_size

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Leave the state as it is."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: Any,  # the editor of any database
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Fill the member, batch by batch.

        Raises:
            DefinitionError: the member has no default.
        """
        if not self.is_allowed(app_label, schema_editor) or not self.is_managed(
            app_label, from_state, to_state
        ):
            return
        composite = type_in(to_state, app_label, self.type_name)
        field: Any = composite._meta.get_field(self.name)  # bound, so it has a column
        if not field.has_default():
            message = f"{composite._meta.label}.{self.name} has no default to fill in."
            raise DefinitionError(message)
        column = quote(field.column)
        expression = f"coalesce(($1).{column}, {default_sql(composite, field)})"
        name = composite._meta.qualified_name
        if schema_editor.collect_sql:
            execute(schema_editor, fill_member(name, field.column, expression))
            return
        for table, blocks in self._batches(schema_editor.connection, name):
            statement = fill_blocks(name, field.column, expression, table, blocks)
            with atomic(schema_editor.connection.alias):
                execute(schema_editor, statement)

    def _batches(self, connection: Any, name: str) -> Iterator[tuple[str, range]]:
        """Yield each table with ranges of its blocks, also of those it gets meanwhile."""
        with connection.cursor() as cursor:
            cursor.execute(fill_tables(name), None)
            tables = cursor.fetchall()
            for table, rows_per_block in tables:
                step = max(1, int(self.batch_size / (rows_per_block or 50)))
                start = 0
                while start < self._blocks(cursor, table):
                    yield table, range(start, start + step)
                    start += step

    def _blocks(self, cursor: Any, table: str) -> int:
        cursor.execute(BLOCKS, [table])
        return int(cursor.fetchone()[0])

    def database_backwards(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: which values were filled in is not known."""


BLOCKS = "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int"


class RemoveAttribute(AttributeOperation):
    """Remove a member from a type, with its values.

    Backwards the member comes back with its default, not with the values it had.
    """

    category = OperationCategory.REMOVAL
    verb = "Remove"

    def evolve(self, type_state: TypeState) -> TypeState:
        """Return the type without the member."""
        return type_state.without_member(self.name)

    def change(
        self,
        app_label: str,
        schema_editor: DatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the attribute."""
        definition = definition_in(from_state, app_label, self.type_name)
        column = quote(str(definition.get_field(self.name).column))
        execute(
            schema_editor,
            f"ALTER TYPE {definition.qualified_name} DROP ATTRIBUTE {column}",
        )

    def inverse(self, app_label: str, to_state: ProjectState) -> TypeOperation:
        """Return the addition of the member."""
        return AddAttribute(
            self.type_name, self.name, self.field_in(app_label, to_state)
        )

    def describe(self) -> str:
        """Return a line for the output of the commands."""
        return f"{super().describe()}; its values cannot come back"


class RenameAttribute(AttributeOperation):
    """Give a member another name; its values stay."""

    category = OperationCategory.ALTERATION
    verb = "Rename"

    def __init__(self, type_name: str, old_name: str, new_name: str) -> None:
        super().__init__(type_name, old_name)
        self.old_name = old_name
        self.new_name = new_name

    def evolve(self, type_state: TypeState) -> TypeState:
        """Return the type with the member's new name."""
        return type_state.with_renamed_member(self.old_name, self.new_name)

    def change(
        self,
        app_label: str,
        schema_editor: DatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Rename the attribute, unless db_column keeps its name."""
        old = definition_in(from_state, app_label, self.type_name)
        new = definition_in(to_state, app_label, self.type_name)
        rename_attribute(
            schema_editor,
            new.qualified_name,
            old.get_field(self.old_name),
            new.get_field(self.new_name),
        )

    def inverse(self, app_label: str, to_state: ProjectState) -> TypeOperation:
        """Return the renaming back."""
        return RenameAttribute(self.type_name, self.new_name, self.old_name)

    def describe(self) -> str:
        """Return a line for the output of the commands."""
        return f"{super().describe()} to {self.new_name}"

    @property
    def migration_name_fragment(self) -> str:
        """A part of a name for the migration."""
        return f"{super().migration_name_fragment}_{self.new_name}".lower()


class AlterAttribute(AttributeOperation):
    """Give a member another field.

    Only another type, collation or name in the database changes the database. The
    first two send every value of the type through the change, wherever it is stored:
    the tables are rewritten under an exclusive lock.
    """

    category = OperationCategory.ALTERATION
    verb = "Alter"

    def __init__(self, type_name: str, name: str, field: Field[Any, Any]) -> None:
        super().__init__(type_name, name)
        self.field = field

    def evolve(self, type_state: TypeState) -> TypeState:
        """Return the type with the new field."""
        return type_state.with_member(self.name, self.field)

    def change(
        self,
        app_label: str,
        schema_editor: DatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Change what differs in the database."""
        old = definition_in(from_state, app_label, self.type_name)
        new = definition_in(to_state, app_label, self.type_name)
        old_field, new_field = old.get_field(self.name), new.get_field(self.name)
        rename_attribute(schema_editor, new.qualified_name, old_field, new_field)
        if attribute_sql(schema_editor, old_field) != attribute_sql(
            schema_editor, new_field
        ):
            parameters = new_field.db_parameters(schema_editor.connection)
            collation = parameters.get("collation")
            statement = swap_member(
                new.qualified_name,
                str(new_field.column),
                str(parameters["type"]),
                quote(collation) if collation else None,
            )
            place = f"{new.label}.{self.name}"
            if is_cast(old_field, new_field, place):
                with casts_between(schema_editor, old_field, new_field):
                    execute(schema_editor, statement)
            else:
                execute(schema_editor, statement)

    def inverse(self, app_label: str, to_state: ProjectState) -> TypeOperation:
        """Return the alteration back."""
        return AlterAttribute(
            self.type_name, self.name, self.field_in(app_label, to_state)
        )
