"""Read scalars by the type of the field they are for, never by YAML's guess."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from wagtailimporter.exceptions import ImportFailed, suggestion
from wagtailimporter.parse.values import Mapping, Scalar, Sequence, Value

__all__ = ["boolean", "form_value", "json_value", "model_value", "scalar"]

# The words of YAML 1.1: what people who write YAML by hand mean by them.
_BOOLEANS = dict.fromkeys(("true", "yes", "on"), True) | dict.fromkeys(
    ("false", "no", "off"), False
)


def scalar(value: Value, wanted: str = "one value") -> Scalar:
    """Return `value`, which must be a scalar without a tag.

    Raises:
        ImportFailed: it is a list, a mapping or a reference.
    """
    if isinstance(value, Scalar) and not value.tag:
        return value
    kind = value.tag or type(value).__name__.lower()
    raise ImportFailed.at(value.place, f"expected {wanted}, got a {kind}.")


def boolean(value: Value) -> bool:
    """Return true/yes/on and false/no/off, in any case, as a bool.

    Raises:
        ImportFailed: it is something else.
    """
    text = scalar(value, "true or false").text
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        message = f"expected true or false, got '{text}'."
        raise ImportFailed.at(value.place, message) from None


def model_value(field: models.Field[Any, Any], value: Value) -> Any:
    """Return what a plain model field stores for `value`.

    Text fields get the scalar as it is written (`no`, `010` and `2024` too);
    null is None only where the field can hold it.

    Raises:
        ImportFailed: the field cannot hold it.
    """
    if field.null and isinstance(value, Scalar) and value.is_null:
        return None
    if isinstance(field, models.JSONField):
        return json_value(value)
    if isinstance(field, models.BooleanField):
        return boolean(value)
    item = getattr(field, "base_field", None)  # PostgreSQL's ArrayField
    if item is not None and isinstance(value, Sequence):
        items = [model_value(item, part) for part in value.items]
        return _to_python(field, items, value)
    composite = getattr(field, "composite", None)  # A PostgreSQL composite type
    if composite is not None and isinstance(value, Mapping):
        return _composite_value(composite, value)
    return _aware(_to_python(field, scalar(value).text, value))


def _to_python(field: models.Field[Any, Any], native: Any, value: Value) -> Any:
    """Return what the field makes of it, which may be another list or order."""
    try:
        return field.to_python(native)
    except ValidationError as error:
        raise ImportFailed.at(value.place, " ".join(error.messages)) from error


def _composite_value(composite: Any, value: Mapping) -> Any:
    """Return the value whose members a mapping gives; others get their default."""
    members = {member.name: member for member in composite._meta.fields}
    for name, place in value.places.items():
        if name not in members:
            message = f"{composite.__name__} has no member '{name}'; "
            raise ImportFailed.at(place, message + suggestion(name, members))
    return composite(
        **{
            name: model_value(members[name], part)
            for name, part in value.entries.items()
        }
    )


def form_value(field: forms.Field, value: Value) -> Any:
    """Return what a form field makes of `value`, by the rules of `model_value`.

    Raises:
        ImportFailed: the field refuses it.
    """
    if isinstance(field, forms.BooleanField):
        return boolean(value)
    if isinstance(field, forms.MultipleChoiceField):
        if not isinstance(value, Sequence):
            raise ImportFailed.at(value.place, "expected a list of choices.")
        return [scalar(item).text for item in value.items]
    text = scalar(value).text
    try:
        return field.to_python(text)
    except ValidationError as error:
        message = f"{' '.join(error.messages)} (got '{text}')"
        raise ImportFailed.at(value.place, message) from error


def json_value(value: Value) -> Any:
    """Return `value` as JSON data: scalars that are JSON are read, others are text.

    Raises:
        ImportFailed: there is a reference in it.
    """
    if value.tag:
        message = f"'{value.tag}' cannot stand here: this is plain data."
        raise ImportFailed.at(value.place, message)
    if isinstance(value, Mapping):
        return {name: json_value(item) for name, item in value.entries.items()}
    if isinstance(value, Sequence):
        return [json_value(item) for item in value.items]
    if value.is_null:
        return None
    if not value.is_plain:
        return value.text
    try:
        return json.loads(value.text, parse_constant=str)
    except ValueError:
        return value.text


def _aware(native: Any) -> Any:
    is_naive = isinstance(native, datetime.datetime) and timezone.is_naive(native)
    return timezone.make_aware(native) if is_naive else native
