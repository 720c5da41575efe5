"""What a member gives to the class of its values, as a field does to that of its model.

Values hold their members in slots. A field with a descriptor of its own, such as that of
files, finds its raw value in the `__dict__` of the value, as it does on a model.
"""

from __future__ import annotations

from copy import copy
from functools import partialmethod
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field
from django.db.models.query_utils import DeferredAttribute

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MemberDescriptor",
    "attributes_of",
    "descriptors_of",
    "display_method",
    "others_of",
]


class MemberDescriptor:
    """A field's own descriptor, of values that are decoded when first touched.

    Args:
        name: the name of the member.
        descriptor: what the field would set on its model.
    """

    def __init__(self, name: str, descriptor: Any) -> None:
        self._name = name
        self._descriptor = descriptor

    def __get__(self, value: Any, owner: type) -> Any:
        """Return what the descriptor makes of the raw value."""
        if value is None:
            return self
        if self._name not in value.__dict__:
            # Python asks `CompositeType.__getattr__` next, which decodes.
            raise AttributeError(self._name)
        return self._descriptor.__get__(value, owner)

    def __set__(self, value: Any, item: Any) -> None:
        """Let the descriptor set the raw value, or do it."""
        if hasattr(type(self._descriptor), "__set__"):
            self._descriptor.__set__(value, item)
        else:
            value.__dict__[self._name] = item


def descriptors_of(members: Mapping[str, Any]) -> dict[str, MemberDescriptor]:
    """Return the descriptors that fields bring, by the names of their members.

    A field that needs more attributes than its own is left out: it is the stored value.
    """
    found = {}
    for name, member in members.items():
        given = attributes_of(member)
        if name in given and not _surplus(name, given):
            found[name] = MemberDescriptor(name, given[name])
    return found


def others_of(member: Any) -> list[str]:
    """Return the names of the attributes that a model gets from a field, and no value."""
    return _surplus(str(member.name), attributes_of(member))


def display_method(member: Any) -> Any:
    """Return `get_<member>_display`, as a model has it of a field with choices."""
    return partialmethod(_display, member)


def _display(value: Any, member: Any) -> Any:
    from django.db.models import Model

    return Model._get_FIELD_display(value, member)  # type: ignore[attr-defined]  # as Field calls it


def attributes_of(member: Any) -> dict[str, Any]:
    """Return what the code of a field sets on the class of its model, by name."""
    contribute = type(member).contribute_to_class
    if contribute.__module__.startswith("django."):
        kind = member.descriptor_class
        return {} if kind is DeferredAttribute else {member.name: kind(member)}
    model: Any = _StandInMeta("StandIn", (), {"_get_FIELD_display": _display})
    before = set(vars(model))
    try:
        copy(member).contribute_to_class(model, member.name)
    except Exception:  # noqa: BLE001 - a field of others that needs a real model
        return {"attributes of its own": contribute}
    return {
        name: given
        for name, given in vars(model).items()
        if name not in before and type(given) is not DeferredAttribute
    }


def _surplus(name: str, given: Mapping[str, Any]) -> list[str]:
    return sorted(given.keys() - {name, f"get_{name}_display"})


class _StandInMeta(type):
    """Makes a class that remembers what a field sets on it."""

    def __init__(cls, name: str, bases: tuple[type, ...], attrs: Any) -> None:
        super().__init__(name, bases, attrs)
        cls._meta = _Options()

    def add_to_class(cls, name: str, value: Any) -> None:
        """Set an attribute, as ModelBase does; a field is kept as it is."""
        setattr(cls, name, value)


class _Options:
    """As much of a model's `_meta` as fields ask for while they are set."""

    abstract = True  # Django connects no signals for such models.
    proxy = swapped = False
    app_label = "postgres_composite_types"
    object_name = "StandIn"
    model_name = "standin"
    label = f"{app_label}.{object_name}"
    label_lower = label.lower()
    apps = apps

    def __init__(self) -> None:
        self.fields: list[Field[Any, Any]] = []
        self.local_fields = self.private_fields = self.fields

    def add_field(self, field: Field[Any, Any], private: bool = False) -> None:
        """Take a field, as Options does."""
        self.fields.append(field)

    def get_field(self, name: str) -> Field[Any, Any]:
        """Return a field that was added.

        Raises:
            FieldDoesNotExist: none has the name.
        """
        for field in self.fields:
            if field.name == name:
                return field
        raise FieldDoesNotExist(name)
