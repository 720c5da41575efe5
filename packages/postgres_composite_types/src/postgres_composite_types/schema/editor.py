"""What a schema editor does with columns of composite types.

Django's takes a default for a parameter of some query, compiles a database default as a
query, and changes a column's type by a cast that there is not. Checked against Django
5.2, 6.0 and 6.1.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from django.db import router
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from django.db.models import NOT_PROVIDED
from django.db.models.sql.query import Query
from django.db.transaction import atomic

from postgres_composite_types.column.arrays import element_of
from postgres_composite_types.column.literals import literal
from postgres_composite_types.replacing import replace
from postgres_composite_types.schema.casts import casts_between, is_cast
from postgres_composite_types.schema.state import closure_of

if TYPE_CHECKING:
    from django.db.migrations.state import ProjectState

    from postgres_composite_types.schema.state import Key


def install() -> None:
    """Replace the methods of PostgreSQL's schema editor; a second call changes nothing."""
    for name, replacement in REPLACEMENTS.items():
        replace(DatabaseSchemaEditor, name, replacement)


def _effective_default(original: Any, editor: Any, field: Any) -> Any:
    """Return a literal: Django puts it where a column's type is known."""
    default = original(editor, field)
    if element_of(field)[0] is None or default is None:
        return default
    return literal(field, default, editor.connection)


def _db_default_sql(original: Any, editor: Any, field: Any) -> Any:
    """Compile the default as the part of a definition."""
    if element_of(field)[0] is None:
        return original(editor, field)
    query = Query(model=field.model, alias_cols=False)
    compiler = query.get_compiler(connection=editor.connection)
    sql, params = compiler.compile(field._db_default_expression)
    return f"({sql})", list(params)


def _alter_field(
    original: Any, editor: Any, model: Any, old_field: Any, new_field: Any, *rest: Any
) -> None:
    """Lead the values from one composite type to another."""
    old_type, new_type, *_ = rest
    if old_type == new_type or not is_cast(old_field, new_field, str(new_field)):
        original(editor, model, old_field, new_field, *rest)
        return
    with atomic(editor.connection.alias):  # The migration may be not.
        if old_field.has_db_default():
            old_field = _without_db_default(editor, model, old_field)
        with casts_between(editor, old_field, new_field):
            original(editor, model, old_field, new_field, *rest)


def _without_db_default(editor: Any, model: Any, field: Any) -> Any:
    """Drop the default, which PostgreSQL would have to cast by itself."""
    _alter_db_default(editor, model, field, drop=True)
    field = copy(field)
    field.db_default = NOT_PROVIDED
    return field


def restore_defaults(
    schema_editor: DatabaseSchemaEditor, state: ProjectState, key: Key
) -> None:
    """Set the database defaults of a type's columns to those of a state.

    On the way back an AlterField is undone before the type has its members again, so
    the default that it left has only those of later.
    """
    connection = schema_editor.connection
    for model in state.apps.get_models():
        if not model._meta.can_migrate(connection) or (
            not router.allow_migrate_model(connection.alias, model)
        ):
            continue
        for field in model._meta.local_concrete_fields:
            if (
                field.has_db_default()
                and key in closure_of(state, {"": field})
                and _is_there(schema_editor, field)
            ):
                _alter_db_default(schema_editor, model, field, drop=False)


def _is_there(schema_editor: DatabaseSchemaEditor, field: Any) -> bool:
    """Return whether a column has the name that a state knows.

    A migration that stays may have given it another: it need not depend on the type's.
    """
    if schema_editor.collect_sql:
        return True
    table = schema_editor.quote_name(field.model._meta.db_table)
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(COLUMN, [table, field.column])
        return bool(cursor.rowcount)


COLUMN = """
    SELECT FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attname = %s AND NOT attisdropped
"""


def _alter_db_default(editor: Any, model: Any, field: Any, *, drop: bool) -> None:
    changes, params = editor._alter_column_database_default_sql(
        model, field, field, drop=drop
    )
    table = editor.quote_name(model._meta.db_table)
    sql = editor.sql_alter_column % {"table": table, "changes": changes}
    editor.execute(sql, params)


REPLACEMENTS: dict[str, Any] = {  # Any: mypy joins them to a bare function
    "_alter_field": _alter_field,
    "db_default_sql": _db_default_sql,
    "effective_default": _effective_default,
}
