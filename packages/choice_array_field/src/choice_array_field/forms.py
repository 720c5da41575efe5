"""The form field: boxes or a list, with what a row holds from earlier choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from choice_array_field.members import messages
from choice_array_field.members.choices import Choices

if TYPE_CHECKING:
    from choice_array_field.members.selection import SelectionField

__all__ = ["ChoiceArrayFormField", "widget_for"]

WIDGETS: dict[str | None, type[forms.Widget]] = {
    None: forms.SelectMultiple,
    "select": forms.SelectMultiple,
    "checkboxes": forms.CheckboxSelectMultiple,
}
STOCK_TEXT = forms.MultipleChoiceField.default_error_messages["invalid_choice"]
STOCK_CHOICES: Any = vars(forms.ChoiceField)["choices"]  # a property
KEPT = _("{value} (no longer a choice)")
REFUSED = _("{value} (no longer a choice: remove or replace it)")


def widget_for(option: Any) -> Any:
    """Return the widget that an option names; widgets are themselves."""
    return WIDGETS.get(option, option) if isinstance(option, str | None) else option


class ChoiceArrayFormField(forms.MultipleChoiceField):
    """Takes the texts of values and gives the canonical list of members.

    Nothing chosen is an empty list, but NULL where the row has NULL. A value that the
    row holds and that is no choice is shown as one of its own, so it is not lost.

    Args:
        field: the model field.
        options: those of MultipleChoiceField; `choices` may narrow the field's.
    """

    def __init__(self, *, field: SelectionField[Any, Any], **options: Any) -> None:
        self.field = field
        self.legacy: dict[str, Any] = {}
        self.empty: list[Any] | None = None if field.null else []
        super().__init__(**{"choices": field.member_choices, **options})

    def __deepcopy__(self, memo: Any) -> ChoiceArrayFormField:
        """Return the copy of one form, which asks a callable for its choices."""
        copied: ChoiceArrayFormField = super().__deepcopy__(memo)
        if self.is_whole and self.field.has_callable_choices:
            copied.__dict__.pop("_choice_set", None)
        return copied

    @property
    def choices(self) -> Any:
        """Return what the widget shows."""
        return STOCK_CHOICES.fget(self)

    @choices.setter
    def choices(self, value: Any) -> None:
        self.is_whole = value is self.field.member_choices
        self.__dict__.pop("_choice_set", None)
        STOCK_CHOICES.fset(self, value)

    @property
    def choice_set(self) -> Choices:
        """Return what may be chosen here."""
        if "_choice_set" not in self.__dict__:
            field = self.field
            self.__dict__["_choice_set"] = (
                field.choice_set
                if self.is_whole
                else Choices(self.choices, field.declared)
            )
        found: Choices = self.__dict__["_choice_set"]
        return found

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        """Learn what the row holds: values of old choices, or NULL."""
        initial = form.get_initial_for_field(self, field_name)
        if self.field.is_selection(initial):
            self.empty = []
            self._show_legacy([item for item in initial if item not in self.choice_set])
        return super().get_bound_field(form, field_name)

    def _show_legacy(self, values: list[Any]) -> None:
        choice_set = self.choice_set
        self.legacy = {choice_set.key(value): value for value in values}
        if self.legacy:
            options = [(key, self._legacy_label(key)) for key in self.legacy]
            self.choices = [*self.choices, *options]
            self.__dict__["_choice_set"] = choice_set

    def _legacy_label(self, key: str) -> Any:
        is_refused = (
            self.field.enforce and self.legacy[key] not in self.field.choice_set
        )
        return format_lazy(REFUSED if is_refused else KEPT, value=key)

    def prepare_value(self, value: Any) -> Any:
        """Return the texts of values, which the widget marks as chosen."""
        return value if value is None else self._keys(value)

    def to_python(self, value: Any) -> Any:
        """Return the members of submitted texts.

        Raises:
            ValidationError: it names the first that are not choices.
        """
        if value in self.empty_values:
            return self.empty
        if not self.field.is_selection(value):
            raise ValidationError(self.error_messages["invalid_list"], "invalid_list")
        members, errors = [], []
        for item in value:
            member = self._member(item)
            if member in self.choice_set:
                members.append(member)
            elif item in self.legacy:
                members.append(self.legacy[item])
            else:
                errors.append(self._no_choice(item))
            if len(errors) == messages.SHOWN:
                break
        if errors:
            raise ValidationError(errors)
        return self.field.canonical(members)

    def _no_choice(self, item: Any) -> ValidationError:
        text, label = self.error_messages["invalid_choice"], None
        if text == STOCK_TEXT:
            nearest = self.choice_set.nearest(item)
            label = None if nearest is None else self.choice_set.label(nearest)
        return messages.no_choice(item, text, label)

    def validate(self, value: Any) -> None:
        """Check the number of members, and that the database takes what is kept.

        Raises:
            ValidationError: there are too few or too many, or it does not.
        """
        field = self.field
        if value:
            kept = () if field.enforce else self.legacy.values()
            strangers = [
                each
                for each in value
                if each not in field.choice_set and each not in kept
            ]
            if strangers:
                raise ValidationError([self._no_choice(each) for each in strangers])
            texts = {**field.error_messages, **self.error_messages}
            messages.check_number(field, len(value), texts)
        elif self.required:
            raise ValidationError(self.error_messages["required"], code="required")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether other members are chosen, in whatever order and form."""
        if self.disabled:
            return False
        return {*self._keys(initial or ())} != {*self._keys(data or ())}

    def _keys(self, values: Any) -> list[str]:
        """Return the texts of values; one alone is a selection in a URL."""
        values = values if self.field.is_selection(values) else [values]
        return [self.choice_set.key(self._member(value)) for value in values]

    def _member(self, item: Any) -> Any:
        """Return the member that a text or a value stands for, or the item itself."""
        try:
            return self.choice_set.from_key(item)
        except (KeyError, TypeError):  # no text of a choice; perhaps another form of it
            pass
        try:
            [member] = self.field.canonical([item])
        except ValidationError:
            return item
        return member
