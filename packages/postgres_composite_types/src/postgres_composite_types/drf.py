"""Composite values in Django REST framework: a nested serializer, both ways.

`install` maps the field, so that a ModelSerializer has it without a line more.
"""

from __future__ import annotations

import functools
from copy import copy
from typing import TYPE_CHECKING, Any

from django.db import models
from rest_framework import serializers

from .fields import CompositeTypeField

if TYPE_CHECKING:
    from .types import CompositeType

__all__ = ["CompositeSerializer", "install", "serializer_for"]


class CompositeSerializer(serializers.Serializer):
    """A value as an object with a key for each member.

    Subclass it with `composite` set to change a field; `serializer_for` makes the usual
    one. A PATCH changes the members that it names and keeps the others.
    """

    composite: type[CompositeType]

    def get_fields(self) -> dict[str, Any]:
        """Return a field for each member: the declared one, or as a model has it."""
        declared = super().get_fields()
        builder = serializers.ModelSerializer()
        fields = {}
        for member in self.composite._meta.fields:
            if member.name not in declared:
                bound: Any = copy(member)
                bound.model = self.composite  # It is asked for constraints.
                field_class, options = builder.build_standard_field(member.name, bound)
                fields[member.name] = field_class(**options)
        return {**fields, **declared}

    def to_internal_value(self, data: Any) -> Any:
        """Return the value that `data` describe.

        Raises:
            ValidationError: with the errors of each member.
        """
        members = super().to_internal_value(data)
        if getattr(self.root, "partial", False):
            members = {**self._present(), **members}
            errors = {
                name: [field.error_messages["required"]]
                for name, field in self.fields.items()
                if field.required and name not in members
            }
            if errors:
                raise serializers.ValidationError(errors)
        return self.composite(**members)

    def _present(self) -> dict[str, Any]:
        """Return the members of the value that a PATCH finds, if there is one."""
        if isinstance(self.parent, CompositeSerializer):
            value = self.parent._present().get(self.source)
        elif isinstance(getattr(self.parent, "instance", None), models.Model):
            value = self.get_attribute(self.parent.instance)
        else:
            value = None
        names = () if value is None else self.composite.__match_args__
        return {name: getattr(value, name) for name in names}


@functools.cache
def serializer_for(composite: type[CompositeType]) -> type[CompositeSerializer]:
    """Return the serializer of a type; schemas call it by the name of the type."""
    name = f"{composite.__name__}Serializer"
    return type(name, (CompositeSerializer,), {"composite": composite})


class _OfModelField(serializers.ModelField):
    """Becomes the serializer of a model field's type, as `many=True` becomes a list.

    A ModelSerializer finds a class by that of the model field, and hands the model
    field itself to subclasses of ModelField only.
    """

    def __new__(cls, *args: Any, model_field: CompositeTypeField, **kwargs: Any) -> Any:
        return serializer_for(model_field.composite)(*args, **kwargs)


def install() -> None:
    """Map the field for each ModelSerializer without a mapping of its own."""
    mapping = serializers.ModelSerializer.serializer_field_mapping
    mapping.setdefault(CompositeTypeField, _OfModelField)
