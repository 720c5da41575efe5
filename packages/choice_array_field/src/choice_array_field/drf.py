"""The field in Django REST framework: a multiple choice, in the schema too.

`install` gives it to each ModelSerializer. Its mapping of fields alone cannot: DRF makes
a ChoiceField of whatever model field has choices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MinLengthValidator
from rest_framework import serializers
from rest_framework.utils.field_mapping import get_field_kwargs

from . import messages
from .fields import ChoiceArrayField
from .replacing import replace

__all__ = ["ChoiceArraySerializerField", "install"]


class ChoiceArraySerializerField(serializers.MultipleChoiceField):
    """The members of a `ChoiceArrayField`, as a list.

    It takes them in any order and more than once, and shows them in declared order.
    """

    def __init__(
        self, *, model_field: ChoiceArrayField[Any, Any], **kwargs: Any
    ) -> None:
        """Initialise.

        Args:
            model_field: the field that holds the value.
            kwargs: those of DRF's MultipleChoiceField, but `choices`.
        """
        self.model_field = model_field
        self.base = _base_field(model_field)
        super().__init__(choices=self._represented(), **kwargs)
        # Not for validation, which `to_internal_value` has done: schemas read them.
        least, most = _limits(model_field)
        if least is not None and not self.allow_empty:
            self.validators.append(MinLengthValidator(least))
        if most is not None:
            self.validators.append(MaxLengthValidator(most))

    def _represented(self) -> list[Any]:
        """Return the choices with values as JSON has them, such as an ISO date."""
        return [
            (label, [(self._shown(value), text) for value, text in choices])
            if isinstance(choices, list | tuple)
            else (self._shown(label), choices)
            for label, choices in self.model_field.choice_set.grouped
        ]

    def _shown(self, member: Any) -> Any:
        return self.base.to_representation(getattr(member, "value", member))

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the canonical members.

        Raises:
            ValidationError: naming each value that is no choice, and the nearest one.
        """
        if isinstance(data, str | Mapping) or not isinstance(data, Iterable):
            self.fail("not_a_list", input_type=type(data).__name__)
        if not self.allow_empty and not data:
            self.fail("empty")
        members, errors = [], []
        for item in data:
            try:
                members.append(self._member(item))
            except ValidationError as error:
                errors.append(error)
            if len(errors) == messages.SHOWN:
                break
        if errors:
            raise ValidationError(errors)
        selection = self.model_field.canonical(members)
        if selection:
            messages.check_number(len(selection), *_limits(self.model_field))
        return selection

    def _member(self, item: Any) -> Any:
        choices = self.model_field.choice_set
        try:
            value = self.base.run_validation(item)
        except serializers.ValidationError:
            value = None
        if value not in choices:
            raise messages.no_choice(item, choices)
        return value

    def to_representation(self, value: Any) -> list[Any]:
        """Return the members in declared order, those outside the choices too."""
        members = self.model_field.choice_set.display_order(value)
        return [self._shown(member) for member in members]


def _limits(model_field: ChoiceArrayField[Any, Any]) -> tuple[int | None, int | None]:
    return model_field.min_choices, model_field.max_choices


def _base_field(model_field: ChoiceArrayField[Any, Any]) -> serializers.Field:
    """Return DRF's field for one member, which knows its type and not the choices."""
    plain = copy(model_field.base_field)
    plain.choices = None
    builder = serializers.ModelSerializer()
    field_class, options = builder.build_standard_field("member", plain)
    return field_class(**options)


def _build_standard_field(
    original: Any, serializer: Any, field_name: str, model_field: Any
) -> Any:
    if not isinstance(model_field, ChoiceArrayField):
        return original(serializer, field_name, model_field)
    options = get_field_kwargs(field_name, model_field)
    options.pop("choices", None)
    options.pop("max_length", None)
    return ChoiceArraySerializerField, options


def install() -> None:
    """Give the field to each ModelSerializer; a second call changes nothing."""
    owner = serializers.ModelSerializer
    replace(owner, "build_standard_field", _build_standard_field)
