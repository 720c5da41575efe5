"""Values out of a result: JSON where it was asked for, else PostgreSQL's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .exact_json import scan
from .records import array_items, is_array, mark_json_nulls, record_data
from .types import set_stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from .definition import Definition
    from .types import CompositeType

__all__ = ["array_converter", "is_positional", "json_sql", "value_converter"]

ATTRIBUTES = """
    SELECT attname, atttypid::regtype::text FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


def is_positional(compiler: Any) -> bool:
    """Return whether a query must deliver values as they are, not as JSON.

    Inside other queries they are no result; and what is sorted or compared by its place
    in the select list must be the value itself.
    """
    query = compiler.query
    return bool(
        query.subquery
        or query.distinct
        or query.group_by is not None
        or query.combinator
        or hasattr(compiler, "is_part_of_combination")
    )


def json_sql(definition: Definition, sql: str, params: Any) -> Any:
    """Return the SQL that reads a value, or an array of values, as JSON.

    Behind the JSON stands the text of the record where only that tells a JSON null in a
    json member from NULL.
    """
    json = f"to_json({sql})::text"
    if not definition.has_json:
        return json, params
    record = f"CASE WHEN ({sql})::text ~ '\\mnull\\M' THEN ({sql})::text ELSE '' END"
    return f"{json} || {record}", (*params, *params, *params)


def value_converter(composite: type[CompositeType], connection: Any) -> Any:
    """Return what makes the values of one result."""
    attributes = _attributes_once(connection)

    new = composite.__new__

    def convert(text: Any, expression: Any, connection: Any) -> Any:
        if text is None:
            return None
        value = new(composite)
        is_record = text[0] == "("
        set_stored(
            value,
            record_data(composite._meta, text, attributes) if is_record else text,
        )
        return value

    return convert


def array_converter(composite: type[CompositeType], connection: Any) -> Any:
    """Return what makes the arrays of one result."""
    attributes = _attributes_once(connection)

    def load(item: Any) -> Any:
        if isinstance(item, list):
            return [load(each) for each in item]
        if isinstance(item, str):
            item = record_data(composite._meta, item, attributes)
        return None if item is None else composite._from_json(item)

    def convert(text: Any, expression: Any, connection: Any) -> Any:
        if text is None:
            return None
        if is_array(text):
            return load(array_items(text))
        data, end = scan(text, 0)
        if end < len(text):
            mark_json_nulls(data, text[end:])
        return load(data)

    return convert


def _attributes_once(
    connection: Any,
) -> Callable[[Definition], list[tuple[str, str]]]:
    """Return what asks for the order of a type's attributes, once per result.

    Longer it must not be remembered: another session may change the type.
    """
    known: dict[str, list[tuple[str, str]]] = {}

    def attributes(definition: Definition) -> list[tuple[str, str]]:
        name = definition.qualified_name
        if name not in known:
            with connection.cursor() as cursor:
                cursor.execute(ATTRIBUTES, [name])
                known[name] = cursor.fetchall()
        return known[name]

    return attributes
