"""What an ArrayField of a composite type needs.

Django gives ArrayField no hook for how its elements are read, so `install` replaces
some of its methods, which change nothing for arrays of anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField

from postgres_composite_types.column.elements import AnyElement
from postgres_composite_types.column.fields import CompositeTypeField
from postgres_composite_types.column.literals import is_definition, literal_sql
from postgres_composite_types.column.parameters import array_parameter
from postgres_composite_types.column.results import (
    array_converter,
    is_positional,
    json_sql,
)
from postgres_composite_types.replacing import replace

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["element_of", "install"]


def element_of(field: Any) -> tuple[CompositeTypeField | None, int]:
    """Return the composite field inside an array and the array's dimensions."""
    depth = 0
    while isinstance(field, ArrayField):
        field, depth = field.base_field, depth + 1
    return (field if isinstance(field, CompositeTypeField) else None), depth


def install() -> None:
    """Teach ArrayField about elements of a composite type, once."""
    ArrayField.register_lookup(AnyElement)
    ArrayField.register_lookup(ArrayIn)
    for name, replacement in REPLACEMENTS.items():
        replace(ArrayField, name, _for_composites(replacement))


def _for_composites(replacement: Callable[..., Any]) -> Callable[..., Any]:
    def method(original: Any, array: Any, *args: Any, **kwargs: Any) -> Any:
        element, depth = element_of(array)
        if element is None:
            return original(array, *args, **kwargs)
        return replacement(element, depth, *args, **kwargs)

    return method


def _select_format(
    element: CompositeTypeField, depth: int, compiler: Any, sql: str, params: Any
) -> Any:
    if is_positional(compiler):
        return sql, params
    return json_sql(element.composite._meta, sql, params)


def _get_db_converters(
    element: CompositeTypeField, depth: int, connection: Any
) -> list[Any]:
    return [array_converter(element.composite, connection)]


def _get_db_prep_value(
    element: CompositeTypeField,
    depth: int,
    value: Any,
    connection: Any,
    prepared: bool = False,
) -> Any:
    if not isinstance(value, list | tuple):
        return value
    return _literal(value) or _json(element, value, connection)


def _literal(value: Any) -> str | None:
    """Return PostgreSQL's text of an array without elements to encode, or None."""
    texts = [_literal(i) if isinstance(i, list | tuple) else "NULL" for i in value]
    is_empty = all(i is None or isinstance(i, list | tuple) for i in value)
    return (
        f"{{{','.join(map(str, texts))}}}" if is_empty and None not in texts else None
    )


def _json(element: CompositeTypeField, value: Any, connection: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_json(element, item, connection) for item in value)}]"
    text = element.get_db_prep_value(value, connection)
    return "null" if text is None else text


def _get_placeholder(
    element: CompositeTypeField, depth: int, value: Any, compiler: Any, connection: Any
) -> str:
    if hasattr(value, "as_sql"):
        return "%s"
    return array_parameter(element.composite, depth, value)


def _get_placeholder_sql(
    element: CompositeTypeField, depth: int, value: Any, compiler: Any, connection: Any
) -> Any:
    if hasattr(value, "as_sql"):
        return compiler.compile(value)
    return array_parameter(element.composite, depth, value), (value,)


# Django 6.1 has a get_db_prep_save of its own in ArrayField.
REPLACEMENTS: dict[str, Any] = {  # Any: mypy joins them to a bare function
    "get_db_converters": _get_db_converters,
    "get_db_prep_save": _get_db_prep_value,
    "get_db_prep_value": _get_db_prep_value,
    "get_placeholder": _get_placeholder,
    "get_placeholder_sql": _get_placeholder_sql,
    "select_format": _select_format,
}


# Any: Django keeps the class private.
_ArrayIn: Any = ArrayField.class_lookups["in"]


class ArrayIn(_ArrayIn):  # type: ignore[misc]  # a class that is found at run time
    """One of several arrays."""

    def resolve_expression_parameter(
        self, compiler: Any, connection: Any, sql: str, param: Any
    ) -> Any:
        """Return the SQL of one of the arrays."""
        element, depth = element_of(self.lhs.output_field)
        if element is None or hasattr(param, "resolve_expression"):
            return super().resolve_expression_parameter(
                compiler, connection, sql, param
            )
        if is_definition(compiler):
            return literal_sql(self.lhs.output_field, param, connection)
        return array_parameter(element.composite, depth, param), [param]
