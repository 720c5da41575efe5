"""The base field that an enum's members need."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any

from django.db import models

from choice_array_field.members.choices import Choices, value_of

__all__ = ["base_field_for"]

# A bool is an int and a datetime is a date: the narrower type comes first.
FIELD_CLASSES: dict[type, type[models.Field[Any, Any]]] = {
    bool: models.BooleanField,
    int: models.IntegerField,
    float: models.FloatField,
    decimal.Decimal: models.DecimalField,
    datetime.datetime: models.DateTimeField,
    datetime.date: models.DateField,
    datetime.time: models.TimeField,
    uuid.UUID: models.UUIDField,
}
# Wide enough that a new member does not rewrite the table.
DECIMAL = {"max_digits": 40, "decimal_places": 12}
INTEGER = range(-(2**31), 2**31)


def base_field_for(enum_class: Any) -> models.Field[Any, Any]:
    """Return a field that holds the values of an enum, with them as its choices.

    Text has no length and decimals a fixed wide scale, so a longer member later does
    not change the column's type: that would rewrite the table and its GIN index.
    """
    values = [value_of(member) for member in enum_class]
    kinds = [
        kind
        for kind in FIELD_CLASSES
        if values and all(isinstance(value, kind) for value in values)
    ]
    field_class = FIELD_CLASSES[kinds[0]] if kinds else models.CharField
    options: dict[str, Any] = {}
    if field_class is models.DecimalField:
        options = DECIMAL
    elif field_class is models.IntegerField and not all(v in INTEGER for v in values):
        field_class = models.BigIntegerField
    return field_class(choices=Choices(enum_class).grouped or None, **options)
