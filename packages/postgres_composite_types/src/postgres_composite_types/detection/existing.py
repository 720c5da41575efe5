"""The types that a database has already, and those that it lacks."""

from __future__ import annotations

from graphlib import TopologicalSorter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.db import router
from django.db.migrations.state import ProjectState

from postgres_composite_types.declare.registry import live
from postgres_composite_types.operations import CreateCompositeType, CreateFromClass
from postgres_composite_types.schema.ddl import create_type
from postgres_composite_types.schema.state import TypeState, types_in, used_by

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.migrations import Migration

    from postgres_composite_types.types import CompositeType


def look_for_types(connection: Any, migration: Migration) -> tuple[list[str], ...]:
    """Return the types that a migration would create: the missing, the present."""
    found: tuple[list[str], list[str]] = [], []
    label, state = migration.app_label, ProjectState()
    for operation in migration.operations:
        if isinstance(
            operation, CreateCompositeType | CreateFromClass
        ) and operation.is_allowed(label, SimpleNamespace(connection=connection)):
            operation.state_forwards(label, state)
            created = types_in(state)[operation.key(label)]
            if created.managed:
                name = created.qualified_name
                found[exists(connection, name)].append(name)
    return found


def create_missing_types(connection: Any, app_labels: Collection[str]) -> None:
    """Create the declared types of some apps that the database does not have."""
    if connection.vendor != "postgresql":
        return
    with connection.schema_editor() as schema_editor:
        for type_class in in_order_of_use(app_labels):
            meta = type_class._meta
            if (
                meta.managed
                and router.allow_migrate(
                    connection.alias, meta.app_label, model_name=meta.model_name
                )
                and not exists(connection, meta.qualified_name)
            ):
                create_type(schema_editor, meta)


def in_order_of_use(app_labels: Collection[str]) -> list[type[CompositeType]]:
    """Return the declared types of some apps, those that others contain first."""
    classes = {TypeState.from_type(each).key: each for each in live}
    uses = {
        key: used_by({field.name: field for field in each._meta.fields})
        for key, each in classes.items()
    }
    order = TopologicalSorter(uses).static_order()
    return [classes[key] for key in order if key in classes and key[0] in app_labels]


def exists(connection: Any, qualified_name: str) -> bool:
    """Return whether the database has a type."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regtype(%s) IS NOT NULL", [qualified_name])
        return bool(cursor.fetchone()[0])
