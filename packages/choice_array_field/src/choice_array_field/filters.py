"""The field in django-filter: members to choose, any of them or all of them.

`install` gives it to each FilterSet, Wagtail's included. As for a many-to-many field,
the plain name finds what has any of the members:

    fields = {"flags": ["exact", "contains"]}

makes `?flags=a&flags=b` (any of them) and `?flags__contains=a&flags__contains=b` (all).
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.db.models import Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.utils.text import capfirst
from django_filters import MultipleChoiceFilter, filterset
from django_filters.conf import settings
from django_filters.utils import get_model_field

from choice_array_field.column.fields import ChoiceArrayField
from choice_array_field.forms import ChoiceArrayFormField

__all__ = ["MembersFilter", "install"]

_LOOKUPS = {
    "exact": "overlap",
    "overlap": "overlap",
    "contains": "contains",
    "contained_by": "contained_by",
}


class _MembersFormField(ChoiceArrayFormField):
    """Takes any number of members: the limits are those of a value, not of a query."""

    def __init__(
        self,
        *,
        null_label: str | None = None,
        null_value: str = settings.NULL_CHOICE_VALUE,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.null_label, self.null_value = null_label, null_value
        if null_label is not None:
            known = self.choice_set
            self.choices = [(null_value, null_label), *self.choices]
            self.__dict__["_choice_set"] = known

    def to_python(self, value: Any) -> Any:
        """Return the members, and the value that stands for none of them."""
        if self.null_label is None or not self.field.is_selection(value):
            return super().to_python(value)
        texts = list(value)
        members = super().to_python([text for text in texts if text != self.null_value])
        return (
            [self.null_value, *(members or [])] if self.null_value in texts else members
        )

    def validate(self, value: Any) -> None:
        """Accept what `to_python` does."""


class MembersFilter(MultipleChoiceFilter):
    """Finds what has any of the chosen members, or with "contains" all of them.

    Args:
        field_name: leads to the field, also through relations, as "items__flags" does.
        lookup_expr: "overlap", "contains" or "contained_by".
        options: those of MultipleChoiceFilter. With `conjoined` all members are asked
            for; with `null_label` there is a choice for rows without any member.
    """

    field_class = _MembersFormField

    def __init__(
        self,
        field_name: str | None = None,
        lookup_expr: str | None = None,
        **options: Any,
    ) -> None:
        options.setdefault("widget", forms.CheckboxSelectMultiple)
        self._is_distinct = options.get("distinct")
        if lookup_expr is None:
            lookup_expr = "contains" if options.get("conjoined") else "overlap"
        super().__init__(field_name, lookup_expr, **options)

    @property
    def field(self) -> Any:
        """The form field, with the choices of the model field."""
        found = get_model_field(self.model, self.field_name)
        self.extra.setdefault("field", found)
        return super().field

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Return the rows found; no members find every row."""
        if not value:
            return qs
        members = [each for each in value if each != self.null_value]
        path = LOOKUP_SEP.join([self.field_name, self.lookup_expr])
        condition = Q(**{path: members}) if members else Q()
        if len(members) < len(value):
            name = self.field_name
            condition |= Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__len": 0})
        found: QuerySet[Any] = self.get_method(qs)(condition)
        # Only through a relation to many can a row be found twice.
        is_distinct = self._is_distinct
        if is_distinct is None:
            is_distinct = LOOKUP_SEP in self.field_name
        return found.distinct() if is_distinct else found


class _FieldMembersFilter(MembersFilter):
    """The filter that a FilterSet makes of a model field by itself."""

    def __init__(self, *, field: Any, lookup_expr: str, **options: Any) -> None:
        if lookup_expr not in _LOOKUPS:
            text = (
                f"'{field.name}' has no filter for the lookup '{lookup_expr}';"
                f" choose from {', '.join(_LOOKUPS)}."
            )
            raise ValueError(text)
        lookup_expr = _LOOKUPS[lookup_expr]
        if lookup_expr == "overlap":  # Others are named beside the field.
            options.setdefault("label", capfirst(field.verbose_name))
        super().__init__(lookup_expr=lookup_expr, field=field, **options)


_DEFAULT = {
    "filter_class": _FieldMembersFilter,
    "extra": lambda field: {"field": field},
}


def install() -> None:
    """Make it the default of each FilterSet; the project's own mappings win."""
    filterset.FilterSet.FILTER_DEFAULTS.setdefault(ChoiceArrayField, _DEFAULT)
    if apps.is_installed("rest_framework"):
        from django_filters.rest_framework import FilterSet

        FilterSet.FILTER_DEFAULTS.setdefault(ChoiceArrayField, _DEFAULT)
    if apps.is_installed("drf_spectacular"):
        from choice_array_field.partners import spectacular as spectacular_private  # noqa: F401  # a class registers itself
