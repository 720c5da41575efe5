"""What the operations on composite types share."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import router
from django.db.migrations.operations.base import Operation
from django.db.transaction import atomic

from postgres_composite_types.declare.registry import types_of
from postgres_composite_types.schema.state import types_in

if TYPE_CHECKING:
    from django.db.backends.postgresql.schema import DatabaseSchemaEditor
    from django.db.migrations.state import ProjectState

    from postgres_composite_types.declare.definition import Definition
    from postgres_composite_types.schema.state import Key
    from postgres_composite_types.types import CompositeType


class TypeOperation(Operation):
    """An operation on one composite type.

    Args:
        type_name: The name of the type's class.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # The path that migrations hold; how the modules are cut is our affair.
        cls.__module__ = "postgres_composite_types.operations"

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    @cached_property
    def type_name_lower(self) -> str:
        """The name by which states find the type."""
        return self.type_name.lower()

    def key(self, app_label: str) -> Key:
        """Return what states call the type before the operation."""
        return app_label, self.type_name_lower

    def new_key(self, app_label: str) -> Key:
        """Return what states call the type after the operation."""
        return self.key(app_label)

    def references_model(self, name: str, app_label: str) -> bool:
        """Return False: squashing may carry it across what is done to models.

        A model's indexes name members, but the index with the old name of a member is
        removed by an operation of its own, across which nothing is carried.
        """
        return False

    def database_forwards(
        self,
        app_label: str,
        schema_editor: Any,  # the editor of any database
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Change the database, if the types of the app belong into it and are managed.

        All of it or nothing, in a migration that is not atomic too.
        """
        if self.is_allowed(app_label, schema_editor) and self.is_managed(
            app_label, from_state, to_state
        ):
            with atomic(schema_editor.connection.alias):
                self.change(app_label, schema_editor, from_state, to_state)

    def is_allowed(self, app_label: str, schema_editor: Any) -> bool:
        """Return whether the types of the app belong into the editor's database."""
        connection = schema_editor.connection
        return connection.vendor == "postgresql" and router.allow_migrate(
            connection.alias, app_label, model_name=self.type_name_lower
        )

    def is_managed(
        self, app_label: str, from_state: ProjectState, to_state: ProjectState
    ) -> bool:
        """Return whether migrations change the type in the database."""
        before = types_in(from_state).get(self.key(app_label))
        known = before or types_in(to_state)[self.new_key(app_label)]
        return known.managed

    def database_backwards(
        self,
        app_label: str,
        schema_editor: Any,  # the editor of any database
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Do what the opposite operation does forwards."""
        self.inverse(app_label, to_state).database_forwards(
            app_label, schema_editor, from_state, to_state
        )

    def change(
        self,
        app_label: str,
        schema_editor: DatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Lead the database from one state to the other."""
        raise NotImplementedError

    def inverse(self, app_label: str, to_state: ProjectState) -> TypeOperation:
        """Return the operation that leads back to a state."""
        raise NotImplementedError


def type_in(state: ProjectState, app_label: str, name: str) -> type[CompositeType]:
    """Return the class of a type at one point of the history."""
    return types_of(state.apps).get(f"{app_label}.{name}")


def definition_in(state: ProjectState, app_label: str, name: str) -> Definition:
    """Return the definition of a type at one point of the history."""
    return type_in(state, app_label, name)._meta
