"""The SQL around a value on its way into a query.

A value is one JSON parameter, so that PostgreSQL finds the members by name. Members that
the type has not would be ignored: a guard names every member, and the statement is
refused when it is parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField

from postgres_composite_types.declare.definition import quote
from postgres_composite_types.values.exact_json import JSON_NULL_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postgres_composite_types.types import CompositeType

__all__ = [
    "array_parameter",
    "array_sql",
    "as_json",
    "element_sql",
    "is_literal",
    "member_sql",
    "name_in_query",
    "parameter",
]


def name_in_query(composite: type[CompositeType]) -> str:
    """Return the quoted name; a `%` in it is doubled, as in all SQL with parameters."""
    return composite._meta.qualified_name.replace("%", "%%")


def parameter(composite: type[CompositeType], value: Any) -> str:
    """Return the SQL that makes the type of one JSON parameter.

    Args:
        composite: the type.
        value: the JSON, or None.
    """
    return _populated(composite, "%s", _has_json_null(value))


def element_sql(composite: type[CompositeType], source: str, value: Any) -> str:
    """Return the SQL that makes the type, or NULL, of an element of a JSON array.

    Args:
        composite: the type.
        source: SQL of type json.
        value: the whole JSON, in which nulls in json members are looked for.
    """
    sql = _populated(composite, source, _has_json_null(value))
    return f"CASE WHEN json_typeof({source}) <> 'null' THEN {sql} END"


def array_parameter(composite: type[CompositeType], depth: int, value: Any) -> str:
    """Return the SQL that makes an array of the type of one parameter.

    Args:
        composite: the type of the elements.
        depth: the number of dimensions.
        value: JSON; or, without any element to make, PostgreSQL's array text or None.
    """
    if value is None or is_literal(value):
        return f"%s::{name_in_query(composite)}{'[]' * depth}"
    return _array(composite, depth, "%s", value)


def array_sql(
    composite: type[CompositeType], depth: int, source: str, value: str
) -> str:
    """Return the SQL that makes an array of the type, or NULL, of JSON in a column.

    Args:
        composite: the type of the elements.
        depth: the number of dimensions.
        source: SQL of type json.
        value: the whole JSON, in which nulls in json members are looked for.
    """
    array = _array(composite, depth, source, value)
    return f"CASE WHEN json_typeof({source}) <> 'null' THEN {array} END"


def _array(composite: type[CompositeType], depth: int, source: str, value: str) -> str:
    sources = [source, *(f"composite_{level}.value" for level in range(depth))]
    sql = element_sql(composite, sources[-1], value)
    for level in reversed(range(depth)):
        rows = f"json_array_elements({sources[level]}) AS composite_{level}"
        sql = f"ARRAY(SELECT {sql} FROM {rows})"  # noqa: S608  # quoted names only
    return sql


def is_literal(value: str) -> bool:
    """Return whether a prepared array is PostgreSQL's text and not JSON."""
    return value.startswith("{")


def as_json(value: str | None) -> str:
    """Return the JSON of a prepared array."""
    if value is None:
        return "null"
    if is_literal(value):  # of NULLs only
        return value.lower().replace("{", "[").replace("}", "]")
    return value


def member_sql(parent: str, field: Any) -> str:
    """Return the SQL of a member of what other SQL yields."""
    return f"({parent}).{quote(field.column).replace('%', '%%')}"


def _has_json_null(value: Any) -> bool:
    return isinstance(value, str) and JSON_NULL_TOKEN in value


def _populated(composite: type[CompositeType], source: str, has_json_null: bool) -> str:
    name = name_in_query(composite)
    sql = f"json_populate_record(NULL::{name}, {source})"
    if has_json_null:
        # No JSON populates a json member with null: it goes in as a string, whose
        # quotes are escaped the more the deeper it is nested.
        sql = f"regexp_replace({sql}::text, '[\\\\\"]+{JSON_NULL_TOKEN}[\\\\\"]+', 'null', 'g')::{name}"
    guard = " AND ".join(
        f"{path} IS NULL" for path in _paths(composite, f"NULL::{name}")
    )
    return f"CASE WHEN {guard} THEN {sql} END"


def _paths(composite: type[CompositeType], parent: str) -> Iterator[str]:
    """Yield SQL that names every member, those of nested types instead of these."""
    for field in composite._meta.fields:
        path = member_sql(parent, field)
        inner, depth = field, 0
        while isinstance(inner, ArrayField):
            inner, depth = inner.base_field, depth + 1
        if hasattr(inner, "composite"):
            yield from _paths(inner.composite, f"({path}){'[1]' * depth}")
        else:
            yield path
