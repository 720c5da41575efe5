"""Composite values in Django REST framework: a nested serializer, both ways.

`install` maps the field, so that a ModelSerializer has it without a line more.
"""

from __future__ import annotations

import functools
from copy import copy
from typing import TYPE_CHECKING, Any

from django.db import models
from rest_framework import serializers
from rest_framework.fields import get_attribute

from postgres_composite_types.column.fields import CompositeTypeField

if TYPE_CHECKING:
    from postgres_composite_types.types import CompositeType

__all__ = ["CompositeSerializer", "install", "serializer_for"]


class CompositeSerializer(serializers.Serializer):
    """A value as an object with a key for each member.

    Subclass it with `composite` set to change a field; `serializer_for` makes the usual
    one. A PATCH changes the members that it names and keeps the others. Members that are
    read-only, as those with `editable=False` are, survive every request.
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

    def bind(self, field_name: str, parent: Any) -> None:
        """Guard the items of a list that this is the serializer of."""
        super().bind(field_name, parent)
        if _is_list(parent):
            _guard_items(parent)

    def to_internal_value(self, data: Any) -> Any:
        """Return the value that `data` describe; read-only members stay as they are.

        Raises:
            ValidationError: with the errors of each member.
        """
        members = super().to_internal_value(data)
        found = _present(self)
        present = found if isinstance(found, self.composite) else None
        if getattr(self.root, "partial", False):
            names = () if present is None else self.composite.__match_args__
            members = {**{name: getattr(present, name) for name in names}, **members}
            errors = {
                name: [field.error_messages["required"]]
                for name, field in self.fields.items()
                if field.required and name not in members
            }
            if errors:
                raise serializers.ValidationError(errors)
        return _with_read_only(self, self.composite(**members), present)


def _is_list(field: Any) -> bool:
    return isinstance(field, serializers.ListField | serializers.ListSerializer)


def _guard_items(items: Any) -> None:
    """Keep the read-only members of the items of a list field, however deep.

    It is done for this one field, so that it holds for every class of list fields, those
    of the project included.
    """
    to_internal_value, bind = items.to_internal_value, items.bind

    def guarded(data: Any) -> Any:
        return _with_read_only(items, to_internal_value(data), _present(items))

    def bind_and_guard(field_name: str, parent: Any) -> None:
        bind(field_name, parent)
        if _is_list(parent):
            _guard_items(parent)

    items.to_internal_value, items.bind = guarded, bind_and_guard


def _present(field: Any) -> Any:
    """Return the value that a request finds; None if there is none, or for an item.

    That of a serializer is its instance, also if it is nested in another.
    """
    instance = getattr(field, "instance", None)
    if field.parent is None or isinstance(instance, models.Model):
        return instance
    if _is_list(field.parent) or (owner := _present(field.parent)) is None:
        return None
    try:
        return get_attribute(owner, field.source_attrs)
    except (AttributeError, KeyError):  # An instance of the project's own.
        return None


def _with_read_only(field: Any, new: Any, old: Any) -> Any:
    """Return `new` with the members of `old` that no request may write."""
    if new is None or old is None:
        return new
    if _is_list(field):
        pairs = zip(new, _former_items(field.child, new, old), strict=True)
        return [_with_read_only(field.child, *pair) for pair in pairs]
    if not (
        isinstance(field, CompositeSerializer) and isinstance(old, field.composite)
    ):
        return new
    members = {name: getattr(new, name) for name in field.composite.__match_args__}
    for member in field.fields.values():
        if member.source in members:
            before = getattr(old, member.source)
            now = members[member.source]
            members[member.source] = (
                before if member.read_only else _with_read_only(member, now, before)
            )
    return field.composite(**members)


def _former_items(child: Any, new: list[Any], old: list[Any]) -> list[Any]:
    """Return the item that each new one was, None for one that was added.

    An item whose members are all the same was that one, wherever it stands now; of the
    others, each was the one in its place.
    """
    if _is_list(child):
        return [*old, *[None] * len(new)][: len(new)]
    unclaimed = dict(enumerate(old))
    by_members: dict[str, list[int]] = {}
    for index in reversed(unclaimed):
        by_members.setdefault(_written(child, old[index]), []).append(index)
    same = {
        index: unclaimed.pop(indexes.pop())
        for index, item in enumerate(new)
        if (indexes := by_members.get(_written(child, item)))
    }
    return [
        same[index] if index in same else unclaimed.get(index)
        for index in range(len(new))
    ]


def _written(field: Any, value: Any) -> str:
    """Return a text of all in a value that a request may write."""
    if isinstance(field, CompositeSerializer) and isinstance(value, field.composite):
        return repr(
            [
                _written(member, getattr(value, member.source))
                for member in field.fields.values()
                if not member.read_only
            ]
        )
    if _is_list(field) and value is not None:
        return repr([_written(field.child, item) for item in value])
    return repr(value)


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
