"""What a deploy would do: its steps, and the SQL of its migrations. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.migrations.executor import MigrationExecutor

from ixdjango.deploy.steps import Step
from ixdjango.masking import describe_error

__all__ = ["preview"]


def preview(steps: Sequence[Step]) -> Iterator[str]:
    """Yield the lines of a dry run."""
    for place, step in enumerate(steps, start=1):
        marks = [
            mark
            for mark, is_set in (
                ("in every container", step.is_local),
                ("once", step.once),
                ("always", step.always),
                (f"phase {step.phase}", step.phase is not None),
                ("if its condition is true", step.condition is not None),
            )
            if is_set
        ]
        yield f"{place:3}  {step.name}" + (f"  ({', '.join(marks)})" if marks else "")
        if step.command == "migrate":
            yield from (f"       {line}" for line in _migrations(step))


def _migrations(step: Step) -> Iterator[str]:
    connection = connections[str(step.options.get("database", DEFAULT_DB_ALIAS))]
    is_postgresql = connection.vendor == "postgresql"
    try:
        if is_postgresql:
            with connection.cursor() as cursor:
                cursor.execute("SET default_transaction_read_only = on")
        yield from _planned(connection)
    except Error as error:
        yield f"-- the database cannot be asked: {describe_error(error)}"
    finally:
        if is_postgresql and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("RESET default_transaction_read_only")


def _planned(connection: Any) -> Iterator[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        yield "-- no migration is pending"
    applied = list(executor.loader.applied_migrations)
    state = executor.loader.project_state(applied)
    for migration, _ in plan:
        yield f"-- {migration}"
        try:
            with connection.schema_editor(
                collect_sql=True, atomic=migration.atomic
            ) as editor:
                state = migration.apply(state, editor, collect_sql=True)
            yield from (
                line for text in editor.collected_sql for line in text.split("\n")
            )
        except (ValueError, MigrationSchemaMissing, NotImplementedError) as error:
            yield f"-- Django cannot render its SQL: {describe_error(error)}"
            state = migration.mutate_state(state, preserve=False)
