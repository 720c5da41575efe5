"""The form field for an array of composite values: as many items as are wanted.

It knows nothing of composite types: each item is a form with the base field in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from postgres_composite_types.forms import SubformBoundField, SubformWidget, sentence

if TYPE_CHECKING:
    _FormSet = forms.BaseFormSet[forms.Form]
else:
    _FormSet = forms.BaseFormSet  # Generic in the stubs only.

__all__ = ["CompositeArrayFormField", "CompositeArrayWidget", "ItemsFormSet"]


class ItemForm(forms.Form):
    """One item, in the field `item` that is put in.

    Attributes:
        was: its index among those that the page began with; None if it was added.
    """

    was: int | None = None


class ItemsFormSet(_FormSet):
    """The items of one array, in order; blank ones are not there.

    Attributes:
        originals: the array that the page began with. What an item has and no input
            shows is taken from the one that it was.
    """

    originals: Sequence[Any] = ()

    def begin_with(self, value: Sequence[Any] | None) -> None:
        """Tell what the formset started with."""
        self.originals = value or ()

    @cached_property
    def _indexes(self) -> dict[str, int]:
        return {str(index): index for index in range(len(self.originals))}

    def add_fields(self, form: Any, index: int | None) -> None:
        """Tell an item what it was: Django calls this for each; None is the template."""
        super().add_fields(form, index)
        if not self.is_bound or index is None:
            form.was = index
            return
        form.was = self._indexes.get(str(self.data.get(f"{form.prefix}-was")))
        item = form["item"].data
        # With another widget than ours the item is JSON.
        if form.was is not None and hasattr(item, "begin_with"):
            item.begin_with(self.originals[form.was])

    def add_prefix(self, index: int | str) -> str:
        """Return the prefix of an item; the empty one's is not Django's.

        Inside an inline formset, that one's script replaces every `__prefix__`.
        """
        return super().add_prefix("__item__" if index == "__prefix__" else index)

    def filled(self) -> list[Any]:
        """Return the forms of the items that somebody filled in."""
        is_kept = not self.form.base_fields["item"].required
        return [form for form in self.forms if is_kept or form.has_changed()]


class CompositeArrayWidget(SubformWidget):
    """Shows every item, with buttons that add, move and remove items."""

    template_name = "postgres_composite_types/array.html"
    scripts = ("postgres_composite_types/array.js",)
    formset_class: type[ItemsFormSet]

    def inner_fields(self) -> Iterable[forms.Field]:
        """Return the field of an item."""
        return self.formset_class.form.base_fields.values()

    def make_form(self, **options: Any) -> ItemsFormSet:
        """Return the formset of the items."""
        # Every item may be blank, also those that the page began with.
        return self.formset_class(form_kwargs={"empty_permitted": True}, **options)

    def initial_of(self, value: Any) -> list[dict[str, Any]]:
        """Return what each item starts with."""
        return [{"item": item} for item in value or []]

    def adapt(self, form: ItemsFormSet, attrs: dict[str, Any]) -> None:
        """Disable the items as the whole is; one that is required may still be blank."""
        attrs.pop("required", None)
        if attrs.get("disabled"):
            for item in form:
                item.fields["item"].disabled = True

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> Any:
        """Return the bound formset, or None if no page with the field was sent."""
        if self.value_omitted_from_data(data, files, name):
            return None
        return super().value_from_datadict(data, files, name)

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: Any, name: str
    ) -> bool:
        """Return whether the number of items was not sent."""
        return f"{name}-TOTAL_FORMS" not in data


class CompositeArrayFormField(forms.Field):
    """A list of values of `base_field`; an item left blank is left out.

    Args:
        base_field: the form field of one item.
        max_length: how many items there may be; None means as many as fit in a form.
    """

    widget: Any = CompositeArrayWidget  # An instance of it once the field is made.
    default_error_messages = {"items": _("Check item %(items)s.")}

    def __init__(
        self, base_field: forms.Field, *, max_length: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.base_field = base_field
        self.widget.formset_class = forms.formset_factory(
            type("ItemForm", (ItemForm,), {"item": base_field}),
            formset=ItemsFormSet,
            extra=0,
            max_num=max_length,
            validate_max=max_length is not None,
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Name the group: no label can point at it."""
        return {"aria-label": self.label} if self.label else {}

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        """Return a bound field that keeps the forms of the items."""
        return SubformBoundField(form, self, field_name)

    def clean(self, value: Any) -> Any:
        """Return the items in order.

        Raises:
            ValidationError: tells which items do not fit, by their numbers from 1.
        """
        if not isinstance(value, ItemsFormSet):
            return super().clean(value or [])
        if not value.is_valid():
            raise ValidationError(self._complaints(value))
        return super().clean([f.cleaned_data.get("item") for f in value.filled()])

    def _complaints(self, formset: ItemsFormSet) -> list[ValidationError]:
        numbers = [n for n, errors in enumerate(formset.errors, start=1) if errors]
        complaints = formset.non_form_errors().as_data()
        if numbers:
            message = self.error_messages["items"]
            params = {"items": sentence(numbers)}
            complaints.append(ValidationError(message, code="items", params=params))
        return complaints

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether an item was added, moved, changed or removed."""
        if self.disabled:
            return False
        if not isinstance(data, ItemsFormSet):
            return (initial or []) != (data or [])
        forms, initial = data.filled(), initial or []
        return len(forms) != len(initial) or any(
            form.was not in {number, None}
            or self.base_field.has_changed(initial[number], form["item"].data)
            for number, form in enumerate(forms)
        )
