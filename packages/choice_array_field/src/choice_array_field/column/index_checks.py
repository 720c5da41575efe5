"""System checks of admin filters: each is slow without an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.core.exceptions import FieldDoesNotExist

from choice_array_field.column.fields import ChoiceArrayField

__all__ = ["check_indexes"]


def check_indexes(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return a warning for each admin filter on a field without a GIN index."""
    from django.apps import apps

    if not apps.is_installed("django.contrib.admin"):
        return []
    from django.contrib.admin.sites import all_sites

    filtered = {
        field: None
        for site in all_sites
        for model in apps.get_models()
        if site.is_registered(model)
        for field in _filtered_fields(site.get_model_admin(model))
    }
    return [_index_warning(field) for field in filtered if not _has_gin(field)]


def _filtered_fields(model_admin: Any) -> Iterator[ChoiceArrayField[Any, Any]]:
    from django.contrib.admin.utils import NotRelationField, get_fields_from_path

    for item in model_admin.list_filter:
        path = item[0] if isinstance(item, list | tuple) else item
        if not isinstance(path, str):
            continue
        try:
            field = get_fields_from_path(model_admin.model, path)[-1]
        except (FieldDoesNotExist, NotRelationField):  # admin.E116 says so
            continue
        if isinstance(field, ChoiceArrayField):
            yield field


def _has_gin(field: ChoiceArrayField[Any, Any]) -> bool:
    from django.contrib.postgres.indexes import GinIndex

    return any(
        isinstance(index, GinIndex) and (not index.fields or field.name in index.fields)
        for index in field.model._meta.indexes
    )


def _index_warning(field: ChoiceArrayField[Any, Any]) -> CheckMessage:
    name = f"{field.model._meta.model_name}_{field.name}_gin"[-30:].lstrip(
        "_0123456789"
    )
    index = f"GinIndex(fields=[{field.name!r}], name={name!r})"
    return Warning(
        "list_filter has no GIN index to use.",
        f"Add {index} to Meta.indexes of {field.model._meta.label}.",
        obj=field,
        id="choice_array_field.W001",
    )
