"""The methods that forms, fixtures and `save` call of an ArrayField of a composite type.

Django's asks its elements' field for each value, and joins them as text itself: there
is no hook, so `install` replaces some of its methods for arrays of composite types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.postgres.fields import ArrayField

from postgres_composite_types.array_forms import CompositeArrayFormField
from postgres_composite_types.column.arrays import element_of
from postgres_composite_types.replacing import replace
from postgres_composite_types.values.conversion import from_plain, to_plain

__all__ = ["install"]

Method = Callable[..., Any]


def install() -> None:
    """Replace the methods; a second call changes nothing."""
    for name, replacement in (
        ("formfield", _formfield),
        ("pre_save", _pre_save),
        ("to_python", _to_python),
        ("value_to_string", _value_to_string),
    ):
        replace(ArrayField, name, _for_composites(replacement))


def _for_composites(replacement: Method) -> Method:
    def method(original: Method, array: Any, *args: Any, **kwargs: Any) -> Any:
        if element_of(array)[0] is None:
            return original(array, *args, **kwargs)
        return replacement(original, array, *args, **kwargs)

    return method


def _formfield(
    original: Method, array: Any, formfield_callback: Any = None, **kwargs: Any
) -> Any:
    item = array.base_field.formfield(formfield_callback=formfield_callback)
    return original(
        array,
        **{
            "form_class": CompositeArrayFormField,
            "base_field": item,
            "show_hidden_initial": False,  # It would be one text for all of them.
            **kwargs,
        },
    )


def _pre_save(original: Method, array: Any, model_instance: Any, add: bool) -> Any:
    values = original(array, model_instance, add)
    element: Any = element_of(array)[0]
    for value in _flat(values):
        element.prepare_members(value, add)
    return values


def _flat(values: Any) -> Iterator[Any]:
    for value in values if isinstance(values, list | tuple) else ():
        yield from _flat(value) if isinstance(value, list | tuple) else (value,)


def _to_python(original: Method, array: Any, value: Any) -> Any:
    return from_plain(array, value)


def _value_to_string(original: Method, array: Any, instance: Any) -> Any:
    return to_plain(array, array.value_from_object(instance))
