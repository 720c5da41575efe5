"""Wagtail's inputs and comparisons of members; Wagtail imports this on its own."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from wagtail.admin.compare import (
    comparison_class_registry,
    register_comparison_class,
)
from wagtail.admin.forms.models import (
    formfield_for_dbfield,
    register_form_field_override,
    registry,
)

from postgres_composite_types.column.arrays import element_of
from postgres_composite_types.column.fields import CompositeTypeField
from postgres_composite_types.partners.comparison import (
    ArrayComparison,
    CompositeComparison,
)

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


_other_comparison = comparison_class_registry.values_by_class.get(ArrayField)


def _array_comparison(field: ArrayField[Any, Any]) -> Any:
    if isinstance(field.base_field, CompositeTypeField):
        return ArrayComparison
    is_made = callable(_other_comparison) and not isinstance(_other_comparison, type)
    return _other_comparison(field) if is_made else _other_comparison


if CompositeTypeField not in comparison_class_registry.values_by_class:
    register_comparison_class(CompositeTypeField, comparison_class=CompositeComparison)
register_comparison_class(ArrayField, comparison_class=_array_comparison)
