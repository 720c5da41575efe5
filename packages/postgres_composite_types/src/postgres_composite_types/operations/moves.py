"""Operations that give a composite type another name or place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db.migrations.operations.base import OperationCategory

from postgres_composite_types.operations.base import TypeOperation, definition_in
from postgres_composite_types.schema.ddl import move_type
from postgres_composite_types.schema.state import put_type, rename_type, types_in

if TYPE_CHECKING:
    from django.db.backends.postgresql.schema import DatabaseSchemaEditor
    from django.db.migrations.state import ProjectState

    from postgres_composite_types.schema.state import Key


class _Renaming(TypeOperation):
    """Changes what states call a type; the database knows it by its db_type."""

    category = OperationCategory.ALTERATION
    new_name: str

    def references_model(self, name: str, app_label: str) -> bool:
        """Return True: fields before it refer to the old name, later ones to the new."""
        return True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Rename the type in the state and in the fields that refer to it."""
        rename_type(state, self.key(app_label), app_label, self.new_name)

    def new_key(self, app_label: str) -> Key:
        """Return what states call the type afterwards."""
        return app_label, self.new_name.lower()

    def database_forwards(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""

    def database_backwards(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing either."""


class RenameCompositeType(_Renaming):
    """Give the class of a type another name; the database keeps its own name."""

    def __init__(self, old_name: str, new_name: str) -> None:
        super().__init__(old_name)
        self.old_name = old_name
        self.new_name = new_name

    def describe(self) -> str:
        """Return a line for the output of the commands."""
        return f"Rename composite type {self.old_name} to {self.new_name}"

    @property
    def migration_name_fragment(self) -> str:
        """A part of a name for the migration."""
        return f"rename_{self.type_name_lower}_{self.new_name.lower()}"


class AdoptCompositeType(_Renaming):
    """Take a type over from another app; the database keeps it as it is."""

    def __init__(self, name: str, from_app: str) -> None:
        super().__init__(name)
        self.name = self.new_name = name
        self.from_app = from_app

    def key(self, app_label: str) -> Key:
        """Return what states call the type before."""
        return self.from_app, self.type_name_lower

    def describe(self) -> str:
        """Return a line for the output of the commands."""
        return f"Adopt composite type {self.name} from {self.from_app}"

    @property
    def migration_name_fragment(self) -> str:
        """A part of a name for the migration."""
        return f"adopt_{self.type_name_lower}"


class AlterCompositeTypeOptions(TypeOperation):
    """Let migrations manage a type from now on, or no longer; nothing else changes.

    Args:
        name: The name of the type's class.
        managed: Whether later operations change the type in the database.
    """

    category = OperationCategory.ALTERATION

    def __init__(self, name: str, managed: bool) -> None:
        super().__init__(name)
        self.name = name
        self.managed = managed

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the option in the state."""
        altered = types_in(state)[self.key(app_label)]
        put_type(state, replace(altered, managed=self.managed))

    def database_forwards(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""

    def database_backwards(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing either."""

    def describe(self) -> str:
        """Return a line for the output of the commands."""
        verb = "Manage" if self.managed else "Do not manage"
        return f"{verb} composite type {self.name}"

    @property
    def migration_name_fragment(self) -> str:
        """A part of a name for the migration."""
        return f"alter_{self.type_name_lower}_options"


class MoveCompositeType(TypeOperation):
    """Give a type another name or another schema in the database."""

    category = OperationCategory.ALTERATION

    def __init__(self, name: str, db_type: str, schema: str | None = None) -> None:
        super().__init__(name)
        self.name = name
        self.db_type = db_type
        self.schema = schema

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the place of the type in the state."""
        moved = types_in(state)[app_label, self.type_name_lower]
        put_type(state, replace(moved, db_type=self.db_type, schema=self.schema))

    def change(
        self,
        app_label: str,
        schema_editor: DatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Rename the type and set its schema, where they differ."""
        move_type(
            schema_editor,
            definition_in(from_state, app_label, self.name),
            definition_in(to_state, app_label, self.name),
        )

    def inverse(self, app_label: str, to_state: ProjectState) -> TypeOperation:
        """Return the move back."""
        old = types_in(to_state)[app_label, self.type_name_lower]
        return MoveCompositeType(self.name, old.db_type, old.schema)

    def describe(self) -> str:
        """Return a line for the output of the commands."""
        place = f"{self.schema}.{self.db_type}" if self.schema else self.db_type
        return f"Move composite type {self.name} to {place}"

    @property
    def migration_name_fragment(self) -> str:
        """A part of a name for the migration."""
        return f"move_{self.type_name_lower}"
