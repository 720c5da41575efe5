"""A value as the literal that a definition holds: a default, a check, an index.

Queries send JSON, which finds the members by name. A definition outlives the names, so
it gets a literal, which PostgreSQL keeps as a value and leads through every change of
the type. Unlike `json_populate_record` it is immutable, too, as the conditions of
indexes and generated columns must be.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import JSONField

from postgres_composite_types.column.parameters import as_json
from postgres_composite_types.values.exact_json import JSON_NULL_TOKEN, dumps, loads

if TYPE_CHECKING:
    from collections.abc import Callable

    from postgres_composite_types.declare.definition import Definition

    InOrder = Callable[[Definition], list[Any]]

__all__ = ["is_definition", "literal", "literal_sql"]

ATTRIBUTES = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


def is_definition(compiler: Any) -> bool:
    """Return whether SQL is compiled for DDL: only there columns stand without table."""
    return not compiler.query.alias_cols


def literal_sql(field: Any, prepared: Any, connection: Any) -> tuple[str, list[Any]]:
    """Return the SQL and the parameter of a value of a composite column or array.

    Args:
        field: The column.
        prepared: What its `get_db_prep_value` made.
        connection: The database that the SQL is for.
    """
    type_name = field.db_type(connection).replace("%", "%%")
    return f"%s::{type_name}", [literal(field, prepared, connection)]


def literal(field: Any, prepared: Any, connection: Any) -> str | None:
    """Return the text of a value in PostgreSQL's input syntax; see `literal_sql`."""
    is_array = isinstance(field, ArrayField)
    json = as_json(prepared) if is_array or prepared is None else prepared
    # The catalog is asked once for each type, however many values there are.
    return _text(field, loads(json), cache(partial(_in_order, connection)))


def _text(field: Any, item: Any, in_order: InOrder) -> str | None:
    if item is None:
        return None
    if hasattr(field, "composite"):
        fields = in_order(field.composite._meta)
        members = (_text(each, item[each.column], in_order) for each in fields)
        return (
            f"({','.join('' if text is None else _quoted(text) for text in members)})"
        )
    if isinstance(field, ArrayField):
        return f"{{{','.join(_element(field, each, in_order) for each in item)}}}"
    if isinstance(field, JSONField):
        return "null" if item == JSON_NULL_TOKEN else dumps(item)
    return item if isinstance(item, str) else dumps(item)


def _element(array: Any, item: Any, in_order: InOrder) -> str:
    text = _text(array.base_field, item, in_order)
    if text is None:
        return "NULL"
    return text if isinstance(array.base_field, ArrayField) else _quoted(text)


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def _in_order(connection: Any, definition: Definition) -> list[Any]:
    """Return the members as the database has them, or as they will be created."""
    fields = {str(field.column): field for field in definition.fields}
    with connection.cursor() as cursor:
        cursor.execute(ATTRIBUTES, [definition.qualified_name])
        names = [name for (name,) in cursor.fetchall()]
    is_known = fields.keys() == set(names)
    return [fields[name] for name in names] if is_known else definition.fields
