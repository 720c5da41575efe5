"""Values to plain data and back, for fixtures, Wagtail's revisions and people's JSON.

Plain data are nested mappings and lists of what each member's own field writes. How
values travel to the database is the codec's affair.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Field

    from postgres_composite_types.types import CompositeType

__all__ = ["from_plain", "is_of_revision", "to_plain", "without_removed"]

# Whether the data are those of a revision of Wagtail, which outlives members.
is_of_revision = ContextVar("data of a revision", default=False)


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
            message = _("%(value)r is no JSON: %(reason)s.")
            params = {"value": data, "reason": error}
            raise ValidationError(message, "invalid", params) from error
    if isinstance(data, list | tuple):
        return [from_plain(field.base_field, each) for each in data]
    return data


def without_removed(
    composite: type[CompositeType], data: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the members in `data`, in a revision only those that the type has.

    Wagtail leaves out what a revision holds of a field that is no more. Elsewhere, in a
    fixture say, an unknown member is a mistake that must be told.
    """
    if not is_of_revision.get():
        return data
    return {key: data[key] for key in data if key in composite.__match_args__}
