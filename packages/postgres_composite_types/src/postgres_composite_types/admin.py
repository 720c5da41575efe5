"""Django's admin by member: columns, filters, and inputs like those around them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.admin import FieldListFilter, ListFilter, display
from django.contrib.admin.filters import AllValuesFieldListFilter
from django.contrib.admin.utils import display_for_field
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.base import ModelBase
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest

from postgres_composite_types.column.fields import CompositeTypeField

if TYPE_CHECKING:
    # What the mixin is mixed into; at run time that comes after it.
    from django.contrib.admin.options import BaseModelAdmin

    _Base = BaseModelAdmin[Any]
else:
    _Base = object

__all__ = ["CompositeAdminMixin", "member_filter"]


class CompositeAdminMixin(_Base):
    """Mix into a ModelAdmin or an inline, before it.

    `list_display` and `list_filter` then take members as lookups name them, such as
    "address__suburb", and the inputs of members are the admin's own.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        filters: Any = getattr(self, "list_filter", ())  # An inline has none.
        # Not as an attribute: it is the class's to those who check types.
        self.__dict__["list_filter"] = [
            member_filter(item)
            if isinstance(item, str) and _find_member(self.model, item)
            else item
            for item in filters
        ]

    def __getattr__(self, name: str) -> Callable[[models.Model], Any]:
        """Return the column of a member: an attribute is what the admin looks for."""
        model = self.__dict__.get("model")
        member = _find_member(model, name) if model else None
        if member is None:
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(message)
        return _column(name, member, self.get_empty_value_display())

    def get_list_display(self, request: Any) -> list[Any]:
        """Return the columns; Django 6.1 looks for a relation in a name with `__`."""
        names: Any = super().get_list_display(request)  # type: ignore[misc]  # ModelAdmin's
        return [
            getattr(self, name)
            if isinstance(name, str) and _find_member(self.model, name)
            else name
            for name in names
        ]

    def formfield_for_dbfield(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> forms.Field | None:
        """Make the inputs of members as those of the model's fields are made."""
        innermost = db_field
        while hasattr(innermost, "base_field"):
            innermost = innermost.base_field
        if isinstance(innermost, CompositeTypeField):
            kwargs["formfield_callback"] = functools.partial(
                self.formfield_for_dbfield, request=request
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def member_filter(path: str) -> type[ListFilter]:
    """Return the filter of a member for a `get_list_filter` of one's own.

    Args:
        path: the member as a lookup names it, such as "address__suburb".
    """
    return type("MemberFilter", (_MemberFilter,), {"path": path})


class _MemberFilter(ListFilter):
    """Becomes the admin's filter for the member's kind of field.

    Only a ListFilter passes the admin's checks; from a path the admin would look for
    a relation at each step.
    """

    path: str

    def __new__(cls, request: Any, params: Any, model: Any, model_admin: Any) -> Any:
        member: Any = _find_member(model, cls.path)
        is_known = member.choices or isinstance(
            member, models.BooleanField | models.DateField
        )
        create = FieldListFilter.create if is_known else _MemberValuesFilter
        return create(member, request, params, model, model_admin, field_path=cls.path)


class _MemberValuesFilter(AllValuesFieldListFilter):
    """Django's list of all values, of a member."""

    def __init__(
        self,
        field: Any,
        request: HttpRequest,
        params: dict[str, Any],
        model: type[models.Model],
        model_admin: Any,
        field_path: str,
    ) -> None:
        self.lookup_kwarg = field_path
        self.lookup_kwarg_isnull = f"{field_path}__isnull"
        self.lookup_val = params.get(field_path)
        self.lookup_val_isnull = params.get(self.lookup_kwarg_isnull, [None])[-1]
        self.empty_value_display = model_admin.get_empty_value_display()
        self.lookup_choices = (
            model_admin.get_queryset(request)
            .distinct()
            .order_by(field_path)
            .values_list(field_path, flat=True)
        )
        # AllValuesFieldListFilter's own looks for a relation at each step.
        super(AllValuesFieldListFilter, self).__init__(
            field, request, params, model, model_admin, field_path
        )


def _find_member(model: Any, path: str) -> models.Field[Any, Any] | None:
    """Return the member that a lookup path ends at; None if it ends elsewhere."""
    owner, is_member, field = model, False, None
    for name in path.split(LOOKUP_SEP):
        if owner is None:
            return None
        try:
            field = owner._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        is_member = not isinstance(owner, ModelBase)
        owner = getattr(field, "composite", None) or field.related_model
    return field if is_member else None


def _column(
    path: str, member: models.Field[Any, Any], empty: str
) -> Callable[[models.Model], Any]:
    """Return what shows a member in a list, and sorts by it."""

    @display(description=member.verbose_name, ordering=path)
    def column(instance: models.Model) -> Any:
        value: Any = instance
        for name in path.split(LOOKUP_SEP):
            value = None if value is None else getattr(value, name)
        return display_for_field(value, member, empty)

    column.__name__ = path  # the admin's class for the column
    return column
