"""Values to plain data and back, for fixtures, Wagtail's revisions and people's JSON.

Plain data are nested mappings and lists of what each member's own field writes. How
values travel to the database is the codec's affair.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError

if TYPE_CHECKING:
    from django.db.models import Field

__all__ = ["from_plain", "to_plain"]


def to_plain(field: Field[Any, Any], value: Any) -> Any:
    """Return the plain data of a value that `field` holds."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if hasattr(field, "composite"):
        members = value._meta.fields
        return {
            each.name: to_plain(each, getattr(value, each.name)) for each in members
        }
    if isinstance(field, ArrayField):
        return [to_plain(field.base_field, each) for each in value]
    return field.value_to_string(SimpleNamespace(**{field.attname: value}))  # type: ignore[arg-type]  # what it reads


def from_plain(field: Field[Any, Any], data: Any) -> Any:
    """Return the value of `field` that plain data describe; an array from JSON too.

    Raises:
        ValidationError: they do not fit.
    """
    if data is None:  # A BooleanField that may not be null refuses it here already.
        return None
    if not isinstance(field, ArrayField):
        return field.to_python(data)
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except ValueError as error:
            message = f"{data!r} is no JSON: {error}."
            raise ValidationError(message, code="invalid") from error
    if isinstance(data, list | tuple):
        return [from_plain(field.base_field, each) for each in data]
    return data
