"""Many rows in one statement: composite columns as one JSON array each.

Django sends the columns of many rows as arrays that UNNEST takes apart, but not those
whose values need SQL of their own. For composite types one JSON array stands in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postgres_composite_types.column.arrays import element_of
from postgres_composite_types.column.parameters import array_sql, as_json, element_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["assemble"]


def assemble(
    connection: Any, fields: Sequence[Any], rows: Sequence[Sequence[Any]]
) -> tuple[str, list[Any]] | None:
    """Return what to `SELECT * FROM` and its parameters, one for each column.

    Args:
        connection: knows Django's own column types.
        fields: the columns; None where a row is all defaults.
        rows: the prepared values.

    Returns:
        None where rows must be inserted as Django does it: there is but one, or a value
        is an expression, or another column needs SQL around its values.
    """
    if len(rows) < 2 or not any(element_of(field)[0] for field in fields):
        return None
    if not all(
        _is_plain(connection, field) or element_of(field)[0] for field in fields
    ):
        return None
    if any(hasattr(value, "as_sql") for row in rows for value in row):
        return None
    sources, columns, params = [], [], []
    for number, (field, values) in enumerate(
        zip(fields, zip(*rows, strict=True), strict=True)
    ):
        source, column, param = _column(
            connection, field, f"composite_rows.c{number}", values
        )
        sources.append(source)
        columns.append(column)
        params.append(param)
    names = ", ".join(f"c{number}" for number in range(len(fields)))
    selected = f"SELECT {', '.join(columns)} FROM ROWS FROM ({', '.join(sources)})"  # noqa: S608  # quoted names only
    return f"({selected} AS composite_rows({names})) AS inserted", params


def _is_plain(connection: Any, field: Any) -> bool:
    """Return whether Django would send the column of a field to UNNEST."""
    if (
        field is None
        or hasattr(field, "get_placeholder")
        or hasattr(field, "get_placeholder_sql")
    ):
        return False
    target = field.target_field if field.is_relation else field
    return target.get_internal_type() in connection.data_types


def _column(
    connection: Any, field: Any, name: str, values: Sequence[Any]
) -> tuple[str, str, Any]:
    """Return where the column comes from, its SQL in the select list, its parameter."""
    element, depth = element_of(field)
    if element is None:
        # Without its parameters, so that nothing is cut off: varchar, not varchar(50).
        db_type = field.db_type(connection).split("(")[0]
        return f"unnest((%s)::{db_type}[])", name, list(values)
    if not depth:
        values = [value or "null" for value in values]
        param = f"[{', '.join(values)}]"
        return (
            "json_array_elements(%s)",
            element_sql(element.composite, name, param),
            param,
        )
    param = f"[{', '.join(map(as_json, values))}]"
    return (
        "json_array_elements(%s)",
        array_sql(element.composite, depth, name, param),
        param,
    )
