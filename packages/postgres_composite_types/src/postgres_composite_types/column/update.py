"""One member as the target of an update: `update(address__suburb="Fitzroy")`."""

from __future__ import annotations

from copy import copy
from functools import partial
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db.models.constants import LOOKUP_SEP

from postgres_composite_types.column.arrays import element_of
from postgres_composite_types.declare.definition import quote

__all__ = ["member_target"]


def member_target(meta: Any, name: str) -> tuple[Any, Any]:
    """Return the column that a name begins with, and the member as a field.

    Args:
        meta: the options of the model.
        name: such as `address__suburb` or `previous__0__suburb`.

    Returns:
        Two times None if the name is no member of a composite type.

    Raises:
        FieldError: the name leads to nothing that can be set.
    """
    first, *path = name.split(LOOKUP_SEP)
    try:
        column = meta.get_field(first)
    except FieldDoesNotExist:
        return None, None
    if not path or element_of(column)[0] is None:
        return None, None
    field, place = column, _quoted(column)
    for part in path:
        field, step = _step(field, part, name)
        place += step
    if not place.endswith('"'):
        message = f"{name}: set a member of the element, or the whole array."
        raise FieldError(message)
    target = copy(field)
    # Django leaves alone what begins and ends with a quote.
    target.column = place
    target.get_db_prep_save = partial(_prepared, field)
    return column, target


def _prepared(field: Any, value: Any, connection: Any) -> Any:
    """Return the prepared value, a number without the size that it should have.

    Where psycopg binds on the server it would cut an overflowing one to that size.
    """
    value = field.get_db_prep_save(value, connection)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return int(value) if is_number else value


def _step(field: Any, part: str, name: str) -> tuple[Any, str]:
    if isinstance(field, ArrayField) and part.isdecimal():
        return field.base_field, f"[{int(part) + 1}]"
    if not hasattr(field, "composite"):
        message = f"{name}: {part!r} is no member that could be set."
        raise FieldError(message)
    try:
        member = field.composite._meta.get_field(part)
    except FieldDoesNotExist as error:
        raise FieldError(str(error)) from error
    return member, f".{_quoted(member)}"


def _quoted(field: Any) -> str:
    return quote(field.column).replace("%", "%%")
