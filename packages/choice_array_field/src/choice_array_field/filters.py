"""The field in django-filter: members to choose, any of them or all of them.

`install` gives it to each FilterSet, Wagtail's included. As for a many-to-many field,
the plain name finds what has any of the members:

    fields = {"flags": ["exact", "contains"]}

makes `?flags=a&flags=b` (any of them) and `?flags__contains=a&flags__contains=b` (all).
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import BooleanField, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.utils.text import capfirst
from django_filters import MultipleChoiceFilter
from django_filters.filterset import BaseFilterSet
from django_filters.utils import get_model_field

from .fields import ChoiceArrayField
from .forms import ChoiceArrayFormField
from .replacing import replace

__all__ = ["MembersFilter", "install"]

_LOOKUPS = {
    "exact": "overlap",
    "overlap": "overlap",
    "contains": "contains",
    "contained_by": "contained_by",
}


class _MembersFormField(ChoiceArrayFormField):
    """Takes any number of members: the limits are those of a value, not of a query."""

    def validate(self, value: Any) -> None:
        """Accept what `to_python` does."""


class MembersFilter(MultipleChoiceFilter):
    """Finds what has any of the chosen members, or with "contains" all of them.

    `field_name` leads to the field, also through relations, as "items__flags" does.
    """

    field_class = _MembersFormField

    def __init__(self, *args: Any, lookup_expr: str = "overlap", **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(*args, lookup_expr=lookup_expr, **kwargs)

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
        path = LOOKUP_SEP.join([self.field_name, self.lookup_expr])
        found: QuerySet[Any] = self.get_method(qs)(**{path: value})
        # Only through a relation to many can a row be found twice.
        return found.distinct() if LOOKUP_SEP in self.field_name else found


def _filter_for_lookup(original: Any, cls: Any, field: Any, lookup: str) -> Any:
    if not isinstance(field, ChoiceArrayField):
        return original(cls, field, lookup)
    if lookup == "isnull":  # django-filter would ask which filter the field has.
        return original(cls, BooleanField(), lookup)
    if lookup not in _LOOKUPS:
        return None, {}  # django-filter says that it knows none.
    options: dict[str, Any] = {"lookup_expr": _LOOKUPS[lookup]}
    if options["lookup_expr"] == "overlap":  # Others are named beside the field.
        options["label"] = capfirst(field.verbose_name)
    return MembersFilter, options


def install() -> None:
    """Give the filter to each FilterSet; a second call changes nothing.

    A mapping by class, as django-filter has it, is too late for "exact": there it makes
    a filter for one choice of whatever field has choices.
    """
    replace(BaseFilterSet, "filter_for_lookup", _filter_for_lookup)
