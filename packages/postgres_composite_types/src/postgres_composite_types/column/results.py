"""Values out of a result: JSON where it was asked for, else PostgreSQL's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postgres_composite_types.declare.stored import set_stored
from postgres_composite_types.values.exact_json import scan
from postgres_composite_types.values.records import (
    array_items,
    is_array,
    mark_json_nulls,
    record_data,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from postgres_composite_types.declare.definition import Definition
    from postgres_composite_types.types import CompositeType

__all__ = [
    "array_converter",
    "is_positional",
    "json_sql",
    "read_by_name",
    "value_converter",
]

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


def read_by_name(
    sql: str, params: Any, definitions: Sequence[Definition | None]
) -> tuple[str, Any]:
    """Return SQL that reads as JSON the values that a query compares.

    The members' names come with the values, in one statement: asked for afterwards, they
    may already be those that a migration gave them. The order of rows is kept, since
    PostgreSQL merges no query that sorts, groups or combines into the one around it.

    Args:
        sql: the query that compares the values.
        params: its parameters.
        definitions: the type, or the type of an array's elements, in each of its columns.
    """
    names = [f"c{number}" for number in range(len(definitions))]
    columns = ", ".join(
        json_sql(definition, name, ())[0] if definition else name
        for definition, name in zip(definitions, names, strict=True)
    )
    # Columns that the query selects only to sort by them go without a name.
    inner = f"({sql}) AS composite_result({', '.join(names)})"
    return f"SELECT {columns} FROM {inner}", params  # noqa: S608  # our own names only


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
