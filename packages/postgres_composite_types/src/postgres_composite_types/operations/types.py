"""Operations that create and delete a composite type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.migrations.operations.base import OperationCategory
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.operations.models import IndexOperation, ModelOperation
from django.db.migrations.state import ProjectState

from postgres_composite_types.declare.registry import live, types_of
from postgres_composite_types.operations.base import TypeOperation, definition_in
from postgres_composite_types.schema.ddl import create_type, execute
from postgres_composite_types.schema.state import (
    TypeState,
    fields_of,
    put_type,
    remove_type,
    types_in,
    used_by,
)
from postgres_composite_types.signals import composite_type_created

if TYPE_CHECKING:
    from django.db.backends.postgresql.schema import DatabaseSchemaEditor
    from django.db.migrations.operations.base import Operation
    from django.db.models import Field

    from postgres_composite_types.types import CompositeType

    Members = Iterable[tuple[str, Field[Any, Any]]]


class CreateCompositeType(TypeOperation):
    """Create a composite type.

    Args:
        name: The name of its class.
        fields: Pairs of a name and a field, one for each member.
        db_type: Its name in the database.
        schema: The schema that holds it, which is created where it does not exist, and
            stays; None means the first schema of the search path.
        managed: False leaves the type in the database alone, now and later.
    """

    category = OperationCategory.ADDITION
    serialization_expand_args = ["fields"]

    def __init__(
        self,
        name: str,
        fields: Members,
        db_type: str,
        schema: str | None = None,
        managed: bool = True,  # migrations pass it by name
    ) -> None:
        super().__init__(name)
        self.name = name
        self.fields = list(fields)
        self.db_type = db_type
        self.schema = schema
        self.managed = managed

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Return what a migration holds of it."""
        kwargs: dict[str, Any] = {
            "name": self.name,
            "fields": self.fields,
            "db_type": self.db_type,
        }
        if self.schema is not None:
            kwargs["schema"] = self.schema
        if not self.managed:
            kwargs["managed"] = False
        return type(self).__name__, [], kwargs

    @classmethod
    def from_state(cls, state: TypeState) -> CreateCompositeType:
        """Return the operation that creates a type as it stands in a state."""
        return cls(
            state.name,
            state.members.items(),
            state.db_type,
            state.schema,
            state.managed,
        )

    def to_state(self, app_label: str) -> TypeState:
        """Return the type as it stands after the operation."""
        return TypeState(
            app_label,
            self.name,
            self.db_type,
            dict(self.fields),
            self.schema,
            self.managed,
        )

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the type to the state."""
        put_type(state, self.to_state(app_label))

    def change(
        self,
        app_label: str,
        schema_editor: DatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create the type, and its schema where that does not exist."""
        create_type(schema_editor, definition_in(to_state, app_label, self.name))
        _tell(f"{app_label}.{self.name}", to_state, schema_editor)

    def inverse(self, app_label: str, to_state: ProjectState) -> TypeOperation:
        """Return the deletion of the type."""
        return DeleteCompositeType(self.name)

    def describe(self) -> str:
        """Return a line for the output of the commands."""
        return f"Create composite type {self.name}"

    @property
    def migration_name_fragment(self) -> str:
        """A part of a name for the migration."""
        return self.type_name_lower

    def reduce(self, operation: Operation, app_label: str) -> bool | list[Operation]:
        """Take in what is done to the type next, or let pass what does not use it."""
        if isinstance(operation, TypeOperation):
            key, new_key = operation.key(app_label), operation.new_key(app_label)
            if key == self.key(app_label):
                return self._absorb(operation, app_label)
            if key != new_key and key in used_by(fields_of(self)):
                return False  # It would name a type that has another name by then.
        elif not isinstance(
            operation, ModelOperation | FieldOperation | IndexOperation
        ):
            return super().reduce(operation, app_label)
        return (app_label, self.type_name_lower) not in used_by(fields_of(operation))

    def _absorb(self, operation: Operation, app_label: str) -> list[Operation]:
        state = ProjectState()
        self.state_forwards(app_label, state)
        operation.state_forwards(app_label, state)
        return [self.from_state(left) for left in types_in(state).values()]


class CreateFromClass(TypeOperation):
    """Create a composite type from its class as it stands: `Address.Operation()`.

    It freezes nothing, so changes of the class are not detected until
    `manage.py freeze_composite_types` has rewritten it.
    """

    category = OperationCategory.ADDITION
    type_class: type[CompositeType]

    def __init__(self) -> None:
        super().__init__(self.type_class._meta.name)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the class of today to the state."""
        put_type(state, replace(TypeState.from_type(self.type_class), is_frozen=False))

    def change(
        self,
        app_label: str,
        schema_editor: DatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Create the type, and its schema where that does not exist."""
        create_type(schema_editor, self.type_class._meta)
        _tell(self.type_class._meta.label, to_state, schema_editor)

    def inverse(self, app_label: str, to_state: ProjectState) -> TypeOperation:
        """Return the deletion of the type."""
        return DeleteCompositeType(self.type_name)

    def describe(self) -> str:
        """Return a line for the output of the commands."""
        return f"Create composite type {self.type_name} as its class stands"


def _tell(label: str, state: ProjectState, schema_editor: DatabaseSchemaEditor) -> None:
    if not schema_editor.collect_sql:
        types = live if label in live else types_of(state.apps)
        composite_type_created.send(
            types.get(label), connection=schema_editor.connection
        )


class DeleteCompositeType(TypeOperation):
    """Delete a composite type that nothing uses any more."""

    category = OperationCategory.REMOVAL

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def references_model(self, name: str, app_label: str) -> bool:
        """Return True: the models that used it must have let go before."""
        return True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Take the type out of the state."""
        remove_type(state, (app_label, self.type_name_lower))

    def change(
        self,
        app_label: str,
        schema_editor: DatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drop the type."""
        definition = definition_in(from_state, app_label, self.name)
        execute(schema_editor, f"DROP TYPE {definition.qualified_name}")

    def inverse(self, app_label: str, to_state: ProjectState) -> TypeOperation:
        """Return the creation of the type."""
        return CreateCompositeType.from_state(
            types_in(to_state)[app_label, self.type_name_lower]
        )

    def describe(self) -> str:
        """Return a line for the output of the commands."""
        return f"Delete composite type {self.name}"

    @property
    def migration_name_fragment(self) -> str:
        """A part of a name for the migration."""
        return f"delete_{self.type_name_lower}"


def operation_of(type_class: type[CompositeType]) -> type[CreateFromClass]:
    """Return the operation that creates a type from its class: `Address.Operation`."""
    body = {
        "type_class": type_class,
        "__qualname__": f"{type_class.__name__}.Operation",
    }
    return type("Operation", (CreateFromClass,), body)
