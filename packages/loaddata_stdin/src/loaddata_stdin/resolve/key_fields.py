"""The fields that --key names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from loaddata_stdin.exceptions import LoaddataStdinError, ObjectValueError
from loaddata_stdin.objects import FixtureObject

__all__ = ["key_fields", "led_to", "require"]

# Any in this module: models and fields.


def key_fields(keys: Mapping[str, Iterable[str]]) -> dict[Any, list[Any]]:
    """Return fields by model, each model after those that its fields lead to.

    Args:
        keys: the names of fields by the label of their model.

    Raises:
        LoaddataStdinError: a model or a field is unknown, or cannot be a key.
    """
    left = dict(_fields(*each) for each in keys.items())
    models = list(left)
    ordered: dict[Any, list[Any]] = {}
    while left:
        waiting = {
            model: [f for f in fields if led_to(f, models) in left]
            for model, fields in left.items()
        }
        free = [model for model, fields in waiting.items() if not fields]
        if not free:
            model, [field, *_] = next(iter(waiting.items()))
            message = (
                f"--key {model._meta.label_lower}={field.name}: it leads to the model"
                " itself; choose fields that tell a row without it."
            )
            raise LoaddataStdinError(message)
        ordered.update((model, left.pop(model)) for model in free)
    return ordered


def led_to(field: Any, models: Collection[Any]) -> Any:
    """Return the one of some models whose primary keys a field has; None: none of them."""
    while field.remote_field:
        field = field.target_field
        if field.primary_key and field.model._meta.concrete_model in models:
            return field.model._meta.concrete_model
    return None


def require(fields: list[Any], item: FixtureObject) -> None:
    """Refuse an object that does not list fields.

    Raises:
        ObjectValueError: it is the first that is not listed.
    """
    for field in fields:
        if not {field.name, field.attname} & item.fields.keys():
            message = f"field {field.name}: not listed, and part of --key."
            raise ObjectValueError(message)


def _fields(label: str, names: Iterable[str]) -> tuple[Any, list[Any]]:
    try:
        model: Any = apps.get_model(label)._meta.concrete_model
        fields = [model._meta.get_field(name) for name in names]
    except (LookupError, ValueError, FieldDoesNotExist) as error:
        message = f"--key {label}={','.join(names)}: {error}"
        raise LoaddataStdinError(message) from error
    for field in fields:
        is_column = field in model._meta.local_concrete_fields
        if not is_column or field.primary_key or model._meta.pk.column is None:
            message = (
                f"--key {label}={field.name}: a key is made of columns of the model's own"
                " table, and tells rows that have a primary key of one column."
            )
            raise LoaddataStdinError(message)
    return model, fields
