"""The filter's parameter in the OpenAPI schema of drf-spectacular: a list of members.

`_get_schema_from_model_field` is private, and the same in 0.27 to 0.29: it takes the
schema of the whole model field for that of one value of a filter.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.contrib.django_filters import DjangoFilterExtension

from choice_array_field.column.fields import ChoiceArrayField

__all__ = ["MembersFilterExtension"]


class MembersFilterExtension(DjangoFilterExtension):
    """Describes one member where the field holds several."""

    priority = DjangoFilterExtension.priority + 1

    def _get_schema_from_model_field(
        self, auto_schema: Any, filter_field: Any, model: Any
    ) -> Any:
        schema = super()._get_schema_from_model_field(auto_schema, filter_field, model)
        field = self._get_model_field(filter_field, model)
        is_ours = isinstance(field, ChoiceArrayField) and schema.get("type") == "array"
        return dict(schema["items"]) if is_ours else schema
