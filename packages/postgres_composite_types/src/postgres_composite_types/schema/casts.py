"""Casts between composite types, for the time of one change."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, TextField

from postgres_composite_types.column.arrays import element_of
from postgres_composite_types.declare.definition import quote
from postgres_composite_types.exceptions import ColumnTypeError
from postgres_composite_types.schema.ddl import default_sql, execute
from postgres_composite_types.schema.swap import statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.postgresql.schema import DatabaseSchemaEditor
    from django.db.models import Field

    from postgres_composite_types.types import CompositeType

    Pair = tuple[type[CompositeType], type[CompositeType]]


@contextmanager
def casts_between(
    schema_editor: DatabaseSchemaEditor, old: Field[Any, Any], new: Field[Any, Any]
) -> Iterator[None]:
    """Let the database cast the values of one field to the other's type.

    Members are copied by name; the others get their default, or NULL.

    Args:
        schema_editor: Runs the statements.
        old: A column or a member as it was; arrays of composite types too.
        new: The same as it will be.
    """
    pairs = list(dict(_pairs(old, new)).values())
    names = [f'"composite_cast_{number}"' for number in range(len(pairs))]
    for name, pair in zip(names, pairs, strict=True):
        execute(schema_editor, _cast(name, *pair))
    yield
    for name, (before, _) in reversed(list(zip(names, pairs, strict=True))):
        drop = f"DROP FUNCTION {name}({before._meta.qualified_name}) CASCADE"
        execute(schema_editor, drop)


def _pairs(
    old: Field[Any, Any], new: Field[Any, Any]
) -> Iterator[tuple[tuple[str, str], Pair]]:
    """Yield the types to cast, those of members first."""
    # Any: `is_cast` has seen that there are elements.
    before: Any = element_of(old)[0]
    after: Any = element_of(new)[0]
    source, target = before.composite, after.composite
    if source._meta.qualified_name == target._meta.qualified_name:
        return
    known = {field.name: field for field in source._meta.fields}
    for field in target._meta.fields:
        place = f"{target._meta.label}.{field.name}"
        if field.name in known and is_cast(known[field.name], field, place):
            yield from _pairs(known[field.name], field)
    names = source._meta.qualified_name, target._meta.qualified_name
    yield names, (source, target)


def _cast(name: str, old: type[CompositeType], new: type[CompositeType]) -> str:
    known = {field.name: field for field in old._meta.fields}
    sources = {}
    for field in new._meta.fields:
        if field.name in known:
            column = quote(str(known[field.name].column))
            sources[str(field.column)] = f"($1).{column}"
        elif field.has_default():
            sources[str(field.column)] = default_sql(new, field)
    return statement(
        "cast.sql",
        function=name,
        old_type=old._meta.qualified_name,
        new_type=new._meta.qualified_name,
        attributes=list(sources),
        sources=list(sources.values()),
    )


def is_cast(old: Field[Any, Any], new: Field[Any, Any], place: str) -> bool:
    """Return whether it takes casts of ours to change a field to another.

    Args:
        old: A column or a member as it was.
        new: The same as it will be.
        place: What an error calls it.

    Raises:
        ColumnTypeError: one is of a composite type, and nothing leads to the other.
    """
    (before, depth_before), (after, depth_after) = element_of(old), element_of(new)
    if before and after and bool(depth_before) == bool(depth_after):
        return True
    is_text = isinstance(old, CharField | TextField) or isinstance(new, TextField)
    if (before or after) and not is_text:
        message = (
            f"{place}: {_kind(old)} cannot become {_kind(new)}; add another field, copy"
            " the values by RunPython, then remove the old one."
        )
        raise ColumnTypeError(message)
    return False


def _kind(field: Field[Any, Any]) -> str:
    element, depth = element_of(field)
    name = element.reference if element else type(field).__name__
    return f"{'an array of ' if element and depth else 'a '}{name}"
