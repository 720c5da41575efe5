"""Wagtail's own inputs for the members; Wagtail imports this when it is installed."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from wagtail.admin.forms.models import (
    formfield_for_dbfield,
    register_form_field_override,
    registry,
)

from .arrays import element_of
from .fields import CompositeTypeField

__all__: list[str] = []

_OVERRIDE = {"formfield_callback": formfield_for_dbfield}
_other = registry.values_by_class.get(ArrayField)


def _array_override(field: ArrayField[Any, Any]) -> Any:
    element, _ = element_of(field)
    if element is not None:
        return _OVERRIDE
    return _other(field) if callable(_other) else _other


register_form_field_override(CompositeTypeField, override=_OVERRIDE)
register_form_field_override(ArrayField, override=_array_override)
