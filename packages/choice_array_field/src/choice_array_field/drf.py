"""The field in Django REST framework: a multiple choice, in the schema too.

`install` maps it, so that a ModelSerializer has it without a line more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any

from django.core.validators import MaxLengthValidator, MinLengthValidator
from rest_framework import serializers

from choice_array_field.column.fields import ChoiceArrayField
from choice_array_field.members import messages
from choice_array_field.members.choices import Choices

__all__ = ["ChoiceArraySerializerField", "install"]

STOCK_TEXT = serializers.MultipleChoiceField.default_error_messages["invalid_choice"]


class ChoiceArraySerializerField(serializers.MultipleChoiceField):
    """The members of a `ChoiceArrayField`, as a list.

    It takes them in any order and more than once, and shows them in declared order.
    """

    def __init__(
        self,
        *,
        model_field: ChoiceArrayField[Any, Any],
        choice_set: Choices | None = None,
        **kwargs: Any,
    ) -> None:
        """Initialise.

        Args:
            model_field: the field that holds the value.
            choice_set: its choices, if they are known already.
            kwargs: those of DRF's MultipleChoiceField, but `choices`.
        """
        self.model_field = model_field
        # A serializer lives as long as its request: a callable is called once in it.
        self.choice_set = choice_set or model_field.choice_set
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
            for label, choices in self.choice_set.grouped
        ]

    def _shown(self, member: Any) -> Any:
        return self.base.to_representation(getattr(member, "value", member))

    def to_internal_value(self, data: Any) -> list[Any]:
        """Return the canonical members.

        Raises:
            ValidationError: naming the first values that are not choices.
        """
        if isinstance(data, str | Mapping) or not isinstance(data, Iterable):
            self.fail("not_a_list", input_type=type(data).__name__)
        if not self.allow_empty and not data:
            self.fail("empty")
        members: list[Any] = []
        wrong: list[Any] = []
        for item in data:
            try:
                members.append(self._member(item))
            except ValueError:
                wrong.append(item)
            if len(wrong) == messages.SHOWN:
                break
        if wrong:
            texts = [self._no_choice(item) for item in wrong]
            raise serializers.ValidationError(texts, "invalid_choice")
        selection = self.model_field.canonical(members)
        if selection:
            self._check_number(len(selection))
        return selection

    def _member(self, item: Any) -> Any:
        """Return the member that a JSON value stands for.

        Raises:
            ValueError: none.
        """
        try:
            value = self.base.run_validation(item)
        except serializers.ValidationError as error:
            raise ValueError from error
        if value not in self.choice_set:
            raise ValueError
        return value

    def _no_choice(self, item: Any) -> str:
        text = self.error_messages["invalid_choice"]
        message = str(text).format(input=messages.shortened(item))
        nearest = self.choice_set.nearest(item) if text == STOCK_TEXT else None
        if nearest is None:
            return message
        hint: str = messages.NEAREST % {"nearest": self._shown(nearest)}
        return f"{message} {hint}"

    def _check_number(self, count: int) -> None:
        field = self.model_field
        texts = {**field.error_messages, **self.error_messages}
        messages.check_number(field, count, texts)

    def to_representation(self, value: Any) -> list[Any]:
        """Return the members in declared order, those outside the choices too."""
        members = self.choice_set.display_order(value)
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


class _OfModelField(serializers.ModelField):
    """Becomes the field of a model field, which a ModelSerializer hands on to this."""

    def __new__(
        cls, *args: Any, model_field: Any, child: Any = None, **kwargs: Any
    ) -> Any:
        kwargs.pop("max_length", None)
        if model_field.has_callable_choices:
            # The child has asked already.
            kwargs["choice_set"] = Choices(
                [
                    (
                        label,
                        [*choices.items()] if isinstance(choices, dict) else choices,
                    )
                    for label, choices in child.grouped_choices.items()
                ],
                model_field.declared,
            )
        return ChoiceArraySerializerField(model_field=model_field, **kwargs)


def install() -> None:
    """Map the field for each ModelSerializer without a mapping of its own."""
    mapping = serializers.ModelSerializer.serializer_field_mapping
    mapping.setdefault(ChoiceArrayField, _OfModelField)
