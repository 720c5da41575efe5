"""Give each field what it takes of what a fixture holds.

YAML reads `010` as 8 and XML holds nothing but text: which reading is right is known
from the field.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from loaddata_stdin.model.natural_keys import natural_fields
from loaddata_stdin.objects import FixtureObject, native, written

__all__ = ["key_for", "typed", "value_for"]

# What they take from a text is what the text says; of 1:20 or 010 they take nothing else.
_TEXTUAL = (
    models.CharField,
    models.DecimalField,
    models.DurationField,
    models.FileField,
    models.FilePathField,
    models.GenericIPAddressField,
    models.TextField,
    models.TimeField,
    models.UUIDField,
)

_BOOLEANS = {True: "true", False: "false"}

# Any in this module: whatever a fixture can hold, and fields of any value.


def typed(model: type[models.Model], item: FixtureObject) -> dict[str, Any]:
    """Return an object's mapping as Django's "python" deserializer takes it.

    Raises:
        ValueError: XML holds no JSON where a JSONField wants it.
    """
    values = item.values
    if item.format in {"json", "jsonl"}:
        return values
    fields = {
        name: value_for(_field(model, name), value, item.format)
        for name, value in item.fields.items()
    }
    if "pk" in values:
        pk = value_for(model._meta.pk, values["pk"], item.format)
        return {**values, "pk": pk, "fields": fields}
    return {**values, "fields": fields}


def value_for(field: Any, value: Any, format_name: str) -> Any:
    """Return what a field's `to_python` takes of a value; for a relation, the keys.

    Args:
        field: a field of a model; None stands for one that the model has not.
        value: of a `FixtureObject`.
        format_name: the object's format.

    Raises:
        ValueError: XML holds no JSON where a JSONField wants it.
    """
    if format_name != "xml":
        return _yaml_value(field, value)
    if isinstance(value, list) and field is not None and not field.is_relation:
        # What looks like a natural key is to any other field the text that it holds.
        value = "".join(map(str, value))
    if isinstance(value, str) and _is_json(field):
        try:
            return json.loads(value, cls=field.decoder)
        except ValueError as error:
            message = f"field {field.name}: no JSON: {error}"
            raise ValueError(message) from error
    return value


def key_for(relation: Any, parts: list[Any]) -> list[Any]:
    """Return what `get_by_natural_key` takes of a natural key in YAML.

    Args:
        relation: the field that has it.
        parts: of a `FixtureObject`.
    """
    fields = natural_fields(relation.remote_field.model)
    if len(fields) != len(parts):
        return [_plainly_written(part) for part in parts]
    return [_yaml_value(*each) for each in zip(fields, parts, strict=True)]


def _field(model: type[models.Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _is_json(field: Any) -> bool:
    is_field = field is not None and not field.is_relation
    return is_field and field.get_internal_type() == "JSONField"


def _yaml_value(field: Any, value: Any) -> Any:
    if isinstance(value, list) and isinstance(field, models.CompositePrimaryKey):
        parts = zip(field.fields, value, strict=False)
        return [_yaml_value(part, item) for part, item in parts]
    if field is None or not field.is_relation:
        return written(value) if _is_textual(field) else native(value)
    if isinstance(value, list) and field.many_to_many:
        return [_reference(field, item) for item in value]
    return _reference(field, value)


def _reference(relation: Any, value: Any) -> Any:
    if isinstance(value, list):
        return key_for(relation, value)
    return _yaml_value(getattr(relation, "target_field", None), value)


def _plainly_written(part: Any) -> Any:
    """Return a scalar where it was written as JSON has it, else its text."""
    value, text = native(part), written(part)
    if isinstance(value, bool):
        return value if text == _BOOLEANS[value] else text
    is_number = isinstance(value, (int, float))
    return value if is_number and str(value) == text else text


def _is_textual(field: Any) -> bool:
    while hasattr(field, "base_field"):  # Of the items of an array
        field = field.base_field
    return isinstance(field, _TEXTUAL)
