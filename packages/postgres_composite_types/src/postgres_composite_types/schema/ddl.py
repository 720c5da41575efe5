"""The statements that make and move a type, shared by migrations and run-syncdb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postgres_composite_types.declare.definition import quote
from postgres_composite_types.schema.swap import quote_literal

if TYPE_CHECKING:
    from django.db.backends.postgresql.schema import DatabaseSchemaEditor
    from django.db.models import Field

    from postgres_composite_types.declare.definition import Definition
    from postgres_composite_types.types import CompositeType


def create_type(schema_editor: DatabaseSchemaEditor, definition: Definition) -> None:
    """Create a type, and its schema where that does not exist."""
    members = ", ".join(
        f"{quote(str(field.column))} {attribute_sql(schema_editor, field)}"
        for field in definition.fields
    )
    create_schema(schema_editor, definition.schema)
    execute(schema_editor, f"CREATE TYPE {definition.qualified_name} AS ({members})")


def move_type(
    schema_editor: DatabaseSchemaEditor, old: Definition, new: Definition
) -> None:
    """Rename a type and set its schema, where they differ."""
    if old.db_type != new.db_type:
        name = quote(new.db_type)
        execute(schema_editor, f"ALTER TYPE {old.qualified_name} RENAME TO {name}")
    if old.schema == new.schema:
        return
    create_schema(schema_editor, new.schema)
    parts = (old.schema, new.db_type) if old.schema else (new.db_type,)
    alter = f"ALTER TYPE {'.'.join(map(quote, parts))} SET SCHEMA"
    if new.schema:
        execute(schema_editor, f"{alter} {quote(new.schema)}")
    else:
        execute(
            schema_editor,
            _block(
                f"EXECUTE {quote_literal(alter + ' ')} || current_schema()::regnamespace"
            ),
        )


def create_schema(schema_editor: DatabaseSchemaEditor, schema: str | None) -> None:
    """Create a schema that does not exist.

    IF NOT EXISTS would ask for the right to create schemas where there is one.
    """
    if schema:
        name = quote(schema)
        execute(
            schema_editor,
            _block(
                f"IF to_regnamespace({quote_literal(name)}) IS NULL"
                f" THEN CREATE SCHEMA {name}; END IF"
            ),
        )


def attribute_sql(schema_editor: DatabaseSchemaEditor, field: Field[Any, Any]) -> str:
    """Return the type and the collation of a member as SQL."""
    parameters = field.db_parameters(schema_editor.connection)
    collation = parameters.get("collation")
    suffix = f" COLLATE {quote(collation)}" if collation else ""
    return f"{parameters['type']}{suffix}"


def rename_attribute(
    schema_editor: DatabaseSchemaEditor,
    type_name: str,
    old_field: Field[Any, Any],
    new_field: Field[Any, Any],
) -> None:
    """Rename an attribute in the database, if its name differs."""
    old, new = quote(str(old_field.column)), quote(str(new_field.column))
    if old != new:
        execute(
            schema_editor, f"ALTER TYPE {type_name} RENAME ATTRIBUTE {old} TO {new}"
        )


def default_sql(composite: type[CompositeType], field: Field[Any, Any]) -> str:
    """Return SQL of a member's default."""
    definition = composite._meta
    value = composite(**{field.name: field.get_default()})
    text = quote_literal(definition.codec.encode(value))
    filled = f"json_populate_record(NULL::{definition.qualified_name}, {text})"
    return f"({filled}).{quote(str(field.column))}"


def execute(schema_editor: DatabaseSchemaEditor, statement: str) -> None:
    """Run a statement that has no parameters: a `%` in it stands for itself."""
    schema_editor.execute(statement, params=None)


def _block(body: str) -> str:
    return f"DO $composite_types$ BEGIN {body}; END $composite_types$"
